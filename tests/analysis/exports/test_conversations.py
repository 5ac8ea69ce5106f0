"""Exchanges of each API format as one conversation."""

from typing import Any

import pytest

from analysis.exports.conversations import chat_of, conversation_of
from tests.support.factories import call, message, result, trace
from traces.errors import TranslationError

SCHEMA = {"type": "object", "properties": {"file_path": {"type": "string"}}}
FUNCTION = {"name": "Read", "parameters": SCHEMA}
HOST = "http://localhost:8000"

EXCHANGES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "anthropic": (
        "/v1/messages",
        {
            "model": "m",
            "system": "Be brief.",
            "tools": [{"name": "Read", "input_schema": SCHEMA}],
            "messages": [
                {"role": "user", "content": "Go"},
                {"role": "assistant", "content": [call("Read", "t1", file_path="a")]},
                {"role": "user", "content": [result("plum", "t1")]},
            ],
        },
        message("A plum."),
    ),
    "chat": (
        "/v1/chat/completions",
        {
            "model": "m",
            "tools": [{"type": "function", "function": FUNCTION}],
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Go"},
                {
                    "role": "assistant",
                    "tool_calls": [
                        {
                            "id": "t1",
                            "type": "function",
                            "function": {"name": "Read", "arguments": '{"file_path":"a"}'},
                        }
                    ],
                },
                {"role": "tool", "tool_call_id": "t1", "content": "plum"},
            ],
        },
        {"choices": [{"message": {"role": "assistant", "content": "A plum."}, "finish_reason": "stop"}]},
    ),
    "responses": (
        "/v1/responses",
        {
            "model": "m",
            "instructions": "Be brief.",
            "tools": [{"type": "function", **FUNCTION}],
            "input": [
                {"role": "user", "content": "Go"},
                {"type": "function_call", "call_id": "t1", "name": "Read", "arguments": '{"file_path":"a"}'},
                {"type": "function_call_output", "call_id": "t1", "output": "plum"},
            ],
        },
        {
            "status": "completed",
            "output": [
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A plum."}]}
            ],
        },
    ),
    "gemini": (
        "/v1beta/models/m:generateContent",
        {
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "tools": [{"functionDeclarations": [{"name": "Read", "parametersJsonSchema": SCHEMA}]}],
            "contents": [
                {"role": "user", "parts": [{"text": "Go"}]},
                {
                    "role": "model",
                    "parts": [{"functionCall": {"id": "t1", "name": "Read", "args": {"file_path": "a"}}}],
                },
                {
                    "role": "user",
                    "parts": [{"functionResponse": {"id": "t1", "name": "Read", "response": {"output": "plum"}}}],
                },
            ],
        },
        {"candidates": [{"content": {"role": "model", "parts": [{"text": "A plum."}]}, "finishReason": "STOP"}]},
    ),
}


@pytest.mark.parametrize("dialect", EXCHANGES)
def test_each_format_is_the_same_conversation_in_openais(dialect: str) -> None:
    path, body, answer = EXCHANGES[dialect]
    chat = chat_of(trace(body, answer, url=HOST + path))
    system, asked, called, given, said = chat["messages"]
    assert (system["content"], asked["content"], given["role"]) == ("Be brief.", "Go", "tool")
    assert said == {"role": "assistant", "content": "A plum."}
    [made] = called["tool_calls"]
    assert made["function"] == {"name": "Read", "arguments": '{"file_path":"a"}'}
    assert given["tool_call_id"] == made["id"]
    assert "plum" in given["content"]
    [tool] = chat["tools"]
    assert tool["function"]["parameters"]["properties"] == SCHEMA["properties"]


@pytest.mark.parametrize("dialect", EXCHANGES)
def test_the_answer_is_told_from_the_request(dialect: str) -> None:
    path, body, answer = EXCHANGES[dialect]
    request, said = conversation_of(trace(body, answer, url=HOST + path))
    assert len(request["messages"]) == 3
    assert [each["role"] for each in said] == ["assistant"]
    assert conversation_of(trace(body, None, url=HOST + path)).answer == []


def test_an_input_that_is_a_text_is_the_users() -> None:
    path, body, answer = EXCHANGES["responses"]
    chat = chat_of(trace({**body, "input": "Go"}, answer, url=HOST + path))
    assert [each["role"] for each in chat["messages"]] == ["system", "user", "assistant"]


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("/v1/unknown", {"messages": []}),
        ("/v1/messages", "no JSON"),
        ("/v1/messages", {"messages": [{"role": "user", "content": [{"kind": "text"}]}]}),
        ("/v1/messages", {"model": "m"}),
        ("/v1/chat/completions", {"messages": ["Go"]}),
    ],
)
def test_what_is_in_no_known_format_cannot_be_translated(url: str, body: Any) -> None:
    with pytest.raises(TranslationError):
        chat_of(trace(body, message("Hm."), url=HOST + url))
