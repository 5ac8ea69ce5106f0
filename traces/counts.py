"""Which of a server's token counts are credible, and how many of the tokens were streamed.

A count is compared with the texts of the answer, or of the request. One that can't be true is replaced by our own,
which is an estimate. A stream with an unknown number of tokens has no decode speed.
"""

import re
import string
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
once. The number of chunks says nothing: some servers send a character in each, some several tokens."""

TOO_FEW = 0.5
"""Of the fewest tokens that a text can take: a count below this share of them can't be true. Each word is a token or
more; only a vocabulary that joins words, as some that are tried do, gets by with a third fewer."""

MARKUP = 32
"""Tokens that are generated but not sent, for each part of an answer: the end of the turn, the tags around a thought or
a call, and a call's frame of JSON."""

WHOLE_THINKING = 0.7
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

    tokens      all of them, reasoning that wasn't sent included; None where it isn't known
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
    def rejected(self) -> int | None:
        """The server's count, where it can't be true."""
        return self.reported if self.estimated else None


class GeneratedPart(NamedTuple):
    """A part of a model's answer."""

    kind: Content
    text: str


def generated_parts(message: Json) -> list[GeneratedPart]:
    """Return the texts, thinking and calls that a model generated, in order.

    A call's name is generated, too; results of tools that ran at the server aren't.
    """
    kinds: dict[str, Content] = {"assistant": "text", "thinking": "thinking", "tool_input": "tool"}
    found = parts(answers.as_request(message))
    return [
        GeneratedPart(kinds[part.kind], f"{part.name} {part.text}" if part.name else part.text)
        for part in found
        if part.kind in kinds
    ]


def estimate_tokens(texts: Sequence[str]) -> int:
    """Return an estimate of these texts' tokens, by their length; at least one where there is any text."""
    ascii = sum(len(text.encode("ascii", "ignore")) for text in texts)
    others = sum(map(_bytes, texts)) - ascii
    found = round(ascii / CHARACTERS_PER_TOKEN + others / BYTES_PER_TOKEN)
    return max(1, found) if ascii or others else 0


LONGEST_JUDGED = 2**20
"""Characters of a text that show how many tokens it has at least."""

_LETTERS = string.ascii_letters.encode()


def fewest_tokens(text: str) -> int:
    """Return the fewest tokens that this text can take, whatever the vocabulary."""
    words = text[:LONGEST_JUDGED].split()
    squeezed = re.sub(r"(.)(?=\1)", "", "".join(words))  # not (.)\1+: a long run would take gigabytes
    return max(len(words), -(-_bytes(squeezed) // BYTES_IN_A_TOKEN))


def most_tokens(text: str) -> int:
    """Return the most tokens that this text can take: one for each byte, but letters come at least in pairs."""
    data = text.encode("utf-8", "replace")
    return len(data) - (len(data) - len(data.translate(None, _LETTERS))) // 2


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def output(message: Json, events: Sequence[Event] = (), own: Count = estimate_tokens) -> Output:
    """Return how many tokens were generated. `own` counts where the server's count is missing or can't be true."""
    received = generated_parts(message)
    reported, reasoning = metrics.output_tokens(message), metrics.reasoning_tokens(message)
    if reported is not None and reasoning and reasoning > reported:
        reported += reasoning  # it isn't within that count, so it is counted beside it
    chunks = content_chunks(events)
    if not received and not chunks:
        return Output(reported, False, reported, reasoning)
    if reported and not _too_few(reported, received):
        return Output(reported, False, reported, reasoning)
    ours = own(_texts(received)) if received else estimate_tokens(["x" * sum(event.size for event in chunks)])
    return Output(max(1, ours), True, reported, None)


def credible_input(message: Json, request: Json) -> InputUsage | None:
    """Return the input tokens as the server counts them; None where it doesn't, or where the count can't be true."""
    usage = metrics.input_usage(message)
    if usage is None or usage.total >= SMALLEST_CONTEXT:
        return usage
    words = sum(len(part.text.split(None, SMALLEST_CONTEXT)) for part in parts(request))
    return None if usage.total < TOO_FEW * min(words, SMALLEST_CONTEXT) else usage


def rejected_input(message: Json, request: Json) -> int | None:
    """Return the input tokens that the server counts, where that can't be true."""
    usage = usage_of(message)
    if usage.uncached is None or credible_input(message, request) is not None:
        return None
    return usage.uncached + (usage.cache_read or 0) + (usage.cache_written or 0)


def decode(message: Json, events: Sequence[Event], generated_tokens: Output) -> Speed:
    """Return the generation speed: of the tokens that were streamed, in the time in which they were.

    Reasoning that the server keeps to itself, or sends as a summary, is left out where the server says how many tokens
    it took. Where it may be in the count and doesn't say so, there is no speed.
    """
    if not generated_tokens.reasoning and not generated_tokens.estimated and answers.hides_thinking(message):
        return UNDEFINED
    received = generated_parts(message)
    streamed = _streamed_tokens(received, events, generated_tokens)
    if streamed is None:
        return UNDEFINED
    tokens, chunks = streamed
    texts = _texts(received if any(event.content == "thinking" for event in chunks) else _without_thinking(received))
    in_first = None if generated_tokens.estimated else _in_first(chunks, tokens, texts)
    return metrics.decode_speed(chunks, tokens, in_first)


def _streamed_tokens(
    received: Sequence[GeneratedPart], events: Sequence[Event], all: Output
) -> tuple[int, Sequence[Event]] | None:
    """Return how many tokens were streamed, and in which chunks; None where that isn't known."""
    chunks = content_chunks(events)
    if all.tokens is None or not chunks:
        return None
    if all.estimated:
        return all.tokens, chunks  # which are counted from what was streamed
    answer, thoughts = _without_thinking(received), [part for part in received if part.kind == "thinking"]
    if not all.reasoning:
        limit = CLOSE * estimate_tokens(_texts(received)) if thoughts else sum(map(most_tokens, _texts(received)))
        return (all.tokens, chunks) if all.tokens <= limit + MARKUP * max(1, len(received)) else None
    if thoughts and estimate_tokens(_texts(thoughts)) >= WHOLE_THINKING * all.reasoning:
        return all.tokens, chunks
    rest = all.tokens - all.reasoning
    if _is_credible(rest, answer):
        return rest, [event for event in chunks if event.content != "thinking"]
    return (all.tokens, chunks) if _is_credible(all.tokens, received) else None


def _without_thinking(received: Sequence[GeneratedPart]) -> list[GeneratedPart]:
    return [part for part in received if part.kind != "thinking"]


def _texts(received: Sequence[GeneratedPart]) -> list[str]:
    return [part.text for part in received]


def _too_few(tokens: int, received: Sequence[GeneratedPart]) -> bool:
    """Return whether so few tokens can't hold these texts."""
    return tokens < TOO_FEW * sum(map(fewest_tokens, _texts(received)))


def _is_credible(tokens: int, received: Sequence[GeneratedPart]) -> bool:
    return not _too_few(tokens, received) and tokens <= sum(map(most_tokens, _texts(received))) + MARKUP * len(received)


def _in_first(chunks: Sequence[Event], tokens: int, texts: Sequence[str]) -> int | None:
    """Return how many tokens the first chunk held; None where that isn't known.

    It is known where each chunk holds one token: there are as many chunks as tokens, or one fewer, as the token that
    ends an answer is generated but has no text. Where the texts have more words than there are tokens, the two numbers
    are equal by chance: those chunks hold several tokens each, and so the count is too low.
    """
    if not chunks or tokens - len(chunks) not in (0, 1) or sum(map(fewest_tokens, texts)) > tokens:
        return None
    return sum(1 for event in chunks if event.at == chunks[0].at)
