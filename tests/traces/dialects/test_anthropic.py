"""Anthropic's streams: the assembled message, and the contents of each event."""

import json
from typing import Any

import pytest

from tests.support.streams import message, read, wire
from traces.dialects.anthropic import AnthropicStream
from traces.dialects.sse import ServerEvent


def feed(*events: dict[str, Any]) -> AnthropicStream:
    stream = AnthropicStream()
    for event in events:
        stream.feed(ServerEvent(None, json.dumps(event)), at=None)
    return stream


def block(index: int, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": fields}


def delta(index: int, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": fields}


def test_text_usage_and_fields_that_nobody_knows_are_kept() -> None:
    assert message("anthropic-text") == {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": [{"type": "text", "text": "Grüß dich, 世界 🌍"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "context_management": {"applied_edits": []},
        "usage": {
            "input_tokens": 3,
            "cache_creation_input_tokens": 120,
            "cache_read_input_tokens": 12000,
            "cache_creation": {"ephemeral_5m_input_tokens": 120, "ephemeral_1h_input_tokens": 0},
            "output_tokens": 9,
            "service_tier": "standard",
            "inference_geo": "eu",
            "shiny_new_tokens": 4,
        },
    }


def test_only_text_that_isnt_empty_counts_as_content() -> None:
    assert wire("anthropic-text") == [
        ("message_start", None, 0),
        ("content_block_start:text", None, 0),
        ("ping", None, 0),
        ("content_block_delta:text_delta", "text", 5),
        ("content_block_delta:text_delta", None, 0),
        ("content_block_delta:text_delta", "text", 10),
        ("content_block_stop", None, 0),
        ("message_delta", None, 0),
        ("message_stop", None, 0),
    ]


def test_thinking_keeps_its_signature_and_redacted_thinking_its_data() -> None:
    assert message("anthropic-thinking")["content"] == [
        {"type": "thinking", "thinking": "The user greets me.", "signature": "EqQBCkYI"},
        {"type": "redacted_thinking", "data": "b3BhcXVl"},
        {"type": "text", "text": "Hello!"},
    ]
    brought = [(content, size) for _, content, size in wire("anthropic-thinking") if content]
    assert brought == [("thinking", 9), ("thinking", 10), ("text", 6)]


def test_a_tools_input_is_parsed_and_a_tool_without_arguments_keeps_its_empty_one() -> None:
    assert message("anthropic-tool")["content"][1:] == [
        {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"file_path": "/tmp/a.txt", "limit": 5}},
        {"type": "tool_use", "id": "toolu_2", "name": "ListFiles", "input": {}},
    ]


def test_a_call_that_begins_without_its_empty_input_isnt_odd_since_llama_cpp_leaves_it_out() -> None:
    begun = {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "t", "name": "Ls"}}
    start = {"type": "message_start", "message": {"type": "message", "role": "assistant", "content": []}}
    stop = {"type": "content_block_stop", "index": 0}
    ended = feed(start, begun, delta(0, type="input_json_delta", partial_json="{}"), stop)

    assert ended.odd is None


def test_a_tools_name_counts_as_content_and_its_stop_shows_that_it_is_whole() -> None:
    assert [event for event in wire("anthropic-tool") if event[1] in ("tool", "tool_end")] == [
        ("content_block_start:tool_use", "tool", 4),
        ("content_block_delta:input_json_delta", "tool", 20),
        ("content_block_delta:input_json_delta", "tool", 19),
        ("content_block_stop", "tool_end", 0),
        ("content_block_start:tool_use", "tool", 9),
        ("content_block_stop", "tool_end", 0),
    ]


def test_parallel_tools_may_alternate_and_each_is_whole_where_its_block_is_stopped() -> None:
    assert [(each["name"], each["input"]) for each in message("anthropic-parallel-tools")["content"]] == [
        ("Read", {"file_path": "a.txt"}),
        ("Glob", {"pattern": "*.py"}),
    ]
    assert [event for event in wire("anthropic-parallel-tools") if event[2] == 4 or event[1] == "tool_end"] == [
        ("content_block_start:tool_use", "tool", 4),
        ("content_block_start:tool_use", "tool", 4),
        ("content_block_stop", "tool_end", 0),
        ("content_block_stop", "tool_end", 0),
    ]


def test_a_call_is_whole_where_the_next_begins_though_all_stops_come_at_the_end() -> None:
    whole = delta(0, type="input_json_delta", partial_json='{"a": 1}')
    first, second = (block(index, type="tool_use", id="t", name="Read", input={}) for index in (0, 1))
    stops = [{"type": "content_block_stop", "index": index} for index in (0, 1)]
    kinds = [event.kind for event in feed(first, whole, second, *stops).events if event.content == "tool_end"]
    assert kinds == ["content_block_start:tool_use", "content_block_stop"]


def test_a_call_that_was_cut_off_is_never_whole_though_its_block_is_stopped() -> None:
    stream = feed(
        block(0, type="tool_use", id="t", name="Read", input={}),
        delta(0, type="input_json_delta", partial_json='{"file_pa'),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}},
        {"type": "message_stop"},
    )
    assert "tool_end" not in {event.content for event in stream.events}


def test_a_call_is_whole_at_the_finish_where_no_stop_came() -> None:
    finish = {"type": "message_delta", "delta": {"stop_reason": "tool_use"}}
    stream = feed(block(0, type="tool_use", id="t", name="Read", input={}), finish, {"type": "message_stop"})
    assert [event.kind for event in stream.events if event.content == "tool_end"] == ["message_delta"]


def test_a_tool_that_the_server_runs_is_content_but_no_call_to_act_on() -> None:
    search, result, text = message("anthropic-server-tool")["content"]
    assert search["input"] == {"query": "time"}
    assert result["content"][0]["title"] == "Time"
    assert [citation["cited_text"] for citation in text["citations"]] == ["It is late."]
    assert message("anthropic-server-tool")["usage"]["server_tool_use"] == {"web_search_requests": 1}
    contents = [content for _, content, _ in wire("anthropic-server-tool") if content]
    assert contents == ["tool", "tool", "tool", "text"]


def test_the_closing_usage_replaces_what_the_first_one_guessed() -> None:
    late = message("anthropic-late-usage")
    assert late["usage"] == {"input_tokens": 50, "cache_read_input_tokens": 950, "output_tokens": 5}
    assert (late["stop_reason"], late["stop_sequence"]) == ("stop_sequence", "###")


def test_llama_cpps_closing_usage_leaves_the_input_counts_of_the_first_one() -> None:
    usage = message("anthropic-llamacpp-tool")["usage"]
    assert usage == {"cache_read_input_tokens": 0, "input_tokens": 192, "output_tokens": 57}


def test_a_null_in_the_closing_usage_changes_nothing() -> None:
    stream = feed(
        {"type": "message_start", "message": {"usage": {"input_tokens": 7, "output_tokens": 1}}},
        {"type": "message_delta", "delta": {"stop_reason": None}, "usage": {"input_tokens": None, "output_tokens": 2}},
    )
    assert stream.message() == {"usage": {"input_tokens": 7, "output_tokens": 2}, "stop_reason": None, "content": []}


def test_a_block_of_an_unknown_kind_is_kept_and_an_unknown_deltas_fields_are_set() -> None:
    assert message("anthropic-unknown-block")["content"][0] == {"type": "hologram", "seed": 7}
    tinted = feed(block(0, type="hologram", seed=7), delta(0, type="tint_delta", tint="blue"))
    assert tinted.message() == {"content": [{"type": "hologram", "seed": 7, "tint": "blue"}]}
    assert [event.kind for event in tinted.events] == ["content_block_start:hologram", "content_block_delta:tint_delta"]


def test_a_cut_stream_keeps_the_part_of_a_tools_input_as_text() -> None:
    stream = read("anthropic-cut-in-tool")
    assert message("anthropic-cut-in-tool")["content"][1] == {
        "type": "tool_use",
        "id": "toolu_1",
        "name": "Read",
        "input": '{"file_path": "/tmp/',
        "input_partial": True,
    }
    assert not stream.ended
    assert "tool_end" not in {event.content for event in stream.events}


@pytest.mark.parametrize("text", ["", '{"a"', '{"a":1}}', "{'a':1}"])
def test_an_input_that_isnt_one_whole_document_is_marked_as_a_part(text: str) -> None:
    stream = feed(
        block(0, type="tool_use", id="t", name="Read", input={}), delta(0, type="input_json_delta", partial_json=text)
    )
    call = {"type": "tool_use", "id": "t", "name": "Read", "input": text, "input_partial": True}
    assert stream.message() == {"content": [call]}


def test_an_input_that_came_whole_with_its_blocks_start_stays() -> None:
    assert feed(block(0, type="tool_use", id="t", name="Read", input={"a": 1})).message() == {
        "content": [{"type": "tool_use", "id": "t", "name": "Read", "input": {"a": 1}}]
    }


def test_text_that_came_with_its_blocks_start_counts_and_stays_first() -> None:
    stream = feed(block(0, type="text", text="On"), delta(0, type="text_delta", text="ce"))
    assert stream.message() == {"content": [{"type": "text", "text": "Once"}]}
    assert [(event.content, event.size) for event in stream.events] == [("text", 2), ("text", 2)]


def test_the_answer_so_far_survives_an_error_in_mid_stream() -> None:
    for name, words in {
        "anthropic-error": "Overloaded",
        "anthropic-error-openai-shape": "context shift failed",
    }.items():
        stream = read(name)
        assert message(name)["content"] == [{"type": "text", "text": "Once upon"}]
        assert (stream.error, stream.ended, stream.events[-1].kind) == (words, False, "error")


def test_another_model_that_goes_on_with_the_answer_is_named() -> None:
    stream = feed(
        {"type": "message_start", "message": {"model": "large"}},
        block(0, type="fallback", **{"from": {"model": "large"}, "to": {"model": "small"}}),
    )
    answer: Any = stream.message()
    assert answer["model"] == "small"
