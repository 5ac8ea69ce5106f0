"""Which turns of a session are sent again, and what each of them waits for."""

from dataclasses import replace

import pytest

from replay.session.steps import describe_left_out, join, plan
from tests.support.planned import Sent, session

WAITS: dict[str, tuple[list[Sent], dict[int, tuple[int, ...]]]] = {
    "one after the other": (
        [Sent(0, 2), Sent(5, 2, follows=1), Sent(9, 2, follows=2)],
        {1: (), 2: (1,), 3: (2,)},
    ),
    "two agents that overlap, and one that goes on when both are done": (
        [Sent(0, 1), Sent(2, 5, "a"), Sent(2.1, 9, "b"), Sent(8, 1, "a", 2), Sent(12, 1, "main", 1)],
        {1: (), 2: (1,), 3: (1,), 4: (2,), 5: (1, 3, 4)},
    ),
    "a turn sent before the end of the answer that it carries on was recorded": (
        [Sent(0, 2), Sent(1.9, 2, follows=1)],
        {1: (), 2: (1,)},
    ),
    "another conversation in between": (
        [Sent(0, 1), Sent(2, 1, kind="TITLE", why="side"), Sent(4, 1, follows=1)],
        {1: (), 2: (1,), 3: (1, 2)},
    ),
    "a turn whose end nobody measured": (
        [Sent(0, None), Sent(5, 2), Sent(5.5, 2)],
        {1: (), 2: (1,), 3: (1,)},
    ),
    "a retry, which isn't sent: what carries it on waits for what it repeats": (
        [Sent(0, 9), Sent(1, 9, follows=1, why="retry"), Sent(5, 1, follows=2)],
        {1: (), 3: (1,)},
    ),
}


@pytest.mark.parametrize("case", WAITS)
def test_what_had_been_answered_before_a_turn_was_sent_comes_before_it_again(case: str) -> None:
    sent, expected = WAITS[case]
    assert {step.number: step.after for step in plan(session(*sent))} == expected


def test_the_schedule_begins_with_the_first_turn_that_is_sent() -> None:
    made = session(Sent(0, 1, kind="COUNT_TOKENS"), Sent(3, 1), Sent(4.5, 1))
    assert [(step.number, step.offset) for step in plan(made)] == [(2, 0.0), (3, 1.5)]


def test_what_is_left_out_is_reported() -> None:
    count, retry = Sent(0, 1, kind="COUNT_TOKENS"), Sent(4, 1, follows=2, why="retry")
    made = session(count, Sent(3, 1), retry, retry, Sent(5, 1, digest=b""))
    assert [step.number for step in plan(made)] == [2]
    words = ["2 retries of the client", "1 token count", "1 request whose body isn't recorded"]
    assert describe_left_out(made) == words


def test_a_session_with_nothing_to_send_has_no_steps() -> None:
    assert plan(session(Sent(0, 1, kind="COUNT_TOKENS"))) == []


def test_sessions_that_a_server_was_given_in_turns_become_one() -> None:
    one = session(Sent(0, 1), Sent(6, 1, follows=1))
    other = replace(session(Sent(3, 1), Sent(9, 1, "a"), Sent(12, 1, follows=1)), id="07e50000")
    together = join([one, other])
    assert [place.agent for place in together.places] == [
        *("5e551011 main", "07e50000 main", "5e551011 main", "07e50000 a", "07e50000 main")
    ]
    assert [place.follows for place in together.places] == [None, None, 1, None, 2]
    assert [agent.turns for agent in together.agents] == [(1, 3), (2, 5), (4,)]
    assert [step.offset for step in plan(together)] == [0, 3, 6, 9, 12]
    assert join([one]) is one


def test_sessions_that_begin_alike_keep_their_agents_apart() -> None:
    """One that has no id is called by a time, of which eight characters are a month."""
    for has_client_id in (False, True):
        made = (
            replace(session(Sent(number, 1)), id=f"2026-11-2{number}", has_client_id=has_client_id)
            for number in range(2)
        )
        together = join(list(made))
        assert [place.agent for place in together.places] == ["2026-11-20 main", "2026-11-21 main"]
        assert [agent.turns for agent in together.agents] == [(1,), (2,)]
        assert together.id == "2026-11-20 and 1 more"


def test_a_pause_is_from_the_last_answer_to_the_turn_also_where_that_answered_a_retry() -> None:
    made = session(Sent(0, 2), Sent(5, 10, follows=1), Sent(16, 2, follows=2, why="retry"), Sent(21, 1, follows=3))
    assert {step.number: step.pause for step in plan(made)} == {1: None, 2: 3.0, 4: 3.0}


def test_a_pause_isn_t_known_where_nobody_measured_the_end_of_the_answer() -> None:
    assert [step.pause for step in plan(session(Sent(0, None), Sent(5, 2, follows=1)))] == [None, None]


def test_a_turn_waits_only_for_those_it_can_wait_for() -> None:
    made = session(Sent(0, 1), Sent(2, 1, "a"), Sent(4, 1, "b"), Sent(9, 1, "a", follows=2))
    steps = plan(made, lambda place, earlier: place.agent == earlier.agent)
    assert {step.number: (step.after, step.pause) for step in steps} == {
        1: ((), None),
        2: ((), None),
        3: ((), None),
        4: ((2,), 6.0),
    }
