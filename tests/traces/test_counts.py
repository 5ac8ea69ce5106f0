"""Counts that can be true and counts that can't, and the speed of what was stream. All texts and times are known."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given as given_that
from hypothesis import strategies as st

from traces import counts
from traces.counts import Output, estimate_tokens, fewest_tokens, generated_parts, most_tokens
from traces.metrics import InputUsage
from traces.model import Content, Event, Json

WORDS = [f"word{number:02} " for number in range(60)]
HAN = ["天地玄黃宇宙洪荒"[number % 8] for number in range(60)]
RUSSIAN = ["Однажды", "весной", "в", "час", "небывало", "жаркого", "заката", ""] * 8
LETTERS = list("disproportionately")


def anthropic(text: str, *before: Json, **usage: Any) -> Json:
    content = [*before, {"type": "text", "text": text}] if text else list(before)
    return {"type": "message", "content": content, "stop_reason": "end_turn", "usage": usage}


def chat(text: str | None, *, thought: str | None = None, details: Json = None, total: int | None = None) -> Any:
    """Return a chat completion. The output's count is added by `with_output`."""
    message = {"role": "assistant", "content": text, "reasoning_content": thought}
    usage = {"prompt_tokens": 100, "completion_tokens_details": details, "total_tokens": total}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage}


def responses(text: str, output: int, thought: str = "", details: Json = None) -> Json:
    items = [
        *([{"type": "reasoning", "content": [{"type": "reasoning_text", "text": thought}]}] if thought else []),
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]},
    ]
    return {"output": items, "usage": {"input_tokens": 100, "output_tokens": output, "output_tokens_details": details}}


def with_output(message: Any, tokens: int) -> Json:
    return {**message, "usage": {**message["usage"], "completion_tokens": tokens}}


def stream(pieces: Sequence[str], content: Content = "text", begin: float = 1.0, gap: float = 0.025) -> list[Event]:
    return [Event(begin + gap * number, "any", content, len(piece)) for number, piece in enumerate(pieces)]


IMPOSSIBLE = {
    "no token for 60 chunks": (WORDS, 0),
    "one token for 60 chunks": (WORDS, 1),
    "three tokens for 60 chunks": (WORDS, 3),
    "a third of the words": (WORDS, 20),
    "one token for 60 Chinese characters": (HAN, 1),
    "three tokens for a Russian page": (RUSSIAN, 3),
    "no token for one character": (["a"], 0),
    "one token for a sentence": (["Hello! How can I ", "help you today?"], 1),
    "two tokens for a line of base64": (["aGVsbG8gd29ybGQsIHRoaXMgaXMgYmFzZTY0"] * 4, 2),
}

POSSIBLE = {
    "a token a chunk": (WORDS, 60),
    "four tokens a chunk, as with speculative decoding": (WORDS, 240),
    "a burst": (["".join(WORDS)], 121),
    "a character a chunk": (LETTERS, 1),
    "a word of one token": (["Yes"], 1),
    "two words that a vocabulary joins": (["Of ", "course"], 1),
    "many spaces in one token": ([" " * 200, "return x"], 3),
    "a line of dashes": (["-" * 400], 7),
    "few tokens for Chinese": (HAN, 30),
    "few tokens for Russian": (RUSSIAN, 80),
    "a token for each byte": (["\U0001f9ff" * 10], 40),
    "reasoning that isn't sent": (WORDS, 5000),
}


@pytest.mark.parametrize(("pieces", "reported"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_count_that_cannot_be_true_gives_way_to_our_own(pieces: Sequence[str], reported: int) -> None:
    text = "".join(pieces)
    messages = [
        anthropic(text, input_tokens=9, output_tokens=reported),
        with_output(chat(text), reported),
        responses(text, reported),
    ]
    for message in messages:
        found = counts.output(message, stream(pieces))
        assert (found.tokens, found.estimated, found.reported) == (estimate_tokens([text]), True, reported)
        assert (found.known, found.rejected) == (None, reported)


@pytest.mark.parametrize(("pieces", "reported"), POSSIBLE.values(), ids=POSSIBLE)
def test_a_count_that_can_be_true_is_taken(pieces: Sequence[str], reported: int) -> None:
    found = counts.output(anthropic("".join(pieces), input_tokens=9, output_tokens=reported), stream(pieces))
    assert found == Output(reported, False, reported, None)
    assert (found.known, found.rejected) == (reported, None)


def test_our_own_count_may_be_anybodys() -> None:
    message = anthropic("one two three", input_tokens=9, output_tokens=0)
    assert counts.output(message, (), lambda texts: len(" ".join(texts).split())).tokens == 3


def test_a_count_that_nobody_reports_is_ours() -> None:
    assert counts.output(with_output(chat("x" * 80), None)) == Output(20, True, None, None)  # type: ignore[arg-type]
    assert counts.output(None, stream(["x" * 40, "y" * 40])) == Output(20, True, None, None)


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (None, Output()),
        ("not JSON", Output()),
        ({"error": {"message": "overloaded"}}, Output()),
        (anthropic("", input_tokens=9, output_tokens=0), Output(0, False, 0, None)),
        (anthropic("", {"type": "redacted_thinking", "data": "b3BhcXVl"}, output_tokens=9), Output(9, False, 9, None)),
    ],
)
def test_without_any_text_there_is_nothing_to_hold_a_count_against(message: Json, found: Output) -> None:
    assert counts.output(message) == found


def test_a_tools_result_that_the_server_made_is_not_generated() -> None:
    blocks = [
        {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "plums"}},
        {"type": "web_search_tool_result", "tool_use_id": "s1", "content": [{"type": "text", "text": "word " * 900}]},
    ]
    message = anthropic("Found.", *blocks, input_tokens=9, output_tokens=20)
    assert [(part.kind, part.text) for part in generated_parts(message)] == [
        ("tool", 'web_search {"query":"plums"}'),
        ("text", "Found."),
    ]
    assert counts.output(message).known == 20


def test_the_same_thoughts_under_two_names_count_once() -> None:
    message: Any = chat("Yes.", thought="word " * 50)
    message["choices"][0]["message"]["reasoning"] = "word " * 50
    assert [part.kind for part in generated_parts(message)] == ["thinking", "text"]


@given_that(st.text(max_size=400))
def test_the_fewest_tokens_of_a_text_are_no_more_than_the_most(text: str) -> None:
    assert 0 <= fewest_tokens(text) <= max(most_tokens(text), len(text.split()))
    assert estimate_tokens([text]) <= max(1, len(text.encode()))


HIDDEN = 1500
ANSWER = [f"w{number:02} " for number in range(40)]  # 40 tokens, 25 ms apart: 40 tokens/s
STREAM = stream(ANSWER, begin=2.5)
TEXT = "".join(ANSWER)
THOUGHT = ["thought " for _ in range(400)]
THINKING = stream(THOUGHT, "thinking", begin=0.5, gap=0.005)
SUMMARY = [Event(0.5, "any", "thinking", 20), Event(0.6, "any", "thinking", 20)]
DETAILS = {"reasoning_tokens": HIDDEN}
WITHIN, BESIDE = 40 + HIDDEN, 40

SPEEDS: dict[str, tuple[Json, Sequence[Event], int | None, float | None]] = {
    "hidden, and counted": (with_output(chat(TEXT, details=DETAILS), WITHIN), STREAM, WITHIN, 40),
    "hidden, and counted by Anthropic": (
        anthropic(TEXT, output_tokens=WITHIN, output_tokens_details={"thinking_tokens": HIDDEN}), STREAM, WITHIN, 40
    ),
    "hidden, and counted at the top": (
        anthropic(TEXT, output_tokens=WITHIN, thinking_tokens=HIDDEN), STREAM, WITHIN, 40
    ),
    "hidden, and counted of a response": (responses(TEXT, WITHIN, details=DETAILS), STREAM, WITHIN, 40),
    "hidden, and nobody says how much": (with_output(chat(TEXT), WITHIN), STREAM, WITHIN, None),
    "redacted, and nobody says how much": (
        anthropic(TEXT, {"type": "redacted_thinking", "data": "eA=="}, output_tokens=90), STREAM, 90, None
    ),
    "left out, and nobody says how much": (
        anthropic(TEXT, {"type": "thinking", "thinking": "", "signature": "eA=="}, output_tokens=90), STREAM, 90, None
    ),
    "counted beside the answer, as the total shows": (
        with_output(chat(TEXT, details=DETAILS, total=100 + WITHIN), BESIDE), STREAM, WITHIN, 40
    ),
    "counted beside the answer, as only the total shows": (
        with_output(chat(TEXT, total=100 + WITHIN), BESIDE), STREAM, WITHIN, 40
    ),
    "counted beside the answer, as it is more than all": (
        with_output(chat(TEXT, details=DETAILS), BESIDE), STREAM, WITHIN, 40
    ),
    "summed up": (
        with_output(chat(TEXT, thought="I thought about it a while.", details=DETAILS), WITHIN),
        [*SUMMARY, *STREAM], WITHIN, 40,
    ),
    "summed up, and nobody says how much": (
        with_output(chat(TEXT, thought="I thought about it a while."), WITHIN), [*SUMMARY, *STREAM], WITHIN, None
    ),
    "streamed, and counted": (
        with_output(chat(TEXT, thought="".join(THOUGHT), details={"reasoning_tokens": 400}), 440),
        [*THINKING, *STREAM], 440, 439 / 2.975,
    ),
    "streamed, and counted beside the answer": (
        with_output(chat(TEXT, thought="".join(THOUGHT), details={"reasoning_tokens": 400}, total=540), 40),
        [*THINKING, *STREAM], 440, 439 / 2.975,
    ),
    "streamed, and nobody counts it": (
        with_output(chat(TEXT, thought="".join(THOUGHT)), 440), [*THINKING, *STREAM], 440, 439 / 2.975
    ),
    "streamed as text, and counted": (
        with_output(chat("".join(WORDS), details={"reasoning_tokens": 55}), 60), stream(WORDS), 60, 40
    ),
    "no reasoning at all": (with_output(chat(TEXT, details={"reasoning_tokens": 0}), 40), STREAM, 40, 40),
    "four tokens a chunk": (with_output(chat(TEXT), 160), STREAM, 160, 160),
    "a count that cannot be true": (with_output(chat(TEXT), 0), STREAM, 40, 40),
    "all thought, nothing answered": (
        with_output(chat(None, thought="".join(THOUGHT), details={"reasoning_tokens": 400}), 400),
        THINKING, 400, 200,
    ),
    "all hidden, nothing answered": (with_output(chat(None, details=DETAILS), HIDDEN), [], HIDDEN, None),
}  # fmt: skip


@pytest.mark.parametrize("name", SPEEDS)
def test_decode_speed_is_of_the_tokens_that_were_streamed(name: str) -> None:
    message, events, tokens, speed = SPEEDS[name]
    output = counts.output(message, events)
    found = counts.decode(message, events, output).tokens_per_second
    assert output.tokens == tokens
    assert found == (None if speed is None else pytest.approx(speed, rel=0.01))


def test_the_cache_is_not_taken_for_reasoning_that_the_total_holds() -> None:
    message: Any = with_output(chat(TEXT, total=100 + 40 + 900), 40)
    message["usage"]["prompt_tokens_details"] = {"cached_tokens": 900}
    assert counts.output(message).tokens == 40


def test_a_chunk_of_one_token_each_makes_the_speed_exact() -> None:
    message = with_output(chat(TEXT), 40)
    assert counts.decode(message, STREAM, counts.output(message)).estimated is False
    message = with_output(chat(TEXT), 45)
    assert counts.decode(message, STREAM, counts.output(message)).estimated is True


def test_as_many_chunks_as_tokens_by_chance_make_no_speed_exact() -> None:
    """Fewer tokens than words: each chunk held several words, whatever the server counts."""
    message = with_output(chat("word " * 30), 20)
    found = counts.decode(message, STREAM[:20], counts.output(message))
    assert found.estimated is True
    assert found.tokens_per_second is not None


ASKED = {"messages": [{"role": "user", "content": "word " * 9000}]}


@pytest.mark.parametrize(
    ("request_body", "usage", "found"),
    [
        (ASKED, {"input_tokens": 0, "output_tokens": 1}, None),
        (ASKED, {"input_tokens": 3, "output_tokens": 1}, None),
        (ASKED, {"input_tokens": 3, "cache_read_input_tokens": 9500}, InputUsage(3, 9500, None)),
        (ASKED, {"input_tokens": 4096, "output_tokens": 1}, InputUsage(4096, None, None)),
        ({"messages": [{"role": "user", "content": "Hi"}]}, {"input_tokens": 1}, InputUsage(1, None, None)),
        (None, {"input_tokens": 3}, InputUsage(3, None, None)),
    ],
)
def test_an_input_that_no_context_is_too_small_for_is_not_believed(
    request_body: Json, usage: Json, found: InputUsage | None
) -> None:
    message: Any = {"content": [], "usage": usage}
    assert counts.credible_input(message, request_body) == found
    assert counts.rejected_input(message, request_body) == (message["usage"]["input_tokens"] if found is None else None)
