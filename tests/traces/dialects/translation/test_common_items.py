"""Items that only OpenAI's own service reads, as items that every server knows."""

from typing import Any

import pytest

from traces.dialects.translation.common_items import is_common, to_common_items
from traces.dialects.translation.notes import Notes

Item = dict[str, Any]
USER: Item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
CALL: Item = {"type": "function_call", "call_id": "a", "name": "read", "arguments": "{}"}
RESULT: Item = {"type": "function_call_output", "call_id": "a", "output": "one"}
THOUGHT: Item = {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm."}]}


def message(role: str, *texts: str) -> Item:
    kind = "input_text" if role == "user" else "output_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text} for text in texts]}


CASES: dict[str, tuple[list[Any], list[Any], tuple[str, ...]]] = {
    "what every server knows": ([USER, {"role": "user", "content": "x"}, CALL, RESULT, THOUGHT], [], ()),
    "a call that waits for its result": ([USER, CALL], [], ()),
    "a result that names no call": (
        [CALL, RESULT, {"type": "function_call_output", "name": "goal", "namespace": "agent", "output": "Be kind."}],
        [CALL, RESULT, message("user", "agent.goal: Be kind.")],
        ("a tool's result without its call: sent as a message",),
    ),
    "a result in parts, whose call a compaction took": (
        [{"type": "function_call_output", "call_id": "b", "output": [{"type": "input_text", "text": "two"}]}],
        [message("user", "two")],
        ("a tool's result without its call: sent as a message",),
    ),
    "a tool whose input is a text": (
        [
            {"type": "custom_tool_call", "id": "i", "status": "completed", "call_id": "c", "name": "sh", "input": "ls"},
            {"type": "custom_tool_call_output", "id": "o", "call_id": "c", "output": "x"},
        ],
        [
            {"type": "function_call", "call_id": "c", "name": "sh", "arguments": '{"input":"ls"}'},
            {"type": "function_call_output", "call_id": "c", "output": "x"},
        ],
        ("a call whose input is a text: sent as a call with one argument, input",),
    ),
    "thinking that only its service can read": (
        [
            {
                "type": "reasoning",
                "id": "r",
                "summary": [{"type": "summary_text", "text": "x"}],
                "encrypted_content": "y",
            }
        ],
        [],
        ("thinking of an earlier answer: dropped",),
    ),
    "a call that the service ran itself": (
        [{"type": "local_shell_call", "id": "l", "status": "completed", "action": {"command": ["ls"]}}],
        [message("assistant", 'local_shell_call: {"action":{"command":["ls"]}}')],
        ("a local_shell_call of the conversation: sent as a message",),
    ),
    "what is no item": (["x", None], ["x", None], ()),
}


@pytest.mark.parametrize("what", CASES)
def test_items_are_common_afterwards_and_each_change_is_noted(what: str) -> None:
    given, wanted, told = CASES[what]
    notes = Notes()
    found = to_common_items(given, notes)
    assert found == (wanted if told or wanted else given)
    assert notes.lines() == told
    assert all(is_common(item) for item in found if item not in ("x", None, THOUGHT))
    assert to_common_items(found, Notes()) == found
