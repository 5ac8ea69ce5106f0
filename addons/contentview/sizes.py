"""Sizes of a request's sections (system prompt, tools, messages), in tokens if countable, else in bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from traces.content.parts import Part, Section, parts
from traces.metrics import whole_percentages
from traces.model import Json
from traces.servers import ANY, ServerKind

try:
    import toktok  # type: ignore[import-untyped]
except ImportError:  # pragma: no cover - a mitmproxy that was installed on its own
    toktok = None

Sized = Sequence[tuple[Part, int]]
"""Parts of a request, each with its size."""

_VOCABULARY = "o200k_base"

SECTIONS: tuple[Section, ...] = ("system", "tools", "messages")


@dataclass(frozen=True, slots=True)
class Sizer:
    """A way to measure texts.

    vocabulary    whose tokens are counted; "" where the unit is no token
    sizes         returns the size of each text
    """

    unit: str
    vocabulary: str
    sizes: Callable[[Sequence[str]], list[int]]


def _bytes(texts: Sequence[str]) -> list[int]:
    return [len(text.encode("utf-8", "replace")) for text in texts]


def _tokens(texts: Sequence[str]) -> list[int]:
    whole = [text.encode("utf-8", "replace").decode() for text in texts]  # a lone surrogate has no tokens
    return list(toktok.batch_count(whole, _VOCABULARY, threads=1))


BYTES = Sizer("byte", "", _bytes)
BEST = Sizer("token", _VOCABULARY, _tokens) if toktok else BYTES


@dataclass(frozen=True, slots=True)
class Shares:
    """All parts of a request with their sizes. What isn't text, such as an image, has the size 0."""

    sized: Sized

    def of(self, section: Section) -> Sized:
        """Return the parts of a section."""
        return [(part, size) for part, size in self.sized if part.counts_as == section]

    def size(self, section: Section) -> int:
        return sum(size for _, size in self.of(section))

    @property
    def total(self) -> int:
        return sum(size for _, size in self.sized)

    @property
    def percents(self) -> dict[Section, int]:
        """Return whole percentages that add up to 100, or are all 0 where there is nothing."""
        return dict(zip(SECTIONS, whole_percentages(list(map(self.size, SECTIONS))), strict=True))


def shares(body: Json, sizer: Sizer, server: ServerKind = ANY) -> Shares:
    """Return the parts of a request to this kind of server, measured."""
    found = parts(body, server)
    return Shares(list(zip(found, sizer.sizes([part.text for part in found]), strict=True)))
