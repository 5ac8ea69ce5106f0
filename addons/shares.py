"""How much of a request is system prompt, tools and messages: in tokens where somebody can count them, else in bytes.

Pure; must not know mitmproxy, nor how shares are shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from traces.content.parts import Part, Section, parts
from traces.metrics import whole_percentages
from traces.model import Json

try:
    import toktok  # type: ignore[import-untyped]
except ImportError:  # pragma: no cover - a mitmproxy that was installed on its own
    toktok = None

Sized = Sequence[tuple[Part, int]]
"""Parts of a request, each with its size."""

_VOCABULARY = "o200k_base"

SECTIONS: tuple[Section, ...] = ("system", "tools", "messages")


@dataclass(frozen=True, slots=True)
class Measure:
    """Takes the sizes of texts, and says in which unit, and after whose vocabulary."""

    unit: str
    vocabulary: str
    sizes: Callable[[Sequence[str]], list[int]]


def _bytes(texts: Sequence[str]) -> list[int]:
    return [len(text.encode("utf-8", "replace")) for text in texts]


def _tokens(texts: Sequence[str]) -> list[int]:
    whole = [text.encode("utf-8", "replace").decode() for text in texts]  # a lone surrogate has no tokens
    return list(toktok.batch_count(whole, _VOCABULARY, threads=1))


BYTES = Measure("byte", "", _bytes)
BEST = Measure("token", _VOCABULARY, _tokens) if toktok else BYTES


@dataclass(frozen=True, slots=True)
class Shares:
    """All parts of a request. What is no text, an image for one, has the size 0."""

    sized: Sized

    def of(self, section: Section) -> Sized:
        return [(part, size) for part, size in self.sized if part.section == section]

    def size(self, section: Section) -> int:
        return sum(size for _, size in self.of(section))

    @property
    def total(self) -> int:
        return sum(size for _, size in self.sized)

    @property
    def percents(self) -> dict[Section, int]:
        """Whole percentages that add up to 100, or are all 0 where there is nothing."""
        return dict(zip(SECTIONS, whole_percentages(list(map(self.size, SECTIONS))), strict=True))


def shares(body: Json, measure: Measure) -> Shares:
    found = parts(body)
    return Shares(list(zip(found, measure.sizes([part.text for part in found]), strict=True)))
