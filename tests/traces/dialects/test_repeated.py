"""A chunk that repeats the one before it but for the text is read as if it had been parsed."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traces.dialects import base
from traces.dialects.anthropic import AnthropicStream
from traces.dialects.base import JsonStream
from traces.dialects.openai_chat import ChatStream
from traces.dialects.repeated import OnlyText, Repeated, repeated
from traces.dialects.sse import ServerEvent

HEAD = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
PLAIN = ("word", " ", 'a "quoted" one', '"content":"x"', "back\\slash", "Grüß 世界 🌍", "\ud83d", "\ude00", "\x00", "")


def chunk(delta: Any, beside: dict[str, Any] | None = None, head: dict[str, Any] | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": None, **(beside or {})}
    return json.dumps({**HEAD, **(head or {}), "choices": [choice]})


def call(part: dict[str, Any], **beside: Any) -> str:
    return chunk({**beside, "tool_calls": [{"index": 0, **part}]})


TEXTS = st.sampled_from(PLAIN)
CHUNKS = st.one_of(
    TEXTS.map(lambda text: chunk({"content": text})),
    TEXTS.map(lambda text: chunk({"content": text}).replace('"finish_reason"', '"content": "y", "finish_reason"')),
    TEXTS.map(lambda text: chunk({"content": text, "role": "assistant"})),
    TEXTS.map(lambda text: chunk({"content": None, "reasoning_content": text})),
    TEXTS.map(lambda text: chunk({"content": "", "reasoning": text})),
    TEXTS.map(lambda text: chunk({"reasoning": text, "reasoning_content": text})),
    TEXTS.map(lambda text: chunk({"refusal": text})),
    TEXTS.map(lambda text: chunk({"content": text}, {"logprobs": {"content": [{"token": text}]}})),
    TEXTS.map(lambda text: chunk({"content": text}, {"index": 1})),
    TEXTS.map(lambda text: chunk({"content": text}, head={"timings": {"predicted_n": 3}})),
    TEXTS.map(lambda text: chunk({"content": text, "tool_calls": [{"index": 0, "function": {"name": "a"}}]})),
    TEXTS.map(lambda text: call({"function": {"arguments": text}})),
    TEXTS.map(lambda text: call({"function": {"arguments": text, "name": None}, "id": None, "type": "function"})),
    TEXTS.map(lambda text: call({"function": {"arguments": text}}, content="")),
    TEXTS.map(lambda text: call({"function": {"arguments": text}}, content="x")),
    TEXTS.map(lambda text: call({"function": {"arguments": text}, "index": 1})),
    TEXTS.map(lambda text: call({"function": {"arguments": text}, "index": None})),
    TEXTS.map(lambda text: call({"function": {"arguments": text, "name": "Read"}})),
    TEXTS.map(lambda text: call({"function": {"arguments": text, "name": "Read"}, "id": "call_1"})),
    TEXTS.map(lambda text: call({"function": {"arguments": text}, "id": "call_1"})),
    TEXTS.map(lambda text: call({"custom": {"input": text}})),
    TEXTS.map(lambda text: call({"arguments": text})),
    TEXTS.map(lambda text: json.dumps({**HEAD, "choices": [{"delta": {"content": text}}]})),
    TEXTS.map(lambda text: json.dumps({"choices": [{"index": 0, "text": text}]})),
    st.sampled_from(
        [
            chunk({"content": "x"})[:-3],
            chunk({"content": "x"}) + " ",
            chunk({"content": "x"}) * 2,
            chunk({"content": "x"}, {"finish_reason": "stop"}),
            chunk({"content": 5}),
            call({"function": {"name": "Read", "arguments": ""}, "id": "call_1"}),
            call({"function": {"name": "Read", "arguments": "{}"}, "id": "call_1"}),
            call({"function": {"name": "Write", "arguments": ""}, "id": "call_2", "index": 1}),
            call({"function": {"arguments": "}"}}),
            call({"function": {"arguments": {"a": 1}}}),
            chunk({"content": [{"type": "text", "text": "x"}]}),
            json.dumps({"error": {"message": "No."}}),
            "[DONE]",
        ]
    ),
)


def delta(fields: Any, **beside: Any) -> str:
    return json.dumps({"type": "content_block_delta", "index": 0, "delta": fields, **beside})


DELTAS = st.one_of(
    TEXTS.map(lambda text: delta({"type": "text_delta", "text": text})),
    TEXTS.map(lambda text: delta({"type": "text_delta", "text": text}, index=1)),
    TEXTS.map(lambda text: delta({"type": "thinking_delta", "thinking": text})),
    TEXTS.map(lambda text: delta({"type": "input_json_delta", "partial_json": text})),
    TEXTS.map(lambda text: delta({"type": "text_delta", "text": text}, usage={"output_tokens": 3})),
    TEXTS.map(lambda text: delta({"type": "text_delta", "text": text, "thinking": text})),
    TEXTS.map(lambda text: delta({"text": text})),
    TEXTS.map(lambda text: json.dumps({"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}})),
    st.sampled_from(
        [
            json.dumps({"type": "message_start", "message": {"type": "message", "role": "assistant", "content": []}}),
            json.dumps({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            json.dumps(
                {
                    "type": "content_block_start",
                    "index": 1,
                    "content_block": {"type": "tool_use", "id": "t", "name": "Read", "input": {}},
                }
            ),
            json.dumps({"type": "content_block_stop", "index": 0}),
            json.dumps(
                {"type": "content_block_stop", "index": 0, "content_block": {"type": "text", "text": "word word!"}}
            ),
            json.dumps({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}),
            json.dumps({"type": "message_stop"}),
        ]
    ),
)


def runs(chunks: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    repeats = st.lists(st.tuples(chunks, st.integers(1, 3)), max_size=8)
    return repeats.map(lambda runs: [chunk for chunk, times in runs for _ in range(times)])


STREAMS = st.one_of(
    st.tuples(st.just(ChatStream), runs(CHUNKS)),
    st.tuples(st.just(AnthropicStream), runs(DELTAS)),
)


def seen(kind: type[JsonStream], chunks: list[str], names: list[str | None]) -> Any:
    stream = kind()
    steps = []
    for at, (data, name) in enumerate(zip(chunks, names, strict=True)):
        stream.feed(ServerEvent(name, data), at)
        steps.append((list(stream.pieces), stream.ended, stream.error, stream.odd))
    return steps, stream.events, stream.message()


@settings(max_examples=150, deadline=None)
@given(STREAMS, st.data())
def test_repeated_events_are_read_as_all_others(
    answer: tuple[type[JsonStream], list[str]], data: st.DataObject
) -> None:
    kind, chunks = answer
    names = data.draw(st.lists(st.sampled_from([None, None, None, "x"]), min_size=len(chunks), max_size=len(chunks)))
    found = seen(kind, chunks, names)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "repeated", lambda *_: None)
        parsed = seen(kind, chunks, names)
    # A call is told by who it is: in each of the two streams it is another.
    assert repr_of(found) == repr_of(parsed)


def repr_of(found: Any) -> Any:
    steps, events, message = found
    plain = [([(piece.content, piece.text, piece.name) for piece in pieces], *rest) for pieces, *rest in steps]
    return plain, events, message


def repeated_of(data: str) -> Repeated | None:
    only = OnlyText("content", "one", "text", add=lambda text: None)
    return repeated(ServerEvent(None, data), only, "chunk:content")


def test_the_text_of_a_repeated_chunk_is_found_without_parsing_it() -> None:
    same = repeated_of(chunk({"content": "one"}))
    assert same is not None
    for text in PLAIN[:-1]:
        assert same.text_in(ServerEvent(None, chunk({"content": text}))) == text
        assert same.text_in(ServerEvent("other", chunk({"content": text}))) is None
    for other in (chunk({"content": ""}), chunk({"content": "x", "role": "assistant"}), same.before + same.behind, ""):
        assert same.text_in(ServerEvent(None, other)) is None


def test_a_field_that_is_there_twice_is_not_taken_for_a_repeated_one() -> None:
    assert repeated_of(chunk({"content": "one"}).replace("{", '{"content": "y", ', 1)) is None


def test_the_deltas_of_a_long_answer_are_repeated() -> None:
    """Nearly all of what a model writes comes in such events."""
    for stream, one in ((ChatStream(), chunk({"content": "a"})), (AnthropicStream(), _text("a"))):
        for data in _BEGINNING if isinstance(stream, AnthropicStream) else ():
            stream.feed(ServerEvent(None, data), 0.0)
        stream.feed(ServerEvent(None, one), 0.0)
        assert stream.only is not None
        assert stream.only.text == "a"


def _text(text: str) -> str:
    return delta({"type": "text_delta", "text": text})


_BEGINNING = (
    json.dumps({"type": "message_start", "message": {"type": "message", "role": "assistant", "content": []}}),
    json.dumps({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
)


def test_the_arguments_of_a_call_are_parsed_once_and_then_read_as_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = ChatStream()
    stream.feed(ServerEvent(None, call({"function": {"name": "Read", "arguments": ""}, "id": "call_1"})), 0.0)
    stream.feed(ServerEvent(None, call({"function": {"arguments": "{"}})), 1.0)
    monkeypatch.setattr(stream, "_parse", None)
    for text in ('"path": "', "/x", '"}'):
        stream.feed(ServerEvent(None, call({"function": {"arguments": text}})), 2.0)
        assert [(piece.content, piece.text) for piece in stream.pieces] == [("tool", text)]
    message: Any = stream.message()
    [made] = message["choices"][0]["message"]["tool_calls"]
    assert made == {"id": "call_1", "function": {"name": "Read", "arguments": '{"path": "/x"}'}}
