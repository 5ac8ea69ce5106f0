"""Streams of chat completions: the assembled message, and the contents of each chunk."""

import json
from typing import Any

import pytest

from tests.support.streams import message, read, wire
from traces.dialects.openai_chat import ChatStream
from traces.dialects.sse import ServerEvent


def choice(name: str) -> Any:
    return message(name)["choices"][0]


def message_of(*deltas: dict[str, Any], finish: str | None = None) -> Any:
    """Return the message of one choice."""
    stream = ChatStream()
    for delta in deltas:
        chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        stream.feed(ServerEvent(None, json.dumps(chunk)), at=None)
    if finish:
        chunk = {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
        stream.feed(ServerEvent(None, json.dumps(chunk)), at=None)
    answer: Any = stream.message()
    return answer["choices"][0]["message"]


def part(name: str | None, arguments: str | None, **fields: Any) -> dict[str, Any]:
    """Return a part of a tool call."""
    return {**fields, "function": {"name": name, "arguments": arguments}}


def calls(*parts: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the calls that these parts make, each part in a chunk of its own."""
    answer = message_of(*({"tool_calls": [each]} for each in parts), finish="tool_calls")
    return [(call["function"]["name"], call["function"]["arguments"]) for call in answer["tool_calls"]]


def test_text_is_joined_into_a_completion_with_the_usage_of_the_last_chunk() -> None:
    assert message("chat-text") == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "local",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Grüß dich, 世界 🌍"},
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 30,
            "completion_tokens": 6,
            "total_tokens": 36,
            "prompt_tokens_details": {"cached_tokens": 24},
        },
    }


KINDS = {
    "chat-text": [
        ("chunk:role", None, 0),
        ("chunk:content", "text", 5),
        ("chunk:content", "text", 10),
        ("chunk:finish", None, 0),
        ("chunk:usage", None, 0),
        ("[DONE]", None, 0),
    ],
    "chat-reasoning": [
        ("chunk:role", None, 0),
        ("chunk:reasoning", "thinking", 9),
        ("chunk:reasoning", "thinking", 10),
        ("chunk:content", "text", 6),
        ("chunk:finish", None, 0),
        ("[DONE]", None, 0),
    ],
    "chat-both-kinds": [
        ("chunk:role+reasoning_content", "thinking", 4),
        ("chunk:content+reasoning_content", "thinking", 4),
        ("chunk:content+reasoning_content", "text", 3),
        ("chunk:content+finish", "text", 1),
        ("[DONE]", None, 0),
    ],
    "chat-four-tokens": [
        ("chunk:role", None, 0),
        ("chunk:content", "text", 19),
        ("chunk:content+finish+usage", "text", 8),
    ],
    "chat-tools": [
        ("chunk:role+content", "text", 10),
        ("chunk:tool_calls", "tool", 4),
        ("chunk:tool_calls", "tool", 13),
        ("chunk:tool_calls", "tool", 8),
        ("chunk:tool_calls", "tool", 5),
        ("chunk:tool_calls", "tool_end", 0),
        ("chunk:tool_calls", "tool", 1),
        ("chunk:finish", "tool_end", 0),
        ("[DONE]", None, 0),
    ],
    "chat-tools-no-index": [
        ("chunk:role+tool_calls", "tool", 34),
        ("chunk:role+tool_calls", "tool_end", 0),
        ("chunk:tool_calls", "tool", 15),
        ("chunk:tool_calls", "tool_end", 0),
        ("chunk:tool_calls", "tool", 4),
        ("chunk:finish", "tool_end", 0),
        ("[DONE]", None, 0),
    ],
}


@pytest.mark.parametrize(("name", "events"), KINDS.items(), ids=KINDS)
def test_a_chunks_kind_names_what_it_holds(name: str, events: list[tuple[str, str | None, int]]) -> None:
    assert wire(name) == events


def test_thinking_keeps_the_name_that_the_server_gives_it() -> None:
    assert choice("chat-reasoning")["message"] == {
        "role": "assistant",
        "content": "Hello!",
        "reasoning": "The user greets me.",
    }
    assert choice("chat-both-kinds")["message"]["reasoning_content"] == "Hm. Yes."


def test_thinking_under_both_names_counts_once() -> None:
    stream = ChatStream()
    chunk = {"choices": [{"index": 0, "delta": {"reasoning": "Hm.", "reasoning_content": "Hm."}}]}
    stream.feed(ServerEvent(None, json.dumps(chunk)), at=None)
    assert [(event.content, event.size) for event in stream.events] == [("thinking", 3)]


def test_a_finish_ends_the_stream_where_no_done_comes() -> None:
    stream = read("chat-four-tokens")
    assert stream.ended
    assert choice("chat-four-tokens")["message"]["content"] == "One two three four five six"
    assert choice("chat-four-tokens")["finish_reason"] == "length"
    assert message("chat-four-tokens")["usage"]["completion_tokens"] == 6


def test_calls_keep_their_arguments_as_they_were_sent() -> None:
    assert choice("chat-tools")["message"] == {
        "role": "assistant",
        "content": "I'll look.",
        "tool_calls": [
            {"id": "call_a", "type": "function", "function": {"name": "Read", "arguments": '{"file_path":"a.txt"}'}},
            {"id": "call_b", "type": "function", "function": {"name": "Glob", "arguments": "{}"}},
        ],
    }


PARTS = {
    "an index": ([part("a", "{", index=0, id="1"), part(None, "}", index=0)], [("a", "{}")]),
    "parts that alternate": (
        [
            part("a", "{", index=0, id="1"),
            part("b", "[", index=1, id="2"),
            part("", "}", index=0),
            part("", "]", index=1),
        ],
        [("a", "{}"), ("b", "[]")],
    ),
    "no index, an id once": (
        [part("a", "{", id="1"), part(None, "}"), part("b", "{}", id="2")],
        [("a", "{}"), ("b", "{}")],
    ),
    "no index, the id in every part": ([part("a", "{", id="1"), part(None, "}", id="1")], [("a", "{}")]),
    "no index, no id": ([part("a", "{}"), part("b", "{}"), part("b", "{}")], [("a", "{}"), ("b", "{}"), ("b", "{}")]),
    "id and name in every part": ([part("a", "{", index=0, id="1"), part("a", "}", index=0, id="1")], [("a", "{}")]),
    "a new id in every part": ([part("a", "{", index=0, id="1"), part(None, "}", index=0, id="2")], [("a", "{}")]),
    "every call has the index 0": (
        [part("a", "{}", index=0, id="1"), part("b", "{}", index=0, id="2")],
        [("a", "{}"), ("b", "{}")],
    ),
    "a name in two pieces": ([part("get_", "", index=0, id="1"), part("time", "{}", index=0)], [("get_time", "{}")]),
}


@pytest.mark.parametrize(("parts", "expected"), PARTS.values(), ids=PARTS)
def test_parts_find_their_call_however_the_server_marks_them(
    parts: list[dict[str, Any]], expected: list[tuple[str, str]]
) -> None:
    assert calls(*parts) == expected


def test_whole_calls_in_one_chunk_are_distinguished() -> None:
    found = [call["function"] for call in choice("chat-tools-no-index")["message"]["tool_calls"]]
    assert found == [
        {"name": "Read", "arguments": '{"file_path":"a.txt"}'},
        {"name": "ListFiles", "arguments": ""},
        {"name": "Glob", "arguments": '{"pattern":"*"}'},
    ]


def test_arguments_that_were_cut_are_marked_and_whole_ones_are_not() -> None:
    (call,) = choice("chat-cut-in-tool")["message"]["tool_calls"]
    assert call["function"]["arguments"] == '{"file_path":'
    assert call["arguments_partial"] is True
    for name in ("chat-tools", "chat-tools-no-index", "chat-llamacpp-tool"):
        assert not any("arguments_partial" in call for call in choice(name)["message"]["tool_calls"]), name


def test_several_choices_are_kept_apart_and_all_must_finish() -> None:
    answers = [(each["message"]["content"], each["finish_reason"]) for each in message("chat-two-choices")["choices"]]
    assert answers == [("Aa", "stop"), ("B", "stop")]
    stream = ChatStream()
    for index, finish in ((0, None), (1, None), (1, "stop")):
        chunk = {"choices": [{"index": index, "delta": {}, "finish_reason": finish}]}
        stream.feed(ServerEvent(None, json.dumps(chunk)), at=None)
    assert not stream.ended


def test_llama_cpps_timings_and_fingerprint_are_kept() -> None:
    answer = message("chat-llamacpp-text")
    assert answer["timings"]["predicted_n"] == 7
    assert answer["system_fingerprint"] == "b0-unknown"


def test_fields_that_a_server_adds_are_kept_and_their_pieces_joined() -> None:
    details = [{"type": "reasoning.text", "text": text} for text in ("Hm.", "Yes.")]
    answer = message_of(
        {"reasoning_details": details[:1], "mood": "calm"}, {"reasoning_details": details[1:], "mood": "er"}
    )
    assert answer == {"role": "assistant", "content": None, "reasoning_details": details, "mood": "calmer"}


def test_a_refusal_is_text_that_was_answered() -> None:
    assert message_of({"refusal": "I "}, {"refusal": "won't."})["refusal"] == "I won't."


def test_the_answer_so_far_survives_an_error_in_mid_stream() -> None:
    stream = read("chat-error")
    assert choice("chat-error")["message"]["content"] == "Once"
    assert (stream.error, stream.ended, stream.events[-1].kind) == ("out of memory", False, "error")


def test_an_error_beside_the_last_of_the_answer_costs_neither() -> None:
    stream = ChatStream()
    chunk = {"error": {"message": "gone"}, "choices": [{"delta": {"content": "On"}, "finish_reason": "error"}]}
    stream.feed(ServerEvent(None, json.dumps(chunk)), at=None)
    assert (stream.error, stream.events[0].content) == ("gone", "text")


@pytest.mark.parametrize(("second", "ends"), [('h": "x"}', 1), ("", 0)], ids=["goes on later", "cut off"])
def test_a_call_can_be_acted_on_only_where_its_arguments_are_whole(second: str, ends: int) -> None:
    """The calls alternate; of one the arguments never become whole."""
    parts = [(0, "Read", '{"pat'), (1, "Read", '{"pat'), *([(0, "", second)] if second else [])]
    stream = ChatStream()
    for index, name, arguments in parts:
        call = {"index": index, "function": {"name": name, "arguments": arguments}}
        choice = {"index": 0, "delta": {"tool_calls": [call]}}
        stream.feed(ServerEvent(None, json.dumps({"choices": [choice]})), at=None)
    finish = {"index": 0, "delta": {}, "finish_reason": "length"}
    stream.feed(ServerEvent(None, json.dumps({"choices": [finish]})), at=None)
    reported = [event.kind for event in stream.events if event.content == "tool_end"]
    assert reported == ["chunk:finish"] * ends
