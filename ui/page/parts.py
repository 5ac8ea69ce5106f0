"""The parts of a page: what requests and responses are made of, each stored once, however many turns repeat it."""

from collections.abc import Callable, Sequence

from traces.content.parts import Part
from traces.model import Json
from ui.page.dedup import Lists, Texts

Counts = Callable[[Sequence[Part]], Sequence[int | None]]
"""Returns the number of tokens of each part; None where it is unknown."""


def no_counts(parts: Sequence[Part]) -> Sequence[None]:
    return [None] * len(parts)


class Parts:
    """The parts of a page, each stored once, with its tokens, and `lists` of their indexes.

    A part that moves within the tools or the messages is still the same part. A block of the system prompt is named by
    its number, so that one that moves is another.
    """

    def __init__(self, texts: Texts, counts: Counts) -> None:
        self.parts: list[dict[str, Json]] = []
        self.lists = Lists()
        self._texts = texts
        self._counts = counts
        self._places: dict[Part, int] = {}
        self._of: dict[int, int] = {}  # by identity: turns of one reader share their parts
        self._kept: list[Part] = []  # so that no other part gets the identity of one of them

    def add(self, parts: Sequence[Part]) -> int:
        """Add a list of parts, and return its index in `lists`."""
        new = [part for part in parts if id(part) not in self._of]
        for part, count in zip(new, self._counts(new) if new else (), strict=True):
            self._add_part(part, count)
        return self.lists.add([self._of[id(part)] for part in parts])

    def _add_part(self, part: Part, count: int | None) -> None:
        self._kept.append(part)
        plain = part if part.section == "system" else part._replace(index=0)
        place = self._of[id(part)] = self._places.setdefault(plain, len(self.parts))
        if place == len(self.parts):
            self.parts.append(self._part(part, count))

    def _part(self, part: Part, count: int | None) -> dict[str, Json]:
        return {
            "section": part.section,
            "kind": part.kind,
            "name": part.name,
            "server": part.server if part.kind == "tool" else None,
            "index": part.index,
            "tokens": count,
            "text": self._texts.place(part.text) if part.text else None,
            "media": _media(part),
        }


def _media(part: Part) -> str | None:
    """Return a description of the part's media: pages don't show pictures from traces."""
    if part.media is None:
        return None
    size = f", {len(part.media.base64) * 3 // 4:,} bytes" if part.media.base64 else ""
    return f"{part.media.type or part.media.url}{size}"
