"""One agent at work: it plays a session's turns, each when its time has come, and then the next session.

Times are seconds since the run began; the clock and the sleep are arguments.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from replay.load.plan import Think
from replay.load.script import Script, ScriptTurn

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Due:
    """A turn whose time has come: which one, of which visit of its lane, when it was due, and the pause before it."""

    script: Script
    turn: ScriptTurn
    lane: int
    visit: int
    at: float
    pause: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a lane needs to know of an answer: whether it came, when it ended, and how long to wait where it didn't.

    ended   seconds since the run began; None: now
    wait    seconds that the server asks to wait for; 0 where it says nothing
    """

    ok: bool
    wait: float = 0.0
    ended: float | None = None


Send = Callable[[Due], Awaitable[Outcome | None]]
"""Sends a turn. None means that nothing was sent, and that nothing more shall be."""

FIRST_WAIT = 1.0
LONGEST_WAIT = 30.0
"""Seconds that a lane waits after a failure; twice as long after each further one. A client that asked again at once
would be no agent, and would bury a server that is down."""


async def work(
    lane: int,
    scripts: Iterable[Script],
    begins: float,
    until: float,
    think: Think,
    send: Send,
    clock: Clock,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Play these sessions one after the other, from `begins` on. No turn is sent that is due later than `until`."""
    if begins >= until:
        return
    await _sleep_until(begins, clock, sleep)
    ready = begins
    for visit, script in enumerate(scripts, 1):
        visiting = _Visit(lane, visit, script, ready, until, think, send, clock, sleep)
        if not await visiting.play():
            return
        ready = clock()


class _Visit:
    """One session, played once."""

    def __init__(
        self,
        lane: int,
        number: int,
        script: Script,
        begun: float,
        until: float,
        think: Think,
        send: Send,
        clock: Clock,
        sleep: Sleep,
    ) -> None:
        self._lane = lane
        self._number = number
        self._script = script
        self._begun = begun
        self._until = until
        self._think = think
        self._send = send
        self._clock = clock
        self._sleep = sleep
        self._missing = {turn.number: set(turn.after) for turn in script.turns}
        self._waiting: dict[int, list[ScriptTurn]] = {}
        for turn in script.turns:
            for number in turn.after:
                self._waiting.setdefault(number, []).append(turn)
        self._failures = 0
        self._is_over = False

    async def play(self) -> bool:
        """Play the session and return whether it came to its end; if not, the time is up."""
        async with asyncio.TaskGroup() as self._tasks:
            for turn in self._script.turns:
                if not turn.after:
                    self._tasks.create_task(self._turn(turn, self._begun))
        return not self._is_over

    async def _turn(self, turn: ScriptTurn, ready: float) -> None:
        """Send a turn, then those that waited for it alone. A failure counts as an answer: the agent goes on."""
        pause = self._think.pause(turn.pause)
        due = ready + pause
        if due >= self._until:
            self._is_over = True
            return
        await _sleep_until(due, self._clock, self._sleep)
        outcome = await self._send(Due(self._script, turn, self._lane, self._number, due, pause))
        if outcome is None:
            self._is_over = True
            return
        ended = (self._clock() if outcome.ended is None else outcome.ended) + self._wait(outcome)
        for other in self._waiting.get(turn.number, ()):
            missing = self._missing[other.number]
            missing.remove(turn.number)
            if not missing:
                self._tasks.create_task(self._turn(other, ended))

    def _wait(self, outcome: Outcome) -> float:
        if outcome.ok:
            self._failures = 0
            return 0.0
        self._failures += 1
        return outcome.wait or min(FIRST_WAIT * 2.0 ** (self._failures - 1), LONGEST_WAIT)


async def _sleep_until(moment: float, clock: Clock, sleep: Sleep) -> None:
    if (left := moment - clock()) > 0:
        await sleep(left)
