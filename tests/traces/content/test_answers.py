"""The kind of an exchange, by its answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.json_values import json_values
from traces.content.answers import TEXT_GENERATION, TOOL_CALL, UNKNOWN, answer_id, kind_of, stop_reason, tools_used
from traces.model import Json, Request, Response, Trace


def trace_with(message: Json) -> Trace:
    request = Request("POST", "http://localhost:1234/v1/messages", {}, {"messages": []})
    return Trace("2026-11-22T10:00:00.000Z", "lmstudio", request, Response(200, {}, message))


def chat(message: Json, reason: str | None = None) -> Json:
    return {"choices": [{"index": 0, "message": message, "finish_reason": reason}]}


ANSWERS: dict[str, tuple[Json, str, list[str], str | None]] = {
    "anthropic, text": (
        {"content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn"},
        TEXT_GENERATION,
        [],
        "end_turn",
    ),
    "anthropic, tools": (
        {
            "content": [
                {"type": "text", "text": "let me see"},
                {"type": "tool_use", "name": "Read", "input": {}},
                {"type": "tool_use", "name": "Grep", "input": {}},
                {"type": "tool_use", "name": "Read", "input": {}},
            ],
            "stop_reason": "tool_use",
        },
        TOOL_CALL,
        ["Read", "Grep"],
        "tool_use",
    ),
    "anthropic, the server's own tool": (
        {"content": [{"type": "server_tool_use", "name": "web_search", "input": {}}], "stop_reason": None},
        TOOL_CALL,
        ["web_search"],
        None,
    ),
    "anthropic, cut while thinking": ({"content": [{"type": "thinking", "thinking": "hm"}]}, TEXT_GENERATION, [], None),
    "anthropic, nothing": ({"content": [], "stop_reason": "end_turn"}, UNKNOWN, [], "end_turn"),
    "anthropic, an empty text": ({"content": [{"type": "text", "text": ""}]}, UNKNOWN, [], None),
    "chat, text": (chat({"role": "assistant", "content": "hi"}, "stop"), TEXT_GENERATION, [], "stop"),
    "chat, blocks of text": (
        chat({"content": [{"type": "text", "text": "hi"}]}, "length"),
        TEXT_GENERATION,
        [],
        "length",
    ),
    "chat, thinking": (chat({"content": None, "reasoning_content": "hm"}), TEXT_GENERATION, [], None),
    "chat, tools": (
        chat(
            {"content": None, "tool_calls": [{"id": "c", "function": {"name": "Read", "arguments": "{}"}}]},
            "tool_calls",
        ),
        TOOL_CALL,
        ["Read"],
        "tool_calls",
    ),
    "responses, text": (
        {"output": [{"type": "message", "content": [{"type": "output_text", "text": "hi"}]}], "status": "completed"},
        TEXT_GENERATION,
        [],
        "completed",
    ),
    "responses, tools": (
        {
            "output": [
                {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
                {"type": "function_call", "name": "Read", "arguments": "{}"},
            ],
            "status": "incomplete",
            "incomplete_details": {"reason": "max_output_tokens"},
        },
        TOOL_CALL,
        ["Read"],
        "max_output_tokens",
    ),
    "an error": ({"type": "error", "error": {"type": "overloaded_error", "message": "later"}}, UNKNOWN, [], None),
    "no JSON": ("<html>", UNKNOWN, [], None),
    "nothing": (None, UNKNOWN, [], None),
}


@pytest.mark.parametrize(("message", "kind", "tools", "reason"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_has_a_kind_tools_and_a_stop_reason(
    message: Json, kind: str, tools: list[str], reason: str | None
) -> None:
    assert kind_of(trace_with(message)) == kind
    assert tools_used(message) == tools
    assert stop_reason(message) == reason


def test_without_an_answer_the_kind_is_unknown() -> None:
    assert kind_of(Trace("", "local", Request("POST", "http://localhost/v1/messages", {}, {}))) == UNKNOWN


FIELDS = """
    content type text name tool_use choices message tool_calls function output finish_reason stop_reason status
    incomplete_details reason function_call thinking summary
"""


@given(json_values(keys=st.sampled_from(FIELDS.split())))
def test_no_answer_raises(message: Json) -> None:
    assert kind_of(trace_with(message)) in (TOOL_CALL, TEXT_GENERATION, UNKNOWN)
    assert stop_reason(message) is None or isinstance(stop_reason(message), str)
    assert answer_id(message) is None or isinstance(answer_id(message), str)
