"""One pass over a session: each turn is sent when its time has come and the turns it waits for have been answered."""

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
"""recorded: no turn is sent earlier than it was in the recording. none: as fast as answers come."""


Send = Callable[[Step, Callable[[], None]], Awaitable[ReplayResult]]
"""Sends a turn; calls its second argument as soon as the request is on the wire."""


async def play(
    steps: Sequence[Step],
    send: Send,
    pace: Pace,
    on_result: Callable[[Step, ReplayResult], None],
    clock: Clock = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Send all steps, and report each result at once. A turn that failed counts as answered: later ones are still sent.

    No turn overtakes another: what a server's cache holds depends on their order, also where they overlap.
    """
    answered, sent = ({step.number: asyncio.Event() for step in steps} for _ in range(2))
    before = {step.number: earlier.number for earlier, step in pairwise(steps)}
    begun = clock()

    async def turn(step: Step) -> None:
        for number in step.after:
            await answered[number].wait()
        if pace == "recorded" and (left := begun + step.offset - clock()) > 0:
            await sleep(left)
        if step.number in before:
            await sent[before[step.number]].wait()
        result = await send(step, sent[step.number].set)
        sent[step.number].set()  # also where it was never sent
        on_result(step, result)
        answered[step.number].set()

    try:
        async with asyncio.TaskGroup() as tasks:
            for step in steps:
                tasks.create_task(turn(step))
    except ExceptionGroup as group:  # such as a full disk, where results are saved
        raise group.exceptions[0] from None
