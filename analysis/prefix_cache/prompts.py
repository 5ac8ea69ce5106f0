"""Prompts as a server reads them: one number for each part, so that two prompts are compared at the speed of memory.

Parts have the same number if a model can't distinguish them: ids, `cache_control` and the place in a list don't count,
and a text is the same as a list of one block with it.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

from analysis.prefix_cache.templates import Order, arrange
from analysis.tokens.counters import Counter
from traces.clients.claude_code import billing
from traces.content.parts import Part
from traces.sessions.model import Turn

Counts = Callable[[Sequence[Part]], Sequence[int]]
"""Returns how many tokens each of the parts has."""

WIDTH = array("I").itemsize
"""Bytes of a part's number."""


class Shared(NamedTuple):
    """What two prompts have in common at their beginning: whole parts, and tokens (those inside the next part too)."""

    parts: int
    tokens: int


class Prompt(NamedTuple):
    """One exchange as a server holds it: the request, followed by the answer.

    keys     the parts' numbers, as bytes, which compare at the speed of memory
    ends     the tokens up to the end of each part
    asked    how many of the parts are the request's
    """

    keys: bytes
    ends: "array[int]"
    asked: int

    @property
    def tokens(self) -> int:
        """Tokens of the request."""
        return self.ends[self.asked - 1] if self.asked else 0

    @property
    def held(self) -> int:
        """Tokens of request and answer."""
        return self.ends[-1] if self.ends else 0

    @property
    def request(self) -> bytes:
        """The keys of the request alone."""
        return self.keys[: self.asked * WIDTH]

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of all parts, those of the answer too."""
        return array("I", self.keys)

    def number(self, part: int) -> int:
        """Return the number of the part at this place."""
        return array("I", self.keys[part * WIDTH : (part + 1) * WIDTH])[0]

    def start(self, parts: int) -> bytes:
        """Return the keys of the first `parts` parts."""
        return self.keys[: parts * WIDTH]


class Prompts:
    """Makes prompts of turns, and compares them. Every part is counted once."""

    def __init__(self, counts: Counts, order: Order, rewrites_header: bool = False) -> None:
        """`rewrites_header` is explained in `analysis.prefix_cache.cache.Server`."""
        self._counts = counts
        self._rewrites_header = rewrites_header
        self.order = order
        self._number: dict[
            int, int
        ] = {}  # by the `id()` of a part: a reader of turns makes equal parts the same object
        self._kept: list[Part] = []  # so that no other part gets the `id()` of one of them
        self._by_content: dict[object, int] = {}
        self._parts: list[Part] = []
        self._tokens: list[int] = []
        self._within: dict[tuple[int, int], int] = {}

    def of(self, turn: Turn) -> Prompt:
        """Return the prompt of a turn, with its parts in the template's order."""
        asked = arrange(turn.parts, self.order)
        parts = [*asked, *turn.answer]
        for part in parts:
            if id(part) not in self._number:
                self._add(part)
        if len(self._tokens) < len(self._parts):
            self._tokens += self._counts(self._parts[len(self._tokens) :])
        numbers = array("I", map(self._number.__getitem__, map(id, parts)))
        ends = accumulate(map(self._tokens.__getitem__, numbers))
        return Prompt(numbers.tobytes(), array("q", ends), len(asked))

    def part(self, number: int) -> Part:
        """Return the part with this number."""
        return self._parts[number]

    def tokens(self, number: int) -> int:
        """Return the tokens of the part with this number."""
        return self._tokens[number]

    def count(self, parts: Sequence[Part]) -> Sequence[int]:
        """Return the tokens of parts that needn't be in a prompt, such as pieces of those that are."""
        return self._counts(parts)

    def shared(self, asked: Prompt, held: Prompt) -> Shared:
        """Return what the request of `asked` has in common with all of `held`, answer included."""
        parts = common_length(asked.request, held.keys) // WIDTH
        tokens = asked.ends[parts - 1] if parts else 0
        if parts < asked.asked and parts < len(held.ends):
            tokens += self.within(asked.number(parts), held.number(parts))
        return Shared(parts, tokens)

    def within(self, asked: int, held: int) -> int:
        """Return the tokens at the beginning of a part that another part begins with too, to whole words.

        A word that both begin with isn't counted: a tokenizer may cut it in two ways.
        """
        if (asked, held) not in self._within:
            one, other = self._parts[asked], self._parts[held]
            text = (
                one.text[: whole_words(one.text, common_length(one.text, other.text))] if comparable(one, other) else ""
            )
            self._within[asked, held] = self._counts([one._replace(text=text)])[0] if text else 0
        return self._within[asked, held]

    def closest(self, asked: int, held: Sequence[int]) -> int:
        """Return the place in `held` of the part whose beginning is most like this one's; the last of several."""
        part, best, place = self._parts[asked], 0, len(held) - 1
        for at, number in enumerate(held):
            other = self._parts[number]
            if other.text.startswith(part.text[:best]) and comparable(part, other):
                best, place = common_length(part.text, other.text), at
        return place

    def _add(self, part: Part) -> None:
        text = (
            billing.CHECKSUM.sub("cch=fffff;", part.text)
            if self._rewrites_header and is_billing_header(part)
            else part.text
        )
        seen = (part.section, part.kind, text, part.name, part.media, part.group)
        number = self._number[id(part)] = self._by_content.setdefault(seen, len(self._parts))
        self._kept.append(part)
        if number == len(self._parts):
            self._parts.append(part)


def part_counter(counter: Counter, model: str | None = None) -> Counts:
    """Return what counts parts: their texts with this counter, images by the rule of `analysis.tokens.images`."""
    from analysis.tokens.images import image_tokens

    def counts(parts: Sequence[Part]) -> list[int]:
        texts = counter.count_many([part.text for part in parts])
        return [
            image_tokens(part.media, model).tokens or 0 if part.media else count
            for part, count in zip(parts, texts, strict=True)
        ]

    return counts


def common_length(one: Sequence[object], other: Sequence[object]) -> int:
    """Return how many elements two sequences of one type have in common at their beginning."""
    return bisect_left(range(min(len(one), len(other))), True, key=lambda at: one[: at + 1] != other[: at + 1])


def comparable(one: Part, other: Part) -> bool:
    """Whether two parts can have a beginning in common: only if a template writes the same before both."""
    return (one.section, one.kind) == (other.section, other.kind) and not one.media and not other.media


def is_billing_header(part: Part) -> bool:
    """Whether it is Claude Code's billing header, or begins with it."""
    return part.section == "system" and part.text.startswith(billing.NAME)


def whole_words(text: str, end: int) -> int:
    """Return the last place at or before `end` that isn't within a word."""
    if end < len(text) and text[end].isalnum():
        while end and text[end - 1].isalnum():
            end -= 1
    return end
