"""What servers write that isn't as their API format promises: all that is readable of it is kept, and it is counted.

Every case is read whole and byte by byte.
"""

import json
from typing import Any

import pytest

from tests.support.streams import chunked, parse
from traces.dialects import FORMATS, Dialect
from traces.dialects.base import Stream
from traces.model import Json

Events = list[dict[str, Any] | str]


def wire(events: Events) -> bytes:
    lines = (event if isinstance(event, str) else json.dumps(event) for event in events)
    return "".join(f"data: {line}\n\n" for line in lines).encode()


def read(dialect: Dialect, events: Events) -> Stream:
    """Return the stream, read whole; read byte by byte it must be the same."""
    body = wire(events)
    streams = []
    for chunks in ([body], chunked(body, *range(1, len(body)))):
        stream = FORMATS[dialect].stream()
        for event in parse(chunks):
            stream.feed(event, at=None)
        streams.append(stream)
    whole, pieces = streams
    assert (whole.events, whole.message(), whole.odd) == (pieces.events, pieces.message(), pieces.odd)
    assert (whole.ended, whole.error) == (pieces.ended, pieces.error)
    json.dumps(whole.message(), allow_nan=False)
    return whole


def contents(stream: Stream) -> list[tuple[str, int]]:
    return [(event.content, event.size) for event in stream.events if event.content]


# Anthropic's messages

START: dict[str, Any] = {
    "type": "message_start",
    "message": {"id": "m", "type": "message", "role": "assistant", "content": []},
}
END: Events = [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, {"type": "message_stop"}]


def begin(index: Json, block: Json) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: Json, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": fields}


def text(words: Json, index: Json = 0) -> dict[str, Any]:
    return delta(index, type="text_delta", text=words)


TEXT = begin(0, {"type": "text", "text": ""})
CALL = begin(0, {"type": "tool_use", "id": "t", "name": "Read", "input": {}})
ONE_TEXT = [{"type": "text", "text": "one"}]
READ_P = [{"type": "tool_use", "id": "t", "name": "Read", "input": {"p": 1}}]

ANTHROPIC: dict[str, tuple[Any, list[dict[str, Any]], int]] = {
    "the text as a list of parts": ([TEXT, text([{"type": "text", "text": "o"}, {"text": "ne"}])], ONE_TEXT, 1),
    "the text as an object": ([TEXT, text({"value": "one"})], ONE_TEXT, 1),
    "the first text null": ([begin(0, {"type": "text", "text": None}), text("one")], ONE_TEXT, 1),
    "the first text missing": ([begin(0, {"type": "text"}), text("one")], ONE_TEXT, 1),
    "an index as text": ([begin("0", {"type": "text", "text": ""}), text("one", "0")], ONE_TEXT, 2),
    "no index": ([begin(None, {"type": "text", "text": ""}), text("one", None)], ONE_TEXT, 2),
    "a block without a type": ([begin(0, {"text": ""}), text("one")], ONE_TEXT, 1),
    "a delta without a type": ([TEXT, delta(0, text="one")], ONE_TEXT, 1),
    "a delta of an unknown type": ([TEXT, delta(0, type="words_delta", text="one")], ONE_TEXT, 1),
    "a delta that is the text": ([TEXT, {"type": "content_block_delta", "index": 0, "delta": "one"}], ONE_TEXT, 1),
    "events without a type": (
        [{"index": 0, "content_block": {"type": "text"}}, {"index": 0, "delta": {"type": "text_delta", "text": "one"}}],
        ONE_TEXT,
        2,
    ),
    "a block that begins twice": ([TEXT, TEXT, text("one")], ONE_TEXT, 1),
    "the input as an object": ([CALL, delta(0, type="input_json_delta", partial_json={"p": 1})], READ_P, 1),
    "the input null": (
        [CALL, delta(0, type="input_json_delta", partial_json=None), delta(0, partial_json='{"p":1}', type="x")],
        READ_P,
        2,
    ),
    "the input as a text in the block's start": ([begin(0, {**READ_P[0], "input": '{"p":1}'})], READ_P, 0),
    "a call without a name": (
        [begin(0, {"type": "tool_use", "id": "t", "name": None, "input": {"q": 1}})],
        [{"type": "tool_use", "id": "t", "name": None, "input": {"q": 1}}],
        1,
    ),
    "a block that never began": ([text("one")], ONE_TEXT, 1),
    "thinking that never began": (
        [delta(2, type="thinking_delta", thinking="hm")],
        [{"type": "thinking", "thinking": "hm"}],
        1,
    ),
    "a call that never began": (
        [delta(0, type="input_json_delta", partial_json='{"p":1}')],
        [{"type": "tool_use", "input": {"p": 1}}],
        1,
    ),
    "a second kind of block that never began": (
        [begin(0, {"type": "thinking", "thinking": ""}), delta(0, type="thinking_delta", thinking="hm"), text("one")],
        [{"type": "thinking", "thinking": "hm"}, *ONE_TEXT],
        1,
    ),
    "a compaction in pieces": (
        [begin(0, {"type": "compaction", "content": None})]
        + [delta(0, type="compaction_delta", content=piece) for piece in ("The user ", "renamed ", "it.")],
        [{"type": "compaction", "content": "The user renamed it."}],
        0,
    ),
    "a signature said twice": (
        [begin(0, {"type": "thinking", "thinking": "hm"})]
        + [delta(0, type="signature_delta", signature=piece) for piece in ("abc", "abcdef")],
        [{"type": "thinking", "thinking": "hm", "signature": "abcdef"}],
        0,
    ),
    "a text of an unknown block in pieces": (
        [begin(0, {"type": "hologram"}), *(delta(0, type="glow_delta", glow=piece) for piece in ("bl", "ue"))],
        [{"type": "hologram", "glow": "blue"}],
        0,
    ),
    "a whole block with its stop": (
        [TEXT, text("on"), {"type": "content_block_stop", "index": 0, "content_block": ONE_TEXT[0]}],
        ONE_TEXT,
        0,
    ),
    "an empty block with its stop": (
        [TEXT, text("one"), {"type": "content_block_stop", "index": 0, "content_block": {"type": "text", "text": ""}}],
        ONE_TEXT,
        0,
    ),
    "a stop of a block that never began": (
        [TEXT, text("one"), {"type": "content_block_stop", "index": 7}],
        ONE_TEXT,
        1,
    ),
    "two events in one": ([f"{json.dumps(TEXT)}\ndata: {json.dumps(text('one'))}"], ONE_TEXT, 1),
    "a number that is none": ([f'{json.dumps(TEXT)[:-1]}, "logprob": NaN}}', text("one")], ONE_TEXT, 1),
}


@pytest.mark.parametrize(("events", "content", "odd"), ANTHROPIC.values(), ids=ANTHROPIC)
def test_anthropics_odd_events_are_read_as_far_as_they_can_be(
    events: Events, content: list[dict[str, Any]], odd: int
) -> None:
    stream = read("anthropic", [START, *events, *END])
    message: Any = stream.message()
    assert message["content"] == content
    assert (stream.odd.count if stream.odd else 0) == odd
    assert stream.ended


def test_a_message_whose_start_holds_its_content_begins_with_it() -> None:
    start = {"type": "message_start", "message": {"id": "m", "content": ONE_TEXT}}
    for events in ([start, *END], [start, TEXT, text("one"), *END]):
        message: Any = read("anthropic", events).message()
        assert message["content"] == ONE_TEXT


def test_a_message_whose_start_holds_a_text_is_read() -> None:
    start = {"type": "message_start", "message": {**START["message"], "content": "one"}}
    stream = read("anthropic", [start, *END])
    message: Any = stream.message()
    assert (message["content"], stream.odd is not None) == (ONE_TEXT, True)


def test_an_answer_in_one_event_is_read() -> None:
    whole = {"type": "message", "id": "m", "content": ONE_TEXT, "stop_reason": "end_turn", "usage": {"input_tokens": 3}}
    stream = read("anthropic", [whole])
    assert (stream.ended, contents(stream), stream.odd is not None) == (True, [("text", 3)], True)


def test_a_stream_without_its_messages_start_is_counted_once() -> None:
    stream = read("anthropic", [TEXT, text("one"), *END])
    assert stream.odd is not None
    assert stream.odd.count == 1


def test_a_later_zero_or_null_wipes_neither_a_count_nor_the_stop_reason() -> None:
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 1500, "cache_read_input_tokens": 300}}}
    zeros = {"input_tokens": 0, "cache_read_input_tokens": None, "output_tokens": 9}
    closing = [
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": zeros},
        {"type": "message_delta", "delta": {"stop_reason": None}, "usage": {"output_tokens": 0}},
    ]
    message: Any = read("anthropic", [start, *closing]).message()
    assert message["usage"] == {"input_tokens": 1500, "cache_read_input_tokens": 300, "output_tokens": 9}
    assert message["stop_reason"] == "end_turn"


def test_counts_that_come_with_the_end_are_taken() -> None:
    stop = {"type": "message_stop", "usage": {"output_tokens": 3}, "amazon-bedrock-invocationMetrics": {"x": 1}}
    message: Any = read("anthropic", [START, TEXT, text("one"), END[0], stop]).message()
    assert (message["usage"], message["amazon-bedrock-invocationMetrics"]) == ({"output_tokens": 3}, {"x": 1})


@pytest.mark.parametrize(("events", "ended", "odd"), [([*END], True, 0), (END[:1], True, 1), ([], False, 1)])
def test_the_word_of_other_formats_ends_a_message_that_has_its_stop_reason(
    events: Events, ended: bool, odd: int
) -> None:
    stream = read("anthropic", [START, TEXT, text("one"), *events, "[DONE]"])
    assert (stream.ended, stream.odd.count if stream.odd else 0) == (ended, odd)


# OpenAI's chat completions


def chunk(delta: Json = None, finish: Json = None, **fields: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {} if delta is None else delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "choices": [choice], **fields}


def call(name: Json, arguments: Json, **fields: Any) -> dict[str, Any]:
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    return chunk({"tool_calls": [{**fields, "type": "function", "function": function}]})


def choice(**fields: Any) -> dict[str, Any]:
    return {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, **fields}]}


GREP = {"index": 1, "id": "2", "type": "function", "function": {"name": "Grep", "arguments": {"q": 1}}}
READ = {"index": 0, "id": "1", "type": "function", "function": {"name": "Read", "arguments": "{}"}}
MADE_READ = {"id": "1", "type": "function", "function": {"name": "Read", "arguments": "{}"}}
MADE_GREP = {"id": "2", "type": "function", "function": {"name": "Grep", "arguments": '{"q": 1}'}}

CHAT: dict[str, tuple[Events, dict[str, Any], int]] = {
    "content as a list of parts": (
        [
            chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]}),
            chunk({"content": [{"type": "text", "text": "on"}]}),
            chunk({"content": "e"}),
        ],
        {"content": "one", "reasoning_content": "Hm."},
        2,
    ),
    "content as an object": ([chunk({"content": {"text": "one"}})], {"content": "one"}, 1),
    "a delta that is the text": ([chunk("one")], {"content": "one"}, 1),
    "content as a list of texts": ([chunk({"content": ["o", "ne"]})], {"content": "one"}, 1),
    "calls in a list of lists": ([chunk({"tool_calls": [[READ]]})], {"tool_calls": [MADE_READ]}, 1),
    "arguments as a list of texts": (
        [chunk({"tool_calls": [{**READ, "function": {"name": "Read", "arguments": ["{", "}"]}}]})],
        {"tool_calls": [MADE_READ]},
        1,
    ),
    "a function within an object": (
        [chunk({"tool_calls": [{**READ, "function": {"value": READ["function"]}}]})],
        {"tool_calls": [MADE_READ]},
        1,
    ),
    "a text in the delta's place": ([choice(text="one")], {"content": "one"}, 1),
    "an index as text": (
        [choice(delta={"content": "one"}) | {"choices": [{"index": "0", "delta": {"content": "one"}}]}],
        {"content": "one"},
        1,
    ),
    "one choice that is no list": (
        [{"id": "c", "choices": {"index": 0, "delta": {"content": "one"}}}],
        {"content": "one"},
        1,
    ),
    "no choices, but a delta": ([{"id": "c", "delta": {"content": "one"}}], {"content": "one"}, 1),
    "a message in the delta's place": (
        [choice(message={"role": "assistant", "content": "one"})],
        {"content": "one"},
        1,
    ),
    "messages that repeat what came": (
        [choice(message={"content": "o"}), choice(message={"content": "one"}), choice(message={"content": ""})],
        {"content": "one"},
        3,
    ),
    "a refusal that is false": ([chunk({"content": "one", "refusal": False})], {"content": "one", "refusal": ""}, 1),
    "reasoning as an object": (
        [chunk({"content": "one", "reasoning": {"effort": "low"}})],
        {"content": "one", "reasoning": {"effort": "low"}},
        1,
    ),
    "reasoning in a field of another name": (
        [chunk({"reasoning_text": "Hm."}), chunk({"content": "one"})],
        {"content": "one", "reasoning_text": "Hm."},
        0,
    ),
    "one odd call beside a good one": (
        [chunk({"tool_calls": [READ, GREP]})],
        {"tool_calls": [MADE_READ, MADE_GREP]},
        1,
    ),
    "one call that is no list": ([chunk({"tool_calls": READ})], {"tool_calls": [MADE_READ]}, 1),
    "a call that is none beside a good one": ([chunk({"tool_calls": [7, READ]})], {"tool_calls": [MADE_READ]}, 1),
    "name and arguments beside the id": (
        [chunk({"tool_calls": [{"index": 0, "id": "1", "name": "Read", "arguments": "{}"}]})],
        {"tool_calls": [{"id": "1", "function": {"name": "Read", "arguments": "{}"}}]},
        1,
    ),
    "a content whose parts are texts": ([chunk({"content": ["one", {"text": " two"}]})], {"content": "one two"}, 1),
    "a function that is its name": (
        [chunk({"tool_calls": [{"index": 0, "id": "1", "type": "function", "function": "Read"}]})],
        {"tool_calls": [{"id": "1", "type": "function", "function": {"name": "Read", "arguments": ""}}]},
        1,
    ),
    "arguments that are null first": (
        [chunk({"tool_calls": [READ | {"function": {"name": "Read", "arguments": None}}]}), call(None, "{}", index=0)],
        {"tool_calls": [MADE_READ]},
        0,
    ),
    "a call whose input is a text": (
        [
            chunk({"tool_calls": [{"index": 0, "id": "1", "type": "custom", "custom": {"name": "sh", "input": "l"}}]}),
            chunk({"tool_calls": [{"index": 0, "custom": {"input": "s"}}]}),
        ],
        {"tool_calls": [{"id": "1", "type": "custom", "custom": {"name": "sh", "input": "ls"}}]},
        0,
    ),
    "a function call as before there were tools": (
        [chunk({"function_call": {"name": "f", "arguments": '{"a'}}), chunk({"function_call": {"arguments": '":1}'}})],
        {"function_call": {"name": "f", "arguments": '{"a":1}'}},
        0,
    ),
    "audio in pieces": (
        [
            chunk({"audio": {"id": "a", "transcript": "On", "data": "AA"}}),
            chunk({"audio": {"id": "a", "transcript": "e", "data": "BB"}}),
        ],
        {"audio": {"id": "a", "transcript": "One", "data": "AABB"}},
        0,
    ),
    "reasoning in numbered pieces": (
        [
            chunk({"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": "H"}]}),
            chunk({"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": "m"}]}),
        ],
        {"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": "Hm"}]},
        0,
    ),
    "a text that nobody listed, in pieces": (
        [chunk({"content": "one", "mood": "ca"}), chunk({"role": "assistant", "mood": "lm"})],
        {"content": "one", "mood": "calm"},
        1,
    ),
    "a delta that says nothing known": ([chunk({"words": "one"})], {"words": "one"}, 1),
    "a chunk in which a number is none": (
        [json.dumps(chunk({"content": "one"}))[:-1] + ', "logprob": -Infinity}'],
        {"content": "one"},
        1,
    ),
}


@pytest.mark.parametrize(("events", "said", "odd"), CHAT.values(), ids=CHAT)
def test_odd_chunks_are_read_as_far_as_they_can_be(events: Events, said: dict[str, Any], odd: int) -> None:
    stream = read("chat", [chunk({"role": "assistant"}), *events, chunk({}, "stop"), "[DONE]"])
    answer: Any = stream.message()
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": None, **said}
    assert (stream.odd.count if stream.odd else 0) == odd
    assert stream.ended
    assert sum(size for _, size in contents(stream)) > 0 or "words" in said


CALLS: dict[str, tuple[Events, list[tuple[str, str]]]] = {
    "no ids at one index": (
        [call("W", '{"p":"a"}', index=0), call("W", '{"p":"b"}', index=0)],
        [("W", '{"p":"a"}'), ("W", '{"p":"b"}')],
    ),
    "empty ids at one index": (
        [call("W", '{"p":1}', index=0, id=""), call("X", "{}", index=0, id="")],
        [("W", '{"p":1}'), ("X", "{}")],
    ),
    "an id only in the first": (
        [call("W", '{"p":1}', index=0, id="1"), call("X", "{}", index=0)],
        [("W", '{"p":1}'), ("X", "{}")],
    ),
    "another name after arguments that were cut": (
        [call("W", '{"p', index=0), call("X", "{}", index=0)],
        [("W", '{"p'), ("X", "{}")],
    ),
    "the name in every part, no id": (
        [call("W", '{"p":', index=0), call("W", "1}", index=0), call("W", "", index=0)],
        [("W", '{"p":1}')],
    ),
    "the same name twice, arguments in pieces": (
        [call(*part, index=0) for part in (("W", ""), (None, '{"p":'), (None, "1}"), ("W", ""), (None, "{}"))],
        [("W", '{"p":1}'), ("W", "{}")],
    ),
    "one id for all": (
        [call("W", '{"p":1}', index=0, id="1"), call("X", "{}", index=0, id="1")],
        [("W", '{"p":1}'), ("X", "{}")],
    ),
    "the name in every part, no id, no index": ([call("W", '{"p":'), call("W", "1}")], [("W", '{"p":1}')]),
    "the name in every part, one id": (
        [call("W", '{"p":1}', index=0, id="1"), call("W", " ", index=0, id="1")],
        [("W", '{"p":1} ')],
    ),
}


@pytest.mark.parametrize(("events", "made"), CALLS.values(), ids=CALLS)
def test_calls_without_ids_are_distinguished_by_their_names(events: Events, made: list[tuple[str, str]]) -> None:
    answer: Any = read("chat", [*events, chunk({}, "tool_calls"), "[DONE]"]).message()
    calls = [each["function"] for each in answer["choices"][0]["message"]["tool_calls"]]
    assert [(function["name"], function["arguments"]) for function in calls] == made


def test_a_function_call_can_be_acted_on_at_the_finish() -> None:
    pieces = ({"name": "f", "arguments": '{"a'}, {"name": "f", "arguments": '":1}'})
    stream = read(
        "chat", [*(chunk({"function_call": piece}) for piece in pieces), chunk({}, "function_call"), "[DONE]"]
    )
    assert contents(stream) == [("tool", 4), ("tool", 4), ("tool_end", 0)]


def test_logprobs_of_all_chunks_are_kept() -> None:
    chunks = [choice(delta={"content": word}, logprobs={"content": [{"token": word}]}) for word in ("o", "ne")]
    answer: Any = read("chat", [*chunks, chunk({}, "stop")]).message()
    assert answer["choices"][0]["logprobs"] == {"content": [{"token": "o"}, {"token": "ne"}]}


USAGE = {"prompt_tokens": 9, "completion_tokens": 2}


@pytest.mark.parametrize("beside", [{}, {"choices": None}, {"choices": []}], ids=str)
def test_usage_without_choices_is_no_odd_event(beside: dict[str, Any]) -> None:
    stream = read("chat", [chunk({"content": "one"}), chunk({}, "stop"), {"usage": USAGE, **beside}, "[DONE]"])
    answer: Any = stream.message()
    assert (answer["usage"], stream.odd, stream.events[-2].kind) == (USAGE, None, "chunk:usage")


def test_usage_in_a_list_is_read_and_marked() -> None:
    stream = read("chat", [chunk({"content": "one"}), chunk({}, "stop", usage=[USAGE]), "[DONE]"])
    answer: Any = stream.message()
    assert (answer["usage"], stream.odd is not None) == (USAGE, True)


@pytest.mark.parametrize("later", [None, {}, {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": None}])
def test_a_later_zero_wipes_no_count_of_a_chunk(later: Json) -> None:
    stream = read("chat", [chunk({"content": "one"}, usage=USAGE), chunk({}, "stop", usage=later), "[DONE]"])
    answer: Any = stream.message()
    assert answer["usage"] == USAGE


def test_counts_beside_the_usage_are_not_wiped_either() -> None:
    chunks = [chunk({"content": "one"}, x_groq={"id": "r", "usage": USAGE}), chunk({}, "stop", x_groq={"id": "r"})]
    answer: Any = read("chat", [*chunks, chunk({}, x_groq=7), "[DONE]"]).message()
    assert answer["x_groq"] == {"id": "r", "usage": USAGE}


# OpenAI's responses

CREATED: dict[str, Any] = {"type": "response.created", "response": {"id": "r", "status": "in_progress", "output": []}}


def item(number: int, words: Json) -> dict[str, Any]:
    return {
        "type": "message",
        "id": f"i{number}",
        "role": "assistant",
        "content": [{"type": "output_text", "text": words}],
    }


def add_item(number: int, fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "response.output_item.added", "output_index": number, "item": fields}


def grow(kind: str, words: Json, number: Json = 0, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}.delta", "output_index": number, "item_id": f"i{number}", "delta": words, **fields}


def close(status: str = "completed", **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{status}", "response": {"id": "r", "status": status, **fields}}


ONE = [item(0, "one")]
BEGUN = add_item(0, {**item(0, ""), "content": []})
READ_CALL = {"type": "function_call", "id": "i0", "call_id": "c", "name": "Read", "arguments": ""}
DONE = {"type": "response.output_item.done"}
PART = {
    "type": "response.content_part.added",
    "item_id": "i0",
    "content_index": 0,
    "part": {"type": "output_text", "text": "", "logprobs": []},
}

RESPONSES: dict[str, tuple[Events, list[dict[str, Any]], int]] = {
    "an item that never began": ([grow("output_text", "o"), grow("output_text", "ne")], ONE, 1),
    "the text as an object": ([BEGUN, grow("output_text", {"text": "one"}), close(output=ONE)], ONE, 1),
    "an index as text": ([BEGUN, grow("output_text", "one") | {"output_index": "0"}, close(output=ONE)], ONE, 1),
    "neither index nor id": (
        [{"type": "response.output_text.delta", "delta": "one"}],
        [{k: v for k, v in ONE[0].items() if k != "id"}],
        1,
    ),
    "an item that comes only when it is done": (
        [{"type": "response.output_item.done", "output_index": 0, "item": ONE[0]}],
        ONE,
        0,
    ),
    "a text that comes only when it is done": (
        [BEGUN, {"type": "response.output_text.done", "item_id": "i0", "text": "one"}],
        ONE,
        0,
    ),
    "a part that comes only when it is done": (
        [BEGUN, {"type": "response.content_part.done", "item_id": "i0", "part": ONE[0]["content"][0]}],
        ONE,
        0,
    ),
    "an answer that comes only at the end": ([close(output=ONE)], ONE, 0),
    "a closing event without output": ([BEGUN, grow("output_text", "one"), close(output=[])], ONE, 1),
    "a closing event of null": ([BEGUN, grow("output_text", "one"), close(output=None)], ONE, 1),
    "a closing event that is shorter": ([BEGUN, grow("output_text", "one"), close(output=[item(0, "on")])], ONE, 1),
    "a closing event with less items": (
        [BEGUN, grow("output_text", "one"), add_item(1, item(1, "two")), close(output=[item(1, "two")])],
        [*ONE, item(1, "two")],
        1,
    ),
    "a closing event with other ids": (
        [BEGUN, grow("output_text", "one"), close(output=[{**ONE[0], "id": "x"}])],
        [{**ONE[0], "id": "x"}],
        0,
    ),
    "a content that is a text": ([add_item(0, {**ONE[0], "content": "o"}), grow("output_text", "ne")], ONE, 1),
    "a closing event whose text is a number": (
        [BEGUN, grow("output_text", "one"), close(output=[item(0, 7)])],
        ONE,
        1,
    ),
    "a text that is done and is a long number": (
        [BEGUN, grow("output_text", "one"), {"type": "response.output_text.done", "item_id": "i0", "text": 10**9}],
        ONE,
        1,
    ),
    "an item that is done and has no content": (
        [BEGUN, grow("output_text", "one"), add_item(0, {**ONE[0], "content": True}) | DONE],
        ONE,
        1,
    ),
    "empty lists that the closing event leaves out": (
        [BEGUN, PART, grow("output_text", "one"), close(output=ONE)],
        [{**ONE[0], "content": [{**ONE[0]["content"][0], "logprobs": []}]}],
        0,
    ),
    "a call without its id": (
        [add_item(0, {**READ_CALL, "call_id": None, "arguments": "{}"})],
        [{**READ_CALL, "call_id": None, "arguments": "{}"}],
        1,
    ),
    "a part's event without its part": ([BEGUN, {**PART, "part": None}, grow("output_text", "one")], ONE, 1),
    "a failed answer": (
        [BEGUN, grow("output_text", "one"), close("failed", output=[], error={"message": "boom"})],
        ONE,
        1,
    ),
    "an unknown text in pieces": (
        [add_item(0, {"type": "song", "id": "i0"}), grow("song_words", "la"), grow("song_words", "la")],
        [{"type": "song", "id": "i0", "song_words": "lala"}],
        2,
    ),
    "arguments of an mcp call": (
        [grow("mcp_call_arguments", "{"), grow("mcp_call_arguments", "}")],
        [{"type": "mcp_call", "id": "i0", "arguments": "{}"}],
        1,
    ),
    "code of the interpreter": (
        [
            add_item(0, {"type": "code_interpreter_call", "id": "i0", "code": ""}),
            grow("code_interpreter_call_code", "1+"),
            grow("code_interpreter_call_code", "1"),
        ],
        [{"type": "code_interpreter_call", "id": "i0", "code": "1+1"}],
        0,
    ),
    "arguments as an object": (
        [add_item(0, READ_CALL), grow("function_call_arguments", {"p": 1})],
        [{**READ_CALL, "arguments": '{"p": 1}'}],
        1,
    ),
    "a call that never began": (
        [grow("function_call_arguments", "{}")],
        [{"id": "i0", "type": "function_call", "arguments": "{}"}],
        1,
    ),
    "a call that comes only when it is done": (
        [{"type": "response.output_item.done", "output_index": 0, "item": {**READ_CALL, "arguments": "{}"}}],
        [{**READ_CALL, "arguments": "{}"}],
        0,
    ),
    "an audio's transcript": (
        [grow("audio.transcript", "o"), grow("audio.transcript", "ne")],
        [
            {
                "type": "message",
                "id": "i0",
                "role": "assistant",
                "content": [{"type": "output_audio", "transcript": "one"}],
            }
        ],
        1,
    ),
    "an event without a type": ([BEGUN, {"output_index": 0, "delta": "one"}], ONE, 1),
    "an item that begins twice": ([BEGUN, BEGUN, grow("output_text", "one")], ONE, 0),
}


@pytest.mark.parametrize(("events", "output", "odd"), RESPONSES.values(), ids=RESPONSES)
def test_odd_events_of_responses_are_read_as_far_as_they_can_be(
    events: Events, output: list[dict[str, Any]], odd: int
) -> None:
    stream = read("responses", [CREATED, *events])
    answer: Any = stream.message()
    assert answer["output"] == output
    assert (stream.odd.count if stream.odd else 0) == odd
    assert sum(size for _, size in contents(stream)) > 0 or output[0]["type"] == "song"


def test_a_responses_usage_in_a_list_is_read_and_marked() -> None:
    usage = {"input_tokens": 30, "output_tokens": 4}
    stream = read("responses", [CREATED, BEGUN, grow("output_text", "one"), close(usage=[usage], output=ONE)])
    answer: Any = stream.message()
    assert (answer["usage"], stream.odd is not None) == (usage, True)


def test_a_message_that_is_a_text_is_no_error() -> None:
    stream = read("anthropic", [{"type": "message_start", "message": "hello"}, TEXT, text("one"), *END])
    assert (stream.error, stream.odd is not None) == (None, True)


def test_a_closing_event_adds_its_usage_and_status() -> None:
    usage = {"input_tokens": 30, "output_tokens": 4}
    answer: Any = read("responses", [CREATED, BEGUN, grow("output_text", "one"), close(usage=usage)]).message()
    assert (answer["usage"], answer["status"], answer["output"]) == (usage, "completed", ONE)


def test_a_call_is_reported_once_however_often_it_is_said_to_be_done() -> None:
    done = {"type": "response.function_call_arguments.done", "item_id": "i0", "output_index": 0, "arguments": "{}"}
    item_done = {"type": "response.output_item.done", "output_index": 0, "item": {**READ_CALL, "arguments": "{}"}}
    stream = read("responses", [CREATED, add_item(0, READ_CALL), done, item_done, close(output=[item_done["item"]])])
    assert [event.content for event in stream.events if event.content] == ["tool", "tool", "tool_end"]


def test_logprobs_of_all_deltas_are_kept() -> None:
    deltas = [{**grow("output_text", word), "logprobs": [{"token": word}]} for word in ("o", "ne")]
    part = {"text": "", "logprobs": []}
    done = {"type": "response.output_text.done", "output_index": 0, "content_index": 0, "item_id": "i0", **part}
    answer: Any = read("responses", [CREATED, BEGUN, *deltas, done, close(output=[])]).message()
    assert answer["output"][0]["content"][0]["logprobs"] == [{"token": "o"}, {"token": "ne"}]
