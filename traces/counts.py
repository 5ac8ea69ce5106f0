"""Which of a server's token counts can be true, and how many of the tokens were streamed.

A count is held against what came: the texts of the answer, or of the request. One that can't be true is replaced by our
own, which is an estimate. Where nothing tells how many tokens a stream carried, it has no decode speed.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from traces import metrics
from traces.content import answers
from traces.content.parts import parts
from traces.dialects import usage_of
from traces.metrics import UNDEFINED, InputUsage, Speed, content_chunks
from traces.model import Content, Event, Json

BYTES_IN_A_TOKEN = 12
"""Of a text without spaces: more than tokens hold on average in any vocabulary and script. English has 4 or 5
characters in a token, Russian 3 or 4 of two bytes, Chinese 1 or 2 of three, base64 fewer than 3. Single tokens are
longer (a word of 18 letters, a line of dashes), whole texts of them aren't; characters that repeat themselves count
once. How many chunks came tells nothing: some servers send a character in each, some several tokens."""

TOO_FEW = 0.5
"""Of the fewest tokens that a text can take: a count below this share of them can't be true. Each word is a token or
more; only a vocabulary that joins words, as some that are tried do, gets by with a third fewer."""

MARKUP = 32
"""Tokens that are generated but not sent, for each part of an answer: the end of the turn, the tags around a thought or
a call, and a call's frame of JSON."""

WHOLE_THOUGHTS = 0.7
"""A thought that is streamed in full has, by our estimate, at least this share of the tokens that the server counts for
it. A summary has a tenth, or a third."""

CLOSE = 2.0
"""An estimate of prose and code is nearer to the truth than this factor."""

SMALLEST_CONTEXT = 256
"""No server has a smaller one. A long prompt for which more tokens are counted, but too few, may have been cut at the
context size; where fewer than this are counted, the count is false."""

CHARACTERS_PER_TOKEN = 4.0
"""Of English and of code, roughly, with the tokenizers of today."""

BYTES_PER_TOKEN = 3.0
"""Of other scripts: a Chinese character is about one token, a Russian letter two thirds of one."""

Count = Callable[[Sequence[str]], int]
"""Counts the tokens of texts."""


@dataclass(frozen=True, slots=True)
class Output:
    """How many tokens a model generated, and by whose count.

    tokens      all of them, reasoning that wasn't sent included; None where nothing tells
    estimated   whether `tokens` is our own count: the server has none, or one that can't be true
    reported    the server's count, be it true or not; None where it has none
    reasoning   how many of `tokens` are reasoning, as the server says; None where it doesn't
    """

    tokens: int | None = None
    estimated: bool = False
    reported: int | None = None
    reasoning: int | None = None

    @property
    def known(self) -> int | None:
        """The server's count, where it can be true."""
        return None if self.estimated else self.tokens

    @property
    def disbelieved(self) -> int | None:
        """The server's count, where it can't be true."""
        return self.reported if self.estimated else None


class Generated(NamedTuple):
    """A part of what a model generated."""

    kind: Content
    text: str


def generated(message: Json) -> list[Generated]:
    """Return what a model wrote, thought and called, in order. A call's name is generated, too; results of tools that
    ran at the server aren't."""
    kinds: dict[str, Content] = {"assistant": "text", "thinking": "thinking", "tool_input": "tool"}
    found = parts(answers.as_request(message))
    return [
        Generated(kinds[part.kind], f"{part.name} {part.text}" if part.name else part.text)
        for part in found
        if part.kind in kinds
    ]


def estimated(texts: Sequence[str]) -> int:
    """Return about how many tokens these texts take, by their length; at least one where there is any text."""
    ascii = sum(len(text.encode("ascii", "ignore")) for text in texts)
    others = sum(map(_bytes, texts)) - ascii
    found = round(ascii / CHARACTERS_PER_TOKEN + others / BYTES_PER_TOKEN)
    return max(1, found) if ascii or others else 0


def fewest(text: str) -> int:
    """Return a number of tokens that this text takes at least, whatever the vocabulary."""
    words = text.split()
    squeezed = re.sub(r"(.)\1+", r"\1", "".join(words))
    return max(len(words), -(-_bytes(squeezed) // BYTES_IN_A_TOKEN))


def most(text: str) -> int:
    """Return a number of tokens that this text takes at most: each byte is one, but letters come in twos at least."""
    return _bytes(text) - len(re.findall(r"[A-Za-z]", text)) // 2


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def output(message: Json, events: Sequence[Event] = (), own: Count = estimated) -> Output:
    """Return how many tokens were generated. `own` counts where the server's count is missing or can't be true."""
    came = generated(message)
    reported, reasoning = metrics.output_tokens(message), metrics.reasoning_tokens(message)
    if reported is not None and reasoning and reasoning > reported:
        reported += reasoning  # it isn't within that count, so it is counted beside it
    chunks = content_chunks(events)
    if not came and not chunks:
        return Output(reported, False, reported, reasoning)
    if reported and not _too_few(reported, came):
        return Output(reported, False, reported, reasoning)
    ours = own(_texts(came)) if came else estimated(["x" * sum(event.size for event in chunks)])
    return Output(max(1, ours), True, reported, None)


def given(message: Json, request: Json) -> InputUsage | None:
    """Return the input tokens as the server counts them; None where it doesn't, or where the count can't be true."""
    usage = metrics.input_usage(message)
    if usage is None or usage.total >= SMALLEST_CONTEXT:
        return usage
    words = sum(len(part.text.split()) for part in parts(request))
    return None if usage.total < TOO_FEW * min(words, SMALLEST_CONTEXT) else usage


def false_input(message: Json, request: Json) -> int | None:
    """Return the input tokens that the server counts, where that can't be true."""
    usage = usage_of(message)
    if usage.uncached is None or given(message, request) is not None:
        return None
    return usage.uncached + (usage.cache_read or 0) + (usage.cache_written or 0)


def decode(message: Json, events: Sequence[Event], generated_tokens: Output) -> Speed:
    """Return the generation speed: of the tokens that were streamed, in the time in which they were.

    Reasoning that the server keeps to itself, or sends as a summary, is left out where the server says how many tokens
    it took. Where it may be in the count and doesn't say so, there is no speed.
    """
    if not generated_tokens.reasoning and not generated_tokens.estimated and answers.hides_thinking(message):
        return UNDEFINED
    came = generated(message)
    streamed = _streamed(came, events, generated_tokens)
    if streamed is None:
        return UNDEFINED
    tokens, chunks = streamed
    texts = _texts(came if any(event.content == "thinking" for event in chunks) else _answer(came))
    in_first = None if generated_tokens.estimated else _in_first(chunks, tokens, texts)
    return metrics.decode_speed(chunks, tokens, in_first)


def _streamed(came: Sequence[Generated], events: Sequence[Event], all: Output) -> tuple[int, Sequence[Event]] | None:
    """Return how many tokens were streamed, and the chunks in which they were; None where that can't be told."""
    chunks = content_chunks(events)
    if all.tokens is None or not chunks:
        return None
    if all.estimated:
        return all.tokens, chunks  # which are counted from what was streamed
    answer, thoughts = _answer(came), [part for part in came if part.kind == "thinking"]
    if not all.reasoning:
        limit = CLOSE * estimated(_texts(came)) if thoughts else sum(map(most, _texts(came)))
        return (all.tokens, chunks) if all.tokens <= limit + MARKUP * max(1, len(came)) else None
    if thoughts and estimated(_texts(thoughts)) >= WHOLE_THOUGHTS * all.reasoning:
        return all.tokens, chunks
    rest = all.tokens - all.reasoning
    if _possible(rest, answer):
        return rest, [event for event in chunks if event.content != "thinking"]
    return (all.tokens, chunks) if _possible(all.tokens, came) else None


def _answer(came: Sequence[Generated]) -> list[Generated]:
    return [part for part in came if part.kind != "thinking"]


def _texts(came: Sequence[Generated]) -> list[str]:
    return [part.text for part in came]


def _too_few(tokens: int, came: Sequence[Generated]) -> bool:
    """Whether so few tokens can't hold these texts."""
    return tokens < TOO_FEW * sum(map(fewest, _texts(came)))


def _possible(tokens: int, came: Sequence[Generated]) -> bool:
    return not _too_few(tokens, came) and tokens <= sum(map(most, _texts(came))) + MARKUP * len(came)


def _in_first(chunks: Sequence[Event], tokens: int, texts: Sequence[str]) -> int | None:
    """Return how many tokens the first chunk held; None where that isn't known.

    It is known where each chunk holds one token: there are as many chunks as tokens, or one fewer, as the token that
    ends an answer is generated but has no text. Where the texts have more words than there are tokens, the two numbers
    are equal by chance: those chunks hold several tokens each, and so the count is too low.
    """
    if not chunks or tokens - len(chunks) not in (0, 1) or sum(map(fewest, texts)) > tokens:
        return None
    return sum(1 for event in chunks if event.at == chunks[0].at)
