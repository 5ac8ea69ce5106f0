"""What a person reads, as golden files in `tests/data/views`; and that nothing a body may hold breaks it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from addons.contentview.lines import WIDTH, Line
from addons.contentview.sizes import BYTES
from addons.contentview.text import (
    ANSWER_LIMIT,
    MESSAGE_LIMIT,
    SYSTEM_LIMIT,
    request_lines,
    response_lines,
)
from tests.support import streams, synthetic
from traces.model import Event, Failure, Json, Request, Response, Timing, Trace

VIEWS = Path(__file__).parents[2] / "data" / "views"

READ = {"type": "object", "properties": {"file_path": {"type": "string"}}}
ABOUT_READ = "Reads a file from the local filesystem.\nYou can access any file directly."

ANTHROPIC = {
    "model": "claude-opus-5",
    "max_tokens": 32000,
    "temperature": 1,
    "thinking": {"type": "enabled", "budget_tokens": 31999},
    "tool_choice": {"type": "auto"},
    "stream": True,
    "metadata": {"user_id": "not shown"},
    "system": [{"type": "text", "text": "You are Claude Code."}, {"type": "text", "text": "word " * 150}],
    "tools": [
        {"name": "Read", "description": ABOUT_READ, "input_schema": READ},
        {"name": "mcp__github__search", "input_schema": {"type": "object"}},
    ],
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "<system-reminder>\nToday is Monday.\n</system-reminder>\n"},
                {"type": "text", "text": "What is in notes.txt?"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA" * 100}},
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "I should read it.", "signature": "c2ln"},
                {"type": "text", "text": "I'll read it."},
                {"type": "tool_use", "id": "t1", "name": "Read", "input": {"file_path": "notes.txt", "lines": [1, 2]}},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "1\tmilk\n2\t" + "bread " * 20}],
        },
    ],
}

CHAT = {
    "model": "qwen3",
    "stream": True,
    "tools": [{"type": "function", "function": {"name": "Read", "description": ABOUT_READ, "parameters": READ}}],
    "messages": [
        {"role": "system", "content": "You are Claude Code."},
        {"role": "user", "content": "What is in notes.txt?"},
        {
            "role": "assistant",
            "tool_calls": [{"id": "c1", "function": {"name": "Read", "arguments": '{"file_path":"notes.txt"}'}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "milk"},
    ],
}

RESPONSES = {
    "model": "gpt-oss",
    "instructions": "You are Claude Code.",
    "tools": [{"type": "function", "name": "Read", "description": ABOUT_READ, "parameters": READ}],
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "What is in notes.txt?"}]},
        {"type": "function_call", "call_id": "c1", "name": "Read", "arguments": '{"file_path":"notes.txt"}'},
        {"type": "function_call_output", "call_id": "c1", "output": "milk"},
    ],
}

TIMING = Timing(headers=0.012, ttft=2.41, first_answer=2.41, first_tool_call=4.0, last_content=4.41, total=4.5)
EVENTS = (Event(2.41, "", "text", 10), Event(4.41, "", "text", 30))


def asked(body: Json) -> Trace:
    return Trace("", "local", Request("POST", "http://localhost:1234/v1/messages", {}, body))


def answered(body: Json, status: int = 200, error: Failure | None = None, marks: tuple[str, ...] = ()) -> Trace:
    response = Response(status, {}, body)
    request = Request("POST", "http://localhost:1234/v1/messages", {}, {})
    return Trace("", "local", request, response, error, TIMING, EVENTS, marks=marks)


def text_of(lines: Iterator[Line]) -> str:
    return "".join(f"{text.rstrip()}\n" for _, text in lines)


@pytest.mark.parametrize(
    ("name", "body"),
    [("anthropic", ANTHROPIC), ("chat", CHAT), ("responses", RESPONSES)],
)
def test_a_request_reads_as_its_golden_file(name: str, body: Json) -> None:
    assert text_of(request_lines(asked(body), BYTES)) == (VIEWS / f"{name}-request.txt").read_text()


@pytest.mark.parametrize(
    "name", ["anthropic-thinking", "anthropic-cut-in-tool", "anthropic-parallel-tools", "chat-tools", "responses-tool"]
)
def test_an_answer_reads_as_its_golden_file(name: str) -> None:
    assert text_of(response_lines(answered(streams.message(name)), BYTES)) == (VIEWS / f"{name}.txt").read_text()


def test_an_error_shows_what_went_wrong_and_the_body() -> None:
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    shown = text_of(response_lines(answered(body, 529, Failure("http_error", "Overloaded"))))
    assert "http_error 529: Overloaded\n" in shown
    assert json.dumps(body, indent=2) in shown


@pytest.mark.parametrize(
    ("field", "limit"),
    [("system", SYSTEM_LIMIT), ("messages", MESSAGE_LIMIT)],
)
def test_a_long_text_is_cut_and_how_much_was_cut_is_said(field: str, limit: int) -> None:
    long = "x" * (limit + 1234)
    body = {"system": long} if field == "system" else {"messages": [{"role": "user", "content": long}]}
    assert "  … 1,234 more characters\n" in text_of(request_lines(asked(body)))


def test_an_answer_is_shown_whole_where_a_request_is_cut() -> None:
    long = "x" * (MESSAGE_LIMIT + 1)
    assert MESSAGE_LIMIT < ANSWER_LIMIT
    shown = text_of(response_lines(answered({"content": [{"type": "text", "text": long}]})))
    assert shown.partition("ANSWER")[2].count("x") == len(long)


def test_what_was_changed_on_the_way_is_shown_with_the_times_of_the_server() -> None:
    shown = [line for _, line in response_lines(synthetic.translated(), BYTES)]
    at = shown.index("ON THE WAY")
    assert shown[at + 1] == "  sent to http://localhost:1234/v1/chat/completions"
    assert shown[at + 2].split() == ["Time", "to", "First", "Token", "400ms", "from", "the", "server"]
    assert "  – metadata: dropped" in shown


def test_a_server_that_gave_no_answer_is_shown_on_the_way() -> None:
    shown = [line for _, line in response_lines(synthetic.translated(failed=True), BYTES)]
    assert "  refused: localhost:1234: connection refused: nothing listens there" in shown


def test_a_body_that_was_not_recorded_shows_why() -> None:
    assert "response body too large" in text_of(response_lines(answered(None, marks=("response_body_too_large",))))


def test_lines_are_no_longer_than_mitmweb_can_show() -> None:
    everything = [*request_lines(asked(ANTHROPIC)), *response_lines(answered(streams.message("anthropic-thinking")))]
    assert max(len(text) for _, text in everything) <= WIDTH


FIELDS = (
    *("model", "system", "tools", "messages", "input", "instructions", "role", "content", "type", "text", "name"),
    *("choices", "message", "tool_calls", "function", "arguments", "output", "usage", "description", "input_schema"),
)
WORDS = (
    "user",
    "assistant",
    "text",
    "thinking",
    "tool_use",
    "tool_result",
    "image",
    "function_call",
    "{",
    "{}",
    "\ud800",
)

ANY_JSON: some.SearchStrategy[Any] = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.sampled_from(WORDS) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(FIELDS), inner),
    max_leaves=12,
)


@given(ANY_JSON)
@pytest.mark.parametrize(
    "lines",
    [lambda body: request_lines(asked(body)), lambda body: response_lines(answered(body))],
    ids=["request", "response"],
)
def test_whatever_a_body_holds_it_is_shown(lines: Callable[[Json], Iterator[Line]], body: Json) -> None:
    assert all(isinstance(text, str) for _, text in lines(body))


def test_a_body_nested_deeper_than_python_goes_is_shown_as_far_as_can_be() -> None:
    deep: Json = []
    for _ in range(100_000):
        deep = [deep]
    assert text_of(response_lines(answered({"deep": deep}))).rstrip().endswith("(nested too deeply to be shown)")
