"""When each turn of a session is sent: by a clock that only moves when everything waits."""

import asyncio
from collections.abc import Callable, Iterable

import pytest

from replay.result import ReplayResult
from replay.session.scheduler import Pace, play
from replay.session.steps import Step, plan
from tests.support import replays
from tests.support.made_time import Time, run
from tests.support.planned import Sent, session

RESULT = replays.result()


def played(sent: Iterable[Sent], takes: float, pace: Pace) -> dict[int, float]:
    """When each turn was sent, in seconds after the first; every answer takes as long."""
    time, moments = Time(), {}

    async def send(step: Step, gone: Callable[[], None]) -> ReplayResult:
        moments[step.number] = time.now - 100
        gone()
        await time.sleep(takes)
        return RESULT

    def report(step: Step, result: ReplayResult) -> None:
        pass

    run(lambda: play(plan(session(*sent)), send, pace, report, lambda: time.now, time.sleep), time)
    return moments


IN_A_ROW = [Sent(0, 1), Sent(10, 1, follows=1), Sent(12, 1, follows=2)]
OVERLAPPING = [Sent(0, 1), Sent(2, 5, "a"), Sent(3, 5, "b"), Sent(9, 1)]


@pytest.mark.parametrize(
    ("sent", "takes", "pace", "expected"),
    [
        (IN_A_ROW, 2, "none", {1: 0, 2: 2, 3: 4}),
        (IN_A_ROW, 2, "recorded", {1: 0, 2: 10, 3: 12}),
        (IN_A_ROW, 5, "recorded", {1: 0, 2: 10, 3: 15}),  # never before the turn it follows has been answered
        (OVERLAPPING, 3, "none", {1: 0, 2: 3, 3: 3, 4: 6}),
        (OVERLAPPING, 1, "recorded", {1: 0, 2: 2, 3: 3, 4: 9}),
    ],
)
def test_each_turn_is_sent_in_its_time(sent: list[Sent], takes: float, pace: Pace, expected: dict[int, float]) -> None:
    assert played(sent, takes, pace) == expected


@pytest.mark.parametrize("pace", ["none", "recorded"])
def test_turns_that_overlap_keep_their_order_however_long_one_takes_to_be_sent(pace: Pace) -> None:
    sent: list[int] = []

    async def send(step: Step, gone: Callable[[], None]) -> ReplayResult:
        await asyncio.sleep(0.05 / step.number)  # its trace is read, its connection opened
        sent.append(step.number)
        gone()
        await asyncio.sleep(0.05 * step.number)
        return RESULT

    overlapping = [Sent(0, 0.05), Sent(0.06, 5, "a"), Sent(0.06, 5, "b"), Sent(0.06, 5, "c")]
    asyncio.run(play(plan(session(*overlapping)), send, pace, lambda step, result: None))
    assert sent == [1, 2, 3, 4]


def test_a_turn_that_was_never_sent_delays_no_other() -> None:
    reported: list[int] = []

    async def send(step: Step, gone: Callable[[], None]) -> ReplayResult:
        return replays.failed()

    asyncio.run(play(plan(session(*OVERLAPPING)), send, "none", lambda step, result: reported.append(step.number)))
    assert sorted(reported) == [1, 2, 3, 4]


def test_each_result_is_reported_at_once_and_a_failure_stops_nothing() -> None:
    reported: list[tuple[int, bool]] = []

    async def send(step: Step, gone: Callable[[], None]) -> ReplayResult:
        return replays.failed() if step.number == 1 else RESULT

    asyncio.run(
        play(
            plan(session(*IN_A_ROW)), send, "none", lambda step, result: reported.append((step.number, result.success))
        )
    )
    assert reported == [(1, False), (2, True), (3, True)]


def test_an_error_while_a_result_is_saved_ends_the_pass_and_is_raised() -> None:
    async def send(step: Step, gone: Callable[[], None]) -> ReplayResult:
        return RESULT

    def tell(step: Step, result: ReplayResult) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        asyncio.run(play(plan(session(*IN_A_ROW)), send, "none", tell))
