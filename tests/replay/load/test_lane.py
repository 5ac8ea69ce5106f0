"""When an agent sends each turn: by a clock that only moves when everything waits."""

from collections.abc import Callable, Sequence
from itertools import repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replay.load.lane import Due, Outcome, work
from replay.load.plan import Think
from replay.load.script import Script
from tests.support.load_scripts import chain, turn
from tests.support.made_time import Time, run

AS_RECORDED = Think(1.0, 60.0)
OK = Outcome(True)


def played(
    scripts: Sequence[Script],
    *,
    takes: float = 2.0,
    begins: float = 0.0,
    until: float = 1000.0,
    think: Think = AS_RECORDED,
    answer: Callable[[Due], Outcome | None] = lambda due: OK,
) -> list[tuple[int, int, float]]:
    """Return the visit, the turn, and the moment of each that was sent; every answer takes as long."""
    time, sent = Time(0.0), []

    async def send(due: Due) -> Outcome | None:
        outcome = answer(due)
        if outcome is not None:
            assert time.now == pytest.approx(due.at)
            sent.append((due.visit, due.turn.number, time.now))
            await time.sleep(takes)
        return outcome

    run(lambda: work(1, scripts, begins, until, think, send, lambda: time.now, time.sleep), time)
    return sent


def test_an_agent_answers_as_long_after_an_answer_as_it_did_in_the_recording() -> None:
    script = Script("s", (turn(1), turn(2, 1, pause=3.0), turn(3, 2, pause=0.5)))
    assert played([script]) == [(1, 1, 0.0), (1, 2, 5.0), (1, 3, 7.5)]


@pytest.mark.parametrize(
    ("think", "moments"), [(Think(0.0), [0.0, 2.0]), (Think(2.0), [0.0, 8.0]), (Think(1.0, 1.0), [0.0, 3.0])]
)
def test_pauses_can_be_left_out_multiplied_and_cut(think: Think, moments: list[float]) -> None:
    assert [at for *_, at in played([Script("s", (turn(1), turn(2, 1, pause=3.0)))], think=think)] == moments


def test_subagents_work_at_the_same_time_and_who_started_them_waits_for_both() -> None:
    script = Script("s", (turn(1), turn(2, 1, pause=0.1), turn(3, 1, pause=0.2), turn(4, 1, 2, 3, pause=1.0)))
    assert played([script], takes=2.0) == [(1, 1, 0.0), (1, 2, 2.1), (1, 3, 2.2), (1, 4, pytest.approx(5.2))]


def test_one_session_follows_another_at_once() -> None:
    assert played([chain(2, pause=1.0), chain(1)], takes=2.0, begins=5.0) == [(1, 1, 5.0), (1, 2, 8.0), (2, 1, 10.0)]


def test_no_turn_is_sent_that_is_due_after_the_end_and_nobody_waits_for_it() -> None:
    assert played([chain(3, pause=100.0)], until=60.0) == [(1, 1, 0.0)]
    assert played([chain(1)], begins=60.0, until=60.0) == []


def test_sessions_without_end_end_with_the_time() -> None:
    sent = played(list(repeat(chain(2), 50)), takes=2.0, until=30.0)
    assert max(at for *_, at in sent) < 30.0
    assert max(visit for visit, *_ in sent) == 6


def test_after_a_failure_an_agent_goes_on_and_waits_longer_each_time() -> None:
    sent = played([chain(4, pause=0.0)], takes=0.0, answer=lambda due: Outcome(due.turn.number == 3))
    assert sent == [(1, 1, 0.0), (1, 2, 1.0), (1, 3, 3.0), (1, 4, 3.0)]


def test_where_the_server_says_when_to_come_back_an_agent_does_so() -> None:
    sent = played([chain(2, pause=0.0)], takes=0.0, answer=lambda due: Outcome(False, 7.0))
    assert sent == [(1, 1, 0.0), (1, 2, 7.0)]


def test_where_nothing_more_shall_be_sent_a_lane_ends() -> None:
    sent = played(list(repeat(chain(3), 9)), answer=lambda due: OK if due.turn.number < 3 else None)
    assert [number for _, number, _ in sent] == [1, 2]


@settings(max_examples=25)
@given(st.data())
def test_every_turn_is_sent_once_after_those_it_waits_for(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 8))
    earlier = [data.draw(st.sets(st.sampled_from(range(1, n)))) if n > 1 else set() for n in range(1, count + 1)]
    pauses = [data.draw(st.sampled_from([0.0, 0.25, 3.0])) for _ in range(count)]
    turns = [turn(n, *sorted(earlier[n - 1]), pause=pauses[n - 1]) for n in range(1, count + 1)]
    at = {number: moment for _, number, moment in played([Script("s", tuple(turns))], takes=2.0)}
    assert sorted(at) == list(range(1, count + 1))
    for each in turns:
        ready = max((at[number] + 2.0 for number in each.after), default=0.0)
        assert at[each.number] == pytest.approx(ready + each.pause)
