"""A chunk that repeats the one before it but for the text is read as if it had been parsed."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traces.dialects import openai_chat
from traces.dialects.openai_chat import ChatStream
from traces.dialects.repeated import repeated
from traces.dialects.sse import ServerEvent

HEAD = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
PLAIN = ("word", " ", 'a "quoted" one', '"content":"x"', "back\\slash", "Grüß 世界 🌍", "\ud83d", "\ude00", "\x00", "")


def chunk(delta: Any, beside: dict[str, Any] | None = None, head: dict[str, Any] | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": None, **(beside or {})}
    return json.dumps({**HEAD, **(head or {}), "choices": [choice]})


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
    TEXTS.map(lambda text: json.dumps({**HEAD, "choices": [{"delta": {"content": text}}]})),
    TEXTS.map(lambda text: json.dumps({"choices": [{"index": 0, "text": text}]})),
    st.sampled_from(
        [
            chunk({"content": "x"})[:-3],
            chunk({"content": "x"}) + " ",
            chunk({"content": "x"}) * 2,
            chunk({"content": "x"}, {"finish_reason": "stop"}),
            chunk({"content": 5}),
            chunk({"content": [{"type": "text", "text": "x"}]}),
            json.dumps({"error": {"message": "No."}}),
            "[DONE]",
        ]
    ),
)
RUNS = st.lists(st.tuples(CHUNKS, st.integers(1, 3)), max_size=8).map(
    lambda runs: [c for c, n in runs for _ in range(n)]
)


def seen(chunks: list[str], names: list[str | None]) -> Any:
    stream = ChatStream()
    steps = []
    for at, (data, name) in enumerate(zip(chunks, names, strict=True)):
        stream.feed(ServerEvent(name, data), at)
        steps.append((list(stream.pieces), stream.ended, stream.error, stream.odd))
    return steps, stream.events, stream.message()


@settings(max_examples=150, deadline=None)
@given(RUNS, st.data())
def test_repeated_chunks_are_read_as_all_others(chunks: list[str], data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from([None, None, None, "x"]), min_size=len(chunks), max_size=len(chunks)))
    found = seen(chunks, names)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openai_chat, "repeated", lambda *_: None)
        parsed = seen(chunks, names)
    # A call is told by who it is: in each of the two streams it is another.
    assert repr_of(found) == repr_of(parsed)


def repr_of(found: Any) -> Any:
    steps, events, message = found
    plain = [([(piece.content, piece.text, piece.name) for piece in pieces], *rest) for pieces, *rest in steps]
    return plain, events, message


def test_the_text_of_a_repeated_chunk_is_found_without_parsing_it() -> None:
    same = repeated(chunk({"content": "one"}), "content", "one", (0, "content"), "chunk:content")
    assert same is not None
    for text in PLAIN[:-1]:
        assert same.text_in(chunk({"content": text})) == text
    for other in (chunk({"content": ""}), chunk({"content": "x", "role": "assistant"}), same.before + same.behind, ""):
        assert same.text_in(other) is None


def test_a_field_that_is_there_twice_is_not_taken_for_a_repeated_one() -> None:
    twice = chunk({"content": "x"}).replace("{", '{"content": "y", ', 1)
    assert repeated(twice, "content", "x", (0, "content"), "chunk:content") is None
