"""OpenAI's responses: the closing event's answer, and what can be put together without it."""

import json

from tests.support.streams import FOLDER, message, read, wire
from traces.dialects.openai_responses import ResponsesStream
from traces.dialects.sse import ServerEvent

REASONING = {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Look first."}]}


def test_the_closing_event_holds_the_answer() -> None:
    answer = message("responses-tool")
    assert (answer["object"], answer["status"]) == ("response", "completed")
    assert [item["type"] for item in answer["output"]] == ["reasoning", "message", "function_call"]
    assert answer["output"][2]["arguments"] == '{"file_path":"a.txt"}'
    assert answer["usage"]["input_tokens_details"] == {"cached_tokens": 24}


def test_each_event_is_recorded_by_its_type_and_contents() -> None:
    assert wire("responses-tool") == [
        ("response.created", None, 0),
        ("response.output_item.added", None, 0),
        ("response.reasoning_summary_part.added", None, 0),
        ("response.reasoning_summary_text.delta", "thinking", 5),
        ("response.reasoning_summary_text.delta", "thinking", 6),
        ("response.output_item.done", None, 0),
        ("response.output_item.added", None, 0),
        ("response.content_part.added", None, 0),
        ("response.output_text.delta", "text", 5),
        ("response.output_text.delta", "text", 5),
        ("response.output_text.done", None, 0),
        ("response.output_item.added", "tool", 4),
        ("response.function_call_arguments.delta", "tool", 13),
        ("response.function_call_arguments.delta", "tool", 8),
        ("response.function_call_arguments.done", "tool_end", 0),
        ("response.output_item.done", None, 0),
        ("response.completed", None, 0),
    ]


def test_a_cut_stream_keeps_what_its_items_had_brought() -> None:
    assert message("responses-cut-in-tool") == {
        "id": "resp_1",
        "object": "response",
        "status": "in_progress",
        "model": "local",
        "usage": None,
        "error": None,
        "output": [
            REASONING,
            {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "status": "in_progress",
                "content": [{"type": "output_text", "text": "I'll look.", "annotations": []}],
            },
            {
                "id": "fc_1",
                "type": "function_call",
                "call_id": "call_a",
                "name": "Read",
                "arguments": '{"file_path":',
                "status": "in_progress",
                "arguments_partial": True,
            },
        ],
    }


def test_a_failed_answer_has_ended_and_reports_its_error() -> None:
    stream = read("responses-failed")
    assert (stream.ended, stream.error) == (True, "out of memory")


def test_llama_cpp_numbers_no_items_and_is_read_by_their_ids() -> None:
    whole = message("responses-llamacpp-tool")
    stream = ResponsesStream()
    events = [line for line in _data("responses-llamacpp-tool") if "response.completed" not in line]
    for event in events:
        stream.feed(ServerEvent(None, event), at=None)
    put_together = stream.message()
    assert isinstance(put_together, dict)
    assert put_together["output"] == whole["output"]
    assert "malformed" not in {event.kind for event in stream.events}


def test_a_call_is_whole_at_the_end_where_nothing_said_so_before() -> None:
    stream = ResponsesStream()
    call = {"id": "fc_1", "type": "function_call", "name": "Read", "arguments": ""}
    closing = {"type": "response.incomplete", "response": {"object": "response", "status": "incomplete"}}
    for event in ({"type": "response.output_item.added", "item": call}, closing):
        stream.feed(ServerEvent(None, json.dumps(event)), at=None)
    assert [event.content for event in stream.events] == ["tool", "tool_end"]
    assert stream.ended


def _data(name: str) -> list[str]:
    lines = (FOLDER / f"{name}.sse").read_text().splitlines()
    return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]


def test_a_call_that_was_cut_off_is_never_whole() -> None:
    stream = ResponsesStream()
    call = {"id": "fc_1", "type": "function_call", "name": "Read", "arguments": ""}
    delta = {"type": "response.function_call_arguments.delta", "item_id": "fc_1", "delta": '{"pat'}
    done = {"type": "response.output_item.done", "item": {**call, "arguments": '{"pat', "status": "incomplete"}}
    for event in ({"type": "response.output_item.added", "item": call}, delta, done):
        stream.feed(ServerEvent(None, json.dumps(event)), at=None)
    assert "tool_end" not in {event.content for event in stream.events}
