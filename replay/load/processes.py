"""The lanes of a load spread over processes of this machine: one for each core, and all begin at one moment.

An agent's session stays in one process. A process that dies costs its lanes, and they are named; the others go on.
Another engine can take the place of `Local`: whatever is a `Placement`.
"""

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.connection import Connection
from typing import Any, Protocol

from replay.load.arrivals import Share, starts
from replay.load.plan import Level, LoadPlan
from replay.load.rows import Row
from replay.load.worker import Ended, Job, OnRow, cores, run_share

LANES = 16
"""Agents that one process easily serves: more processes than that needs would only disturb a server that runs here."""

HEAD_START = 0.25
"""Seconds from the last process's being ready to the moment at which all begin."""

TICK = 0.25
"""Seconds between two calls of `on_tick`."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A part of a load that ended before its time, with the lanes that it had to play."""

    name: str
    lanes: tuple[int, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Placed:
    """How a level was played: when it began (seconds since the epoch), how each part ended, and which were lost."""

    start_at: float
    ended: tuple[Ended, ...]
    lost: tuple[Lost, ...] = ()


class Placement(Protocol):
    """Where a level is played."""

    def play(self, job: Job, on_row: OnRow, on_tick: Callable[[float], None]) -> Placed:
        """Play a level to its end. Each row is given to `on_row` as soon as it is here, in no order.

        `on_tick` is called now and then with the seconds since the level began. What ends it early (KeyboardInterrupt)
        also ends whatever it has started.
        """
        ...


def processes_for(plan: LoadPlan, level: Level, run: int) -> int:
    """Return how many processes suit a level on this machine: one for every 16 lanes, at most one a core."""
    lanes = sum(1 for _ in starts(plan, level, run))
    return max(1, min(cores(), -(-lanes // LANES)))


@dataclass(frozen=True, slots=True)
class Local:
    """Plays a level in processes of this machine; `processes`: how many; None: as many as suit it."""

    processes: int | None = None

    def play(self, job: Job, on_row: OnRow, on_tick: Callable[[float], None]) -> Placed:
        """Play a level to its end: see `Placement`."""
        of = self.processes or processes_for(job.plan, job.level, job.run)
        started: list[_Child] = []
        try:
            for index in range(of):
                started.append(_Child(job, Share(index, of)))
            living = [child for child in started if child.is_ready()]
            start_at = time.time() + HEAD_START
            for child in living:
                child.begin(start_at)
            _collect(living, start_at, on_row, on_tick)
        finally:
            for child in started:
                child.end()
        ended = tuple(child.ended for child in started if child.ended is not None)
        return Placed(start_at, ended, tuple(child.lost() for child in started if child.ended is None))


def _collect(living: "Sequence[_Child]", start_at: float, on_row: OnRow, on_tick: Callable[[float], None]) -> None:
    """Take what the processes send, until each has ended."""
    open_ = {child.pipe: child for child in living}
    while open_:
        for pipe in connection.wait(list(open_), TICK):
            child = open_[pipe]  # type: ignore[index]
            try:
                received = child.pipe.recv()
            except (EOFError, OSError):
                del open_[child.pipe]
                continue
            if isinstance(received, Row):
                on_row(received)
            else:
                child.ended = received
                del open_[child.pipe]
        on_tick(max(0.0, time.time() - start_at))


class _Child:
    """A process with its share of a level."""

    def __init__(self, job: Job, share: Share) -> None:
        self._job = job
        self._share = share
        self.ended: Ended | None = None
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_child, args=(theirs,), daemon=True)
        with _interrupts_ignored():
            self._process.start()
        theirs.close()
        with suppress(OSError):  # it died at once: `is_ready` finds out
            self.pipe.send((job, share))

    def is_ready(self) -> bool:
        """Wait until the process has all it needs, and return whether it lives."""
        try:
            return bool(self.pipe.recv())
        except (EOFError, OSError):
            return False

    def begin(self, start_at: float) -> None:
        with suppress(OSError):
            self.pipe.send(start_at)

    def end(self) -> None:
        """End the process, by force where it doesn't end itself."""
        if self.ended is None:
            self._process.terminate()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self.pipe.close()

    def lost(self) -> Lost:
        job = self._job
        lanes = tuple(start.lane for start in starts(job.plan, job.level, job.run) if self._share.holds(start.lane))
        code = self._process.exitcode
        why = f"killed by signal {-code}" if code is not None and code < 0 else f"ended with exit code {code}"
        return Lost(f"process {self._share.index + 1} of {self._share.of}", lanes, why)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Let a process that starts here ignore Ctrl-C, which a terminal sends to all: this one ends the others."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _child(pipe: "Connection[Any, Any]") -> None:
    """Play a share in this process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        job, share = pipe.recv()
        gc.collect()
        gc.freeze()  # the requests stay to the end: no collection need look at them again
        pipe.send(True)
        pipe.send(run_share(job, share, pipe.recv(), pipe.send))
    except (EOFError, BrokenPipeError):
        return  # nobody is left to tell


def _end_with_parent() -> None:
    """End this process as soon as the one that started it has ended, however that came."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
