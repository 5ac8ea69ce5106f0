"""Turns of two sessions correspond by what was said in them."""

import pytest

from analysis.diff import document
from analysis.diff.alignment import align
from analysis.diff.steps import steps
from tests.support.side_by_side import fork, newer, older
from tests.support.talks import Talk, body, called, reminder, result, said, user


def aligned(left: Talk, right: Talk) -> list[tuple[int | None, int | None, str]]:
    """Return the numbers of the main agents' turns that correspond, and how they compare."""
    sides = [steps(talk.sessions[0], talk.sessions[0].agents[0]) for talk in (left, right)]
    return [
        (pair.left and pair.left.place.number, pair.right and pair.right.place.number, document.match(pair))
        for pair in align(*sides)
    ]


def talk(*asked: str, answers: str = "") -> Talk:
    """Return a conversation with these questions; its answers are numbered, or all end with the same letter."""
    found, history = Talk(), []
    for number, words in enumerate(asked, 1):
        history.append(user(words))
        answer = said(f"Answer {number}{answers}")
        found.ask(body(*history), answer)
        history.append(answer)
    return found


def test_a_session_is_the_same_as_itself() -> None:
    assert aligned(older(), older()) == [(1, 1, "same"), (2, 2, "same"), (3, 3, "same")]


def test_a_turn_more_moves_no_other() -> None:
    assert aligned(older(), newer()) == [(1, 1, "answer"), (None, 2, "right"), (2, 3, "same"), (3, 4, "answer")]
    assert aligned(newer(), older()) == [(1, 1, "answer"), (2, None, "left"), (3, 2, "same"), (4, 3, "answer")]


def test_a_fork_holds_the_history_of_the_other() -> None:
    assert aligned(older(), fork()) == [
        (1, 1, "right_history"),
        (2, 1, "right_history"),
        (3, 1, "answer"),
        (None, 2, "right"),
    ]
    assert [match for *_, match in aligned(fork(), older())] == ["left_history", "left_history", "answer", "left"]


def test_two_forks_of_one_session_share_its_history() -> None:
    history = (user("One"), said("Answer 1"), user("Two"), said("Answer 2"))
    left = Talk().ask(body(*history, user("Three")), said("Left"))
    right = Talk().ask(body(*history, user("Three")), said("Right"))
    assert aligned(left, right) == [(1, 1, "answer")]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (talk("One", "Two"), talk("One", "Two", "Three"), [(1, 1, "same"), (2, 2, "same"), (None, 3, "right")]),
        (talk("One", "Two"), talk("One", "Other"), [(1, 1, "same"), (2, 2, "question")]),
        (talk("One", "Two"), talk("One", "Two", answers="!"), [(1, 1, "answer"), (2, 2, "answer")]),
        (talk("One"), talk("Another", "And more"), [(1, 1, "question"), (None, 2, "right")]),
        (talk("Zero", "One"), talk("One"), [(1, None, "left"), (2, 1, "answer")]),
        (
            talk(*["Again"] * 4),
            talk(*["Again"] * 3),
            [(1, 1, "same"), (2, 2, "same"), (3, 3, "same"), (4, None, "left")],
        ),
    ],
)
def test_what_is_said_decides(left: Talk, right: Talk, expected: list[tuple[int | None, int | None, str]]) -> None:
    assert aligned(left, right) == expected


def test_what_the_client_adds_and_thinks_does_not_decide() -> None:
    left = Talk().ask(body(user(reminder("It is Monday."), "Go")), said("Yes", thought="Hm."))
    right = Talk().ask(body(user(reminder("It is Tuesday."), "Go")), said("Yes", thought="Well."))
    assert aligned(left, right) == [(1, 1, "same")]


def test_a_tools_results_tell_turns_apart_and_its_ids_do_not() -> None:
    def run(id: str, seen: str) -> Talk:
        call = called("Bash", id, command="ls")
        return Talk().ask(body(user("Go")), call).ask(body(user("Go"), call, result(id, seen)), said("So."))

    assert aligned(run("t1", "a.py"), run("t9", "a.py")) == [(1, 1, "same"), (2, 2, "same")]
    assert aligned(run("t1", "a.py"), run("t1", "b.py")) == [(1, 1, "same"), (2, 2, "question")]


def test_side_requests_and_refused_tries_are_no_turns() -> None:
    title = body(user("Go"), tools=[], system=[{"type": "text", "text": "Is it a new conversation topic?"}])
    left = Talk().ask(body(user("Go")), said("Yes"))
    right = Talk().ask(title, said("{}")).ask(body(user("Go")), said(""), status=529).ask(body(user("Go")), said("Yes"))
    assert aligned(left, right) == [(1, 3, "same")]
