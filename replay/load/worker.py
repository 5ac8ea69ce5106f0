"""One process's part of a load: its lanes at work, and a row for each request they made.

`run_share` is a plain function of things that can be pickled, so that any engine can place it in a process of its own,
on this machine or on another.
"""

import asyncio
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from replay.exchange import ReplayError, Sent
from replay.load import arrivals, lane
from replay.load.arrivals import Share
from replay.load.history import Histories
from replay.load.lane import Due, Outcome
from replay.load.marks import marker_of, put
from replay.load.measured import row_of
from replay.load.plan import Level, LoadPlan
from replay.load.rows import Row
from replay.load.script import Script
from replay.transport.send import send

OnRow = Callable[[Row], None]

UNREACHABLE = ("refused", "unreachable", "server_disconnected")
"""Failures that say that there is no server any more, where nothing else comes for a while."""

PATIENCE = 15.0
"""Seconds without a single answer, but with such failures, after which a process gives up on the server."""

LOOK = 0.5
"""Seconds between two looks at whether it is over."""


@dataclass(frozen=True, slots=True)
class Job:
    """A level to be played, the same for all processes.

    load     an id that is new with every load: the markers of copies are made of it
    run      which of the load's runs it is, from 1
    """

    plan: LoadPlan
    level: Level
    run: int
    load: str
    scripts: Sequence[Script] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process's part came to its end.

    gave_up   why it ended before its time; "" where it didn't
    """

    share: Share
    rows: int
    gave_up: str = ""


def run_share(
    job: Job, share: Share, start_at: float, on_row: OnRow, is_over: Callable[[], bool] = lambda: False
) -> Ended:
    """Play a share of a level, and give each row to `on_row` at once.

    `start_at` is the moment at which all processes begin, in seconds since the epoch. As soon as `is_over` says so,
    whatever is under way is dropped.
    """
    return asyncio.run(_Worker(job, share, start_at, on_row).play_until(is_over))


class Reach:
    """Whether the server can still be reached. `gave_up` says why not, once that is sure."""

    def __init__(self) -> None:
        self.gave_up = ""
        self._lost_since: float | None = None

    def note(self, error: ReplayError | None, now: float) -> None:
        """Take the outcome of a request at a moment in seconds."""
        if error is None or error.kind not in UNREACHABLE:
            self._lost_since = None
            return
        self._lost_since = now if self._lost_since is None else self._lost_since
        if now - self._lost_since >= PATIENCE:
            self.gave_up = f"the server was gone for {PATIENCE:g} s: {error.message}"


class _Worker:
    def __init__(self, job: Job, share: Share, start_at: float, on_row: OnRow) -> None:
        self._job = job
        self._share = share
        self._start_at = start_at
        self._on_row = on_row
        self._begun = time.perf_counter() + start_at - time.time()
        self._left = None if job.plan.max_requests is None else share.part_of(job.plan.max_requests)
        self._histories = Histories(job.plan.answers)
        self._rows = 0
        self._reach = Reach()

    def _clock(self) -> float:
        """Return the seconds since the run began."""
        return time.perf_counter() - self._begun

    async def play_until(self, is_over: Callable[[], bool]) -> Ended:
        playing = asyncio.ensure_future(self.play())
        while not playing.done():
            await asyncio.wait([playing], timeout=LOOK)
            if is_over():
                playing.cancel()
        return Ended(self._share, self._rows) if playing.cancelled() else playing.result()

    async def play(self) -> Ended:
        job, plan = self._job, self._job.plan
        async with asyncio.TaskGroup() as tasks:
            for start in arrivals.starts(plan, job.level, job.run):
                if not self._share.holds(start.lane):
                    continue
                order = arrivals.sessions(plan, job.run, start.lane, len(job.scripts))
                scripts = map(job.scripts.__getitem__, islice(order, 1 if start.once else None))
                tasks.create_task(
                    lane.work(start.lane, scripts, start.at, plan.duration, plan.think, self._send, self._clock)
                )
        return Ended(self._share, self._rows, self._reach.gave_up)

    async def _send(self, due: Due) -> Outcome | None:
        if self._reach.gave_up or self._left == 0:
            return None
        if self._left is not None:
            self._left -= 1
        job, plan = self._job, self._job.plan
        marker = marker_of(job.load, job.run, due.lane, due.visit)
        body, history = self._histories.body(due, put(due.turn.prepared.body, marker))
        prepared = replace(due.turn.prepared, body=body)
        moments = [self._clock()]
        sent = await send(
            prepared,
            timeout=plan.timeout,
            stall_timeout=plan.stall_timeout,
            on_sent=lambda: moments.append(self._clock()),
        )
        sent_at = moments[-1]  # where nothing went out: when that was tried
        self._histories.answered(due, sent)
        self._keep(due, sent, sent_at, history)
        self._reach.note(sent.error, self._clock())
        wait = sent.error.retry_after or 0.0 if sent.error else 0.0
        return Outcome(sent.error is None, wait, None if sent.total is None else sent_at + sent.total)

    def _keep(self, due: Due, sent: Sent, sent_at: float, history: str) -> None:
        job = self._job
        row = row_of(
            due,
            sent,
            sent_at,
            run=job.run,
            level=job.level.name,
            load=job.level.load,
            warmup=job.plan.warmup,
            keep_stamps=job.plan.keep_stamps,
        )
        self._rows += 1
        node, process = platform.node(), self._share.index + 1
        self._on_row(replace(row, node=node, process=process, at=self._start_at + sent_at, history=history))


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
