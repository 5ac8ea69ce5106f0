"""Conversations for fine-tuning: each once, with its last whole answer, without failures and secrets."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.analysis.exports.conftest import KEY, write
from tests.support.analyzer import Analyzer
from tests.support.factories import call, exchange, result
from traces.model import Failure, Ids

ROLES = {"system", "user", "assistant", "tool"}


def rule_broken(line: Mapping[str, Any]) -> str | None:
    """Return which of OpenAI's rules for chat fine-tuning with tools a line breaks; None where it keeps all."""
    tools = {tool["function"]["name"] for tool in line.get("tools", ()) if tool["type"] == "function"}
    open_calls: list[str] = []
    for message in line["messages"]:
        role = message["role"]
        if set(message) - {"role", "content", "tool_calls", "tool_call_id", "name", "weight"} or role not in ROLES:
            return f"unknown field or role in {message}"
        if open_calls and role != "tool":
            return f"no result of {open_calls}"
        if role == "tool":
            if message["tool_call_id"] not in open_calls or not isinstance(message["content"], str):
                return f"a result without its call, or no text: {message}"
            open_calls.remove(message["tool_call_id"])
        elif role == "assistant":
            for called in message.get("tool_calls", ()):
                json.loads(called["function"]["arguments"])
                if called["type"] != "function" or called["function"]["name"] not in tools:
                    return f"calls what isn't offered: {called}"
                open_calls.append(called["id"])
            if not message.get("tool_calls") and not isinstance(message["content"], str):
                return "an empty answer"
        elif not message["content"]:
            return f"nothing said by {role}"
    return None if line["messages"][-1]["role"] == "assistant" else "the last word isn't the assistant's"


@pytest.fixture
def lines(day: Analyzer, exported: Callable[..., Any]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported("day.jsonl", "--sft")[0].read_text().splitlines()]


def last_words(lines: list[dict[str, Any]]) -> list[str]:
    return [line["messages"][-1]["content"] for line in lines]


def test_each_conversation_is_one_line_with_its_last_whole_answer(lines: list[dict[str, Any]]) -> None:
    assert last_words(lines) == ["plum", "Yes.", "No.", "A fruit. [redacted]", "A fruit."]
    answered = [message["content"] for message in lines[2]["messages"] if message["role"] == "user"]
    assert answered == ["Go", "Or a pear?"]  # the turn that was cut off isn't in it


def test_a_line_keeps_the_rules_of_openai(lines: list[dict[str, Any]]) -> None:
    assert [rule_broken(line) for line in lines] == [
        "calls what isn't offered: " + str(lines[1]["messages"][2]["tool_calls"][0]) if at in (1, 2) else None
        for at in range(len(lines))
    ]  # the made-up client offers no tool called Agent


def test_calls_and_results_are_openais(lines: list[dict[str, Any]]) -> None:
    _, _, called, first, second, _ = lines[1]["messages"][:6]
    assert [each["function"]["name"] for each in called["tool_calls"]] == ["Agent", "Read"]
    assert (first["role"], first["content"], second["tool_call_id"]) == ("tool", "plum", "t2")
    assert [tool["function"]["name"] for tool in lines[1]["tools"]] == ["Read"]


def test_what_is_left_out_is_counted_by_its_reason(day: Analyzer, exported: Callable[..., Any]) -> None:
    path, printed = exported("day.jsonl", "--format", "sft")
    assert KEY not in path.read_text()
    assert printed.splitlines()[1:] == [
        "Left out, of 9 turns: cut off (1).",
        "In 1 of them [redacted] stands for a secret.",
    ]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"error": Failure("http_error", "500")}, "failed"),
        ({"error": Failure("stream_cut", "cut")}, "cut off"),
        ({"marks": ("response_body_too_large",)}, "not recorded whole"),
        ({"marks": ("text_removed",)}, "not recorded whole"),
        ({"marks": ("tools_unknown",)}, "not recorded whole"),
        ({"marks": ("request_body_too_large",)}, "not recorded whole"),
    ],
)
def test_a_session_that_went_wrong_is_in_no_line(
    analyzer: Analyzer, exported: Callable[..., Any], changed: dict[str, Any], reason: str
) -> None:
    write(analyzer, replace(exchange(0, "Go", answer="Gone."), **changed))
    path, printed = exported("wrong.jsonl", "--sft")
    assert path.read_bytes() == b""
    assert printed.splitlines()[1] == f"Left out, of 1 turn: {reason} (1)."


def test_an_answer_at_its_limit_is_cut_off_and_an_empty_one_none(
    analyzer: Analyzer, exported: Callable[..., Any]
) -> None:
    limited = exchange(0, "Go", answer="Go")
    assert limited.response is not None
    message: Any = limited.response.body
    body = {**message, "stop_reason": "max_tokens"}
    write(analyzer, replace(limited, response=replace(limited.response, body=body)))
    write(analyzer, exchange(9, "Hm", ids=Ids("0e000000")))
    assert "cut off (1), without an answer (1)" in exported("limit.jsonl", "--sft")[1]


def test_a_compaction_leaves_what_was_before_it(analyzer: Analyzer, exported: Callable[..., Any]) -> None:
    said = ("One", "1", "Two")
    for one in (
        exchange(0, "One", answer="1"),
        exchange(10, *said, answer="2"),
        exchange(20, "A summary: one, two.", answer="Three?"),
    ):
        write(analyzer, one)
    path, _ = exported("compacted.jsonl", "--sft")
    assert last_words([json.loads(line) for line in path.read_text().splitlines()]) == ["2", "Three?"]


def test_a_call_at_the_end_stays_open(analyzer: Analyzer, exported: Callable[..., Any]) -> None:
    write(analyzer, exchange(0, "Go", answer=[call("Read", file_path="a")]))
    [line] = exported("open.jsonl", "--sft")[0].read_text().splitlines()
    assert json.loads(line)["messages"][-1]["tool_calls"][0]["function"]["arguments"] == '{"file_path":"a"}'
    assert rule_broken(json.loads(line)) is None


def test_a_read_session_of_calls_keeps_the_rules(analyzer: Analyzer, exported: Callable[..., Any]) -> None:
    asked = [call("Read", file_path="a")]
    for one in (
        exchange(0, "Go", answer=asked),
        exchange(5, "Go", asked, [result("A"), {"type": "text", "text": "And?"}], answer="A it is."),
    ):
        write(analyzer, one)
    [line] = exported("rules.jsonl", "--sft")[0].read_text().splitlines()
    assert rule_broken(json.loads(line)) is None
    assert [message["role"] for message in json.loads(line)["messages"]] == [
        *("system", "user", "assistant", "tool", "user", "assistant")
    ]
