"""Gemini's streams, answers and requests, in the shapes that Google documents."""

from typing import Any

import pytest

from tests.support.streams import message, read, wire
from traces.content import answers
from traces.content.parts import parts
from traces.dialects import FORMATS, usage_of
from traces.dialects.sse import ServerEvent
from traces.dialects.usage import Usage

GEMINI = FORMATS["gemini"]

CONTENTS: dict[str, list[Any]] = {
    "gemini-text": [{"text": "The capital is Paris."}],
    "gemini-thinking": [
        {"text": "**Considering**\n\nI look at it.", "thought": True},
        {"text": "It is 42.", "thoughtSignature": "c2lnbmVk"},
    ],
    "gemini-tool": [
        {
            "functionCall": {"id": "c1", "name": "Read", "args": {"file_path": "/src/a.py"}},
            "thoughtSignature": "c2ln",
        },
        {"text": ""},
    ],
    "gemini-cut": [{"text": "The capital is"}],
}


@pytest.mark.parametrize("name", CONTENTS)
def test_chunks_are_put_together_as_the_answer_without_streaming(name: str) -> None:
    answer = message(name)
    [candidate] = answer["candidates"]
    assert candidate["content"] == {"role": "model", "parts": CONTENTS[name]}
    assert answer["modelVersion"] == "gemini-2.5-flash"


def test_each_chunk_is_an_event_with_its_contents() -> None:
    assert wire("gemini-thinking") == [
        ("chunk:thinking", "thinking", 23),
        ("chunk:thinking", "thinking", 7),
        ("chunk:text", "text", 5),
        ("chunk:text", "text", 4),
        ("chunk:finish", None, 0),
    ]
    assert [event[1] for event in wire("gemini-parallel-tools")] == ["text", "tool", "tool_end", "tool", "tool_end"]


USAGES = {
    "gemini-text": Usage(uncached=8, output=5, total=13),
    "gemini-thinking": Usage(uncached=20, output=25, reasoning=20, total=45),
    "gemini-tool": Usage(uncached=100, cache_read=800, output=60, reasoning=48, total=960),
    "gemini-refused": Usage(uncached=7, total=7),
}


@pytest.mark.parametrize("name", USAGES)
def test_thoughts_count_as_output_and_cached_tokens_apart(name: str) -> None:
    assert usage_of(message(name)) == USAGES[name]


STOPS = {"gemini-text": "STOP", "gemini-cut": None, "gemini-refused": "PROHIBITED_CONTENT"}


@pytest.mark.parametrize("name", STOPS)
def test_an_answer_says_why_it_ended(name: str) -> None:
    assert answers.stop_reason(message(name)) == STOPS[name]
    assert read(name).ended == (STOPS[name] is not None)


def test_an_error_in_the_stream_is_in_the_servers_words() -> None:
    assert read("gemini-error").error == "The model is overloaded. Please try again later."


def test_calls_without_an_id_are_told_apart_by_their_order() -> None:
    assert [call.arguments for call in GEMINI.calls(message("gemini-parallel-tools"))] == [
        {"file_path": "a"},
        {"file_path": "b"},
    ]
    assert answers.tools_used(message("gemini-parallel-tools")) == ["Read"]


def test_an_answer_may_be_wrapped_as_for_the_clis_own_login() -> None:
    stream = GEMINI.stream()
    stream.feed(ServerEvent(None, '{"response":{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}}'), at=1.0)
    answer: Any = stream.message()
    assert answer["candidates"][0]["content"]["parts"] == [{"text": "Hi"}]


REQUEST: dict[str, Any] = {
    "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]},
    "tools": [
        {
            "functionDeclarations": [
                {"name": "read", "description": "Reads", "parameters": {"type": "OBJECT"}},
                {"name": "mcp__web__get", "parametersJsonSchema": {"type": "object"}},
            ]
        },
        {"googleSearch": {}},
    ],
    "contents": [
        {"role": "user", "parts": [{"text": "<session_context>\nToday\n</session_context>"}, {"text": "Read a."}]},
        {
            "role": "model",
            "parts": [
                {"text": "I think", "thought": True},
                {"functionCall": {"name": "read", "args": {"path": "a"}}},
            ],
        },
        {"role": "user", "parts": [{"functionResponse": {"name": "read", "response": {"output": "plum"}}}]},
        {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}, {"odd": 7}]},
    ],
}


@pytest.mark.parametrize(
    "body", [REQUEST, {"model": "m", "project": "p", "request": REQUEST}], ids=["plain", "wrapped"]
)
def test_a_request_is_read_part_by_part(body: Any) -> None:
    assert [(part.section, part.kind, part.name) for part in parts(body)] == [
        ("tools", "tool", "read"),
        ("tools", "tool", "mcp__web__get"),
        ("tools", "tool", "googleSearch"),
        ("system", "system", None),
        ("messages", "reminder", None),
        ("messages", "user", None),
        ("messages", "thinking", None),
        ("messages", "tool_input", "read"),
        ("messages", "tool_result", "read"),
        ("messages", "image", None),
        ("messages", "other", None),
    ]


def test_a_result_with_an_id_that_no_call_has_is_known_by_its_functions_name() -> None:
    call = {"functionCall": {"name": "read", "args": {}}}
    result = {"functionResponse": {"id": "0c4e#0-0", "name": "read", "response": {"error": "gone"}}}
    found = parts({"contents": [{"role": "model", "parts": [call]}, {"role": "user", "parts": [result]}]})
    assert [(part.kind, part.name, part.text) for part in found] == [
        ("tool_input", "read", "{}"),
        ("tool_result", "read", "gone"),
    ]


@pytest.mark.parametrize(
    "odd",
    [
        {"contents": 7},
        {"contents": None},
        {"contents": "Hello"},
        {"contents": [7, None, "x", {}, {"parts": 7}, {"parts": [None, [], {"functionCall": 7}, {"text": 7}]}]},
        {"contents": [{"role": 7, "parts": {"text": "x"}}], "tools": {"functionDeclarations": 7}},
        {"contents": [], "tools": [7, {"functionDeclarations": [7, {}]}], "systemInstruction": 7},
        {"contents": [{"parts": [{"functionResponse": {"name": "f"}}]}], "generationConfig": 7},
        {"request": {"contents": [{"parts": [{"functionResponse": {"response": [1]}}]}]}},
        {"contents": [{"parts": [{"functionCall": {"id": [1]}}, {"functionResponse": {"id": "x", "name": "f"}}]}, 7]},
    ],
)
def test_no_request_is_too_odd_to_be_read(odd: Any) -> None:
    parts(odd)
