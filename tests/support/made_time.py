"""A clock that only moves when everything waits: once all tasks sleep, the next of them wakes."""

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from typing import Any


class Time:
    """A clock and a sleep of its own, which begin at `now`."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now
        self._waiting: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0

    async def sleep(self, seconds: float) -> None:
        self._count += 1
        woken = asyncio.Event()
        heapq.heappush(self._waiting, (self.now + seconds, self._count, woken))
        await woken.wait()

    async def flow(self) -> None:
        while True:
            for _ in range(20):
                await asyncio.sleep(0)
            if self._waiting:
                self.now, _, woken = heapq.heappop(self._waiting)
                woken.set()


def run(work: Callable[[], Coroutine[Any, Any, None]], time: Time) -> None:
    """Run what waits by this clock, to its end."""

    async def running() -> None:
        flow = asyncio.create_task(time.flow())
        try:
            await work()
        finally:
            flow.cancel()

    asyncio.run(running())
