"""System messages in mid-conversation."""

from typing import Any

import pytest

from tests.support.bodies import HELLO, assistant, call, result, said, text, use, user
from traces.dialects.translation import system_role
from traces.dialects.translation.notes import Notes

LATE = said("system", "It is late.")
TOLD = "<system-reminder>\nIt is late.\n</system-reminder>"
CALLED = said("assistant", None, tool_calls=[call("a")])
GIVEN = said("tool", "x", tool_call_id="a")
OUTPUT = {"type": "function_call_output", "call_id": "a", "output": "x"}

CASES: dict[str, tuple[list[Any], list[Any]]] = {
    "after what the user said": ([HELLO, LATE], [said("user", f"Hello\n{TOLD}")]),
    "after blocks": ([user(text("Hello")), LATE], [user(text("Hello"), text(TOLD))]),
    "in blocks": ([HELLO, said("system", [text("It is late.")])], [said("user", f"Hello\n{TOLD}")]),
    "two of them": (
        [HELLO, LATE, said("developer", "It is late.")],
        [said("user", f"Hello\n{TOLD}\n{TOLD}")],
    ),
    "before what the user said": (
        [HELLO, assistant(text("Hi")), LATE, HELLO],
        [HELLO, assistant(text("Hi")), said("user", f"{TOLD}\nHello")],
    ),
    "between two answers": (
        [HELLO, assistant(text("Hi")), LATE, assistant(text("Hm."))],
        [HELLO, assistant(text("Hi")), said("user", TOLD), assistant(text("Hm."))],
    ),
    "at the end": ([HELLO, assistant(text("Hi")), LATE], [HELLO, assistant(text("Hi")), said("user", TOLD)]),
    "between a call and its result": ([HELLO, CALLED, LATE, GIVEN], [HELLO, CALLED, GIVEN, said("user", TOLD)]),
    "between a call and its output": (
        [HELLO, CALLED, LATE, OUTPUT, HELLO],
        [HELLO, CALLED, OUTPUT, said("user", f"{TOLD}\nHello")],
    ),
    "between a call and its result, in Anthropic's format": (
        [HELLO, assistant(use("a")), LATE, user(result("a", "x"))],
        [HELLO, assistant(use("a")), user(result("a", "x"), text(TOLD))],
    ),
    "in the Responses API": (
        [user({"type": "input_text", "text": "Hello"}), LATE],
        [user({"type": "input_text", "text": "Hello"}, {"type": "input_text", "text": TOLD})],
    ),
    "at the beginning, where it belongs": ([LATE, HELLO], [LATE, HELLO]),
}


@pytest.mark.parametrize("field", ["messages", "input"])
@pytest.mark.parametrize("what", CASES)
def test_it_is_folded_into_the_users_message_beside_it(what: str, field: str) -> None:
    before, after = CASES[what]
    notes = Notes()
    assert system_role.fold({field: before, "model": "m"}, notes) == {field: after, "model": "m"}
    assert system_role.has_midway({field: before}) is bool(notes.lines()) is (before != after)
    assert not system_role.has_midway({field: after})


@pytest.mark.parametrize("body", [{"input": "Hello"}, {"messages": None}, {}, {"messages": ["Hello", 5]}])
def test_where_there_is_no_conversation_nothing_is_folded(body: dict[str, Any]) -> None:
    assert system_role.fold(body, Notes()) == body


def test_those_that_lead_are_one_for_templates_that_take_one() -> None:
    several = [LATE, said("developer", [text("Go.")]), HELLO]
    assert system_role.merge_leading(several) == [said("system", "It is late.\nGo."), HELLO]
    assert system_role.merge_leading([LATE, HELLO]) == [LATE, HELLO]
