"""The parts of a page: what requests and answers are made of, each kept once, however many turns repeat it.

Knows nothing of who counted them, and of how they are shown.
"""

from collections.abc import Iterable

from display.page_texts import Texts
from traces.model import Json
from traces.part import Part
from traces.parts import mcp_server

Runs = list[list[int]]
"""Which of a page's parts: [[from, to], …]."""


class Parts:
    """The parts of a page, each kept once, with its tokens."""

    def __init__(self, texts: Texts) -> None:
        self.parts: list[dict[str, Json]] = []
        self._texts = texts
        self._places: dict[Part, int] = {}

    def runs(self, parts: Iterable[Part], counts: Iterable[int | None]) -> Runs:
        runs: Runs = []
        for part, count in zip(parts, counts, strict=True):
            place = self._places.setdefault(part, len(self.parts))
            if place == len(self.parts):
                self.parts.append(self._part(part, count))
            if runs and runs[-1][1] == place:
                runs[-1][1] += 1
            else:
                runs.append([place, place + 1])
        return runs

    def _part(self, part: Part, count: int | None) -> dict[str, Json]:
        return {
            "section": part.section,
            "kind": part.kind,
            "name": part.name,
            "server": mcp_server(part.name or "") if part.kind == "tool" else None,
            "index": part.index,
            "tokens": count,
            "text": self._texts.place(part.text) if part.text else None,
            "media": _media(part),
        }


def _media(part: Part) -> str | None:
    """In words: what somebody else sent isn't shown as a picture."""
    if part.media is None:
        return None
    size = f", {len(part.media.base64) * 3 // 4:,} bytes" if part.media.base64 else ""
    return f"{part.media.type or part.media.url}{size}"
