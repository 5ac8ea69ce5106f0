"""Tools that are offered and called, in every API format."""

from typing import Any

import pytest

from replay.run import calls
from replay.run.calls import Call

SCHEMA = {"type": "object"}


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ({"name": "Read", "input_schema": SCHEMA}, {"Read": SCHEMA}),
        ({"type": "function", "function": {"name": "Read", "parameters": SCHEMA}}, {"Read": SCHEMA}),
        ({"type": "function", "name": "Read", "parameters": SCHEMA}, {"Read": SCHEMA}),
        ({"type": "web_search_20250305", "name": "web_search"}, {"web_search": None}),
        ({"type": "web_search"}, {}),
        ("Read", {}),
    ],
    ids=["anthropic", "chat", "responses", "without a schema", "without a name", "no tool"],
)
def test_what_a_request_offers(tool: Any, expected: dict[str, Any]) -> None:
    assert calls.offered_tools({"tools": [tool]}) == expected


@pytest.mark.parametrize("body", [None, "text", {}, {"tools": None}, {"tools": {}}])
def test_a_request_without_tools_offers_none(body: Any) -> None:
    assert calls.offered_tools(body) == {}


def chat(arguments: Any) -> Any:
    return {"choices": [{"message": {"tool_calls": [{"function": {"name": "Read", "arguments": arguments}}]}}]}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"content": [{"type": "tool_use", "name": "Read", "input": {"a": 1}}]}, Call("Read", {"a": 1}, True)),
        (
            {"content": [{"type": "tool_use", "name": "Read", "input": '{"a', "input_partial": True}]},
            Call("Read", '{"a', False),
        ),
        (chat('{"a": 1}'), Call("Read", {"a": 1}, True)),
        (chat('{"a'), Call("Read", '{"a', False)),
        (chat(""), Call("Read", {}, True)),
        (chat({"a": 1}), Call("Read", {"a": 1}, True)),
        (
            {"output": [{"type": "function_call", "name": "Read", "arguments": '{"a": 1}'}]},
            Call("Read", {"a": 1}, True),
        ),
    ],
    ids=["anthropic", "anthropic cut", "chat", "chat cut", "chat empty", "chat object", "responses"],
)
def test_what_an_answer_calls(message: Any, expected: Call) -> None:
    assert calls.tool_calls(message) == [expected]


@pytest.mark.parametrize("message", [None, "text", {"content": "text"}, {"choices": [{"message": None}]}])
def test_an_answer_without_calls_makes_none(message: Any) -> None:
    assert calls.tool_calls(message) == []
