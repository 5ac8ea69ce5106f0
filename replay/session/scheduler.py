"""One pass over a session: each turn is sent when its time has come and what it waits for has been answered.

The clock and the sleep are arguments, and so is what sends a turn. Knows nothing of bodies, of measures and of files.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from typing import Literal

from replay.result import ReplayResult
from replay.run.run import Sleep
from replay.session.steps import Step
from replay.transport.connection import Clock

Pace = Literal["none", "recorded"]
"""recorded: a turn isn't sent before as much time has passed as in the recording. none: as fast as answers come."""


Send = Callable[[Step, Callable[[], None]], Awaitable[ReplayResult]]
"""Sends a turn, and says when its request is on the wire."""


async def play(
    steps: Sequence[Step],
    send: Send,
    pace: Pace,
    on_result: Callable[[Step, ReplayResult], None],
    clock: Clock = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Each result is told as soon as it is there. A turn that failed counts as answered: what follows is still sent.

    No turn overtakes another: what a server's cache holds depends on their order, also where they overlap.
    """
    answered, gone = ({step.number: asyncio.Event() for step in steps} for _ in range(2))
    before = {step.number: earlier.number for earlier, step in pairwise(steps)}
    begun = clock()

    async def turn(step: Step) -> None:
        for number in step.after:
            await answered[number].wait()
        if pace == "recorded" and (left := begun + step.offset - clock()) > 0:
            await sleep(left)
        if step.number in before:
            await gone[before[step.number]].wait()
        result = await send(step, gone[step.number].set)
        gone[step.number].set()  # also where it was never sent
        on_result(step, result)
        answered[step.number].set()

    try:
        async with asyncio.TaskGroup() as tasks:
            for step in steps:
                tasks.create_task(turn(step))
    except ExceptionGroup as group:  # such as a full disk, where results are saved
        raise group.exceptions[0] from None
