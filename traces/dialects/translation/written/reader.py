"""The interface of what reads a text in pieces, and what its variants share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from traces.dialects.pieces import Piece


class TextReader(Protocol):
    """Reads the text of one answer, in pieces."""

    def feed(self, text: str) -> list[Piece]:
        """Take the next piece of text; return what is certain now."""

    def end(self) -> list[Piece]:
        """Return what is left: the answer has ended, or something else than text follows."""


@dataclass(frozen=True, slots=True, eq=False)
class WrittenCall:
    """A call that the text holds, whole. Two are never the same."""

    name: str
    ident: str = ""
    is_text: bool = False


def call_piece(name: str, arguments: str, ident: str = "") -> Piece:
    """Return a whole call, its arguments as JSON."""
    return Piece("tool", arguments, WrittenCall(name, ident), name)


def cut_before(text: str, tags: Sequence[str]) -> int:
    """Return where the text must be cut, since the rest may be the beginning of one of these tags."""
    longest = max(map(len, tags)) - 1
    for start in range(max(0, len(text) - longest), len(text)):
        rest = text[start:]
        if any(tag.startswith(rest) for tag in tags):
            return start
    return len(text)


def find_first(text: str, tags: Sequence[str]) -> tuple[int, str] | None:
    """Return where the first of these tags is, and which; the longest of those at one place."""
    found = [(at, -len(tag), tag) for tag in tags if (at := text.find(tag)) >= 0]
    return (min(found)[0], min(found)[2]) if found else None
