"""Calls and their results, of which servers refuse one without the other."""

from typing import Any

import pytest

from tests.support.bodies import HELLO, IMAGE, assistant, result, said, text, use, user
from traces.dialects.translation.notes import Notes
from traces.dialects.translation.pairs import pair_calls

LOST = "a tool's result without its call: sent as text"
OPEN = "a call without a result: answered with (no result)"

CASES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]], tuple[str, ...]]] = {
    "a call and its result": (
        [assistant(use("a")), user(result("a", "x"))],
        [assistant(use("a")), user(result("a", "x"))],
        (),
    ),
    "a system message between them": (
        [assistant(use("a")), said("system", "Hm."), user(result("a", "x"))],
        [assistant(use("a")), said("system", "Hm."), user(result("a", "x"))],
        (),
    ),
    "a result at the beginning": ([user(result("a", "x"), text("And?"))], [user(text("x"), text("And?"))], (LOST,)),
    "a result of pieces": ([user(result("a", [text("x"), IMAGE]))], [user(text("x"), IMAGE)], (LOST,)),
    "a result of nothing": ([user(result("a", None), text("And?"))], [user(text("And?"))], (LOST,)),
    "a result twice": (
        [assistant(use("a")), user(result("a", "x"), result("a", "y"))],
        [assistant(use("a")), user(result("a", "x"), text("y"))],
        (LOST,),
    ),
    "a result of an earlier call": (
        [assistant(use("a")), user(result("a", "x")), assistant(use("b")), user(result("a", "y"), result("b", "z"))],
        [assistant(use("a")), user(result("a", "x")), assistant(use("b")), user(text("y"), result("b", "z"))],
        (LOST,),
    ),
    "a call that a user answers in words": (
        [assistant(use("a")), HELLO],
        [assistant(use("a")), user(result("a", "(no result)"), text("Hello"))],
        (OPEN,),
    ),
    "a call that another answer follows": (
        [assistant(use("a")), assistant(text("Well."))],
        [assistant(use("a")), user(result("a", "(no result)")), assistant(text("Well."))],
        (OPEN,),
    ),
    "one of two calls": (
        [assistant(use("a"), use("b")), user(result("b", "x")), assistant(text("Well."))],
        [assistant(use("a"), use("b")), user(result("a", "(no result)"), result("b", "x")), assistant(text("Well."))],
        (OPEN,),
    ),
    "a call at the end, which the model is to go on from": (
        [HELLO, assistant(use("a"))],
        [HELLO, assistant(use("a"))],
        (),
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_neither_is_left_without_the_other(what: str) -> None:
    messages, expected, noted = CASES[what]
    notes = Notes()
    assert (pair_calls(messages, notes), notes.lines()) == (expected, noted)
