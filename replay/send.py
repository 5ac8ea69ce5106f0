"""One request out, one answer in, with all that is needed to measure it and to know whether the measure can be trusted.

This module knows nothing of what an answer means, and nothing of runs.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from replay.answer import Answer
from replay.connection import Clock, connect, failure, reader
from replay.http import NotHttp
from replay.model import Exchange, Load, Prepared, Progress

TICK = 0.1
"""Seconds between two looks at the timeouts; each also tells how late the loop is."""

GRACE = 2.0
"""Seconds that a connection may stay open after the answer's closing event."""


async def send(
    prepared: Prepared,
    clock: Clock = time.perf_counter,
    timeout: float = 600.0,
    stall_timeout: float = 300.0,
    on_progress: Callable[[Progress], None] | None = None,
    cpu_clock: Clock = time.process_time,
) -> Exchange:
    """Sends the request and reads its answer to the end. Whatever goes wrong is the exchange's `error`."""
    started = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    before = clock()
    try:
        request = reader(prepared.target, "POST", prepared.path, prepared.body, prepared.headers)
        connection = await connect(prepared.target, clock, timeout)
    except (NotHttp, OSError) as error:
        return Exchange(prepared, started, error=failure(error, timeout))
    answer, watch = Answer(prepared, request), _Watch(clock, cpu_clock)
    connected = clock() - before
    start = connection.request(request.request, answer)
    try:
        while not connection.over.done():
            await asyncio.wait([connection.over], timeout=watch.until_tick())
            watch.tick(early=connection.over.done())
            elapsed = clock() - start
            _give_up(answer, elapsed, timeout, stall_timeout)
            if answer.finished:
                break
            if on_progress:
                on_progress(answer.progress(elapsed))
        return answer.exchange(started, connected, watch.load())
    finally:
        connection.transport.abort()


def _give_up(answer: Answer, elapsed: float, timeout: float, stall_timeout: float) -> None:
    """Pings and headers are no content: until that comes, the model is still reading."""
    silent = elapsed - (answer.last_at or 0.0)
    if answer.closed_by_event and silent >= GRACE:
        answer.leave()
    elif not answer.chunks and elapsed >= timeout:
        answer.fail("timeout", f"no content within {timeout:g} s (--timeout)", elapsed)
    elif answer.chunks and silent >= stall_timeout:
        answer.fail("stalled", f"nothing more came for {stall_timeout:g} s (--stall-timeout)", elapsed)


class _Watch:
    """How busy this process was, and how late its loop came."""

    def __init__(self, clock: Clock, cpu_clock: Clock) -> None:
        self._clock = clock
        self._cpu_clock = cpu_clock
        self._start, self._cpu = clock(), cpu_clock()
        self._due = self._start + TICK
        self._late = 0.0

    def until_tick(self) -> float:
        return max(0.0, self._due - self._clock())

    def tick(self, early: bool) -> None:
        """An end that came before its time says nothing."""
        now = self._clock()
        if not early:
            self._late = max(self._late, now - self._due)
        self._due = now + TICK

    def load(self) -> Load:
        elapsed = self._clock() - self._start
        return Load((self._cpu_clock() - self._cpu) / elapsed if elapsed else 0.0, self._late)
