"""Finds the calls in a text, by the tags with which one of the ways to write calls begins them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from traces.dialects.pieces import Piece
from traces.dialects.translation.written.reader import call_piece, cut_before, find_first

_CLOSERS = "}])>"
"""One of these ends whatever may be a call: until it comes, nothing needs to be read again."""


class Call(NamedTuple):
    """A call in a text: the tool's name, and its arguments as JSON."""

    name: str
    arguments: str
    ident: str = ""


class Calls(NamedTuple):
    """Calls that a text begins with, and where it goes on behind them."""

    calls: Sequence[Call]
    end: int


class NeedsMore(Exception):
    """What the text begins with may be a call, once more of it has come."""


class NoCall(Exception):
    """What the text begins with is no call."""


class Way(Protocol):
    """A way to write calls.

    starts          the tags with which calls begin
    bare            what an answer begins with that is a call without a tag
    """

    @property
    def starts(self) -> Sequence[str]: ...
    @property
    def bare(self) -> Sequence[str]: ...

    def read(self, text: str, start: str, is_whole: bool) -> Calls:
        """Return the calls at the beginning of a text, which begins with `start`.

        `is_whole`: nothing follows. Raises NeedsMore and NoCall; the same text, longer, must not change what another
        one of its beginnings was.
        """


class WrittenCalls:
    """Reads a text with calls, each of which is passed on once it is whole. White space around calls is left out."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._rest = ""
        self._begins = True  # of the answer, only white space came
        self._space = ""  # white space that may be followed by a call
        self._called = False
        self._waits = False  # for the end of what may be a call

    def feed(self, text: str) -> list[Piece]:
        self._rest += text
        if self._waits and not any(char in text for char in _CLOSERS):
            return []
        return self._read(is_whole=False)

    def end(self) -> list[Piece]:
        found = self._read(is_whole=True)
        if self._space and not self._called:
            found.append(Piece("text", self._space))
        self._space = ""
        return found

    def _read(self, is_whole: bool) -> list[Piece]:
        found: list[Piece] = []
        self._waits = False
        while self._rest:
            start = self._start(found, is_whole)
            if start is None:
                break
            try:
                calls, end = self._way.read(self._rest, start, is_whole)
            except NeedsMore:
                if not is_whole:
                    self._waits = True
                    break
                self._take_text(found, len(start))
            except NoCall:
                self._take_text(found, len(start))
            else:
                found += [call_piece(*call) for call in calls]
                self._rest = self._rest[end:]
                self._begins, self._called, self._space = False, True, ""
        return found

    def _start(self, found: list[Piece], is_whole: bool) -> str | None:
        """Take the text before the next call, and return what that begins with; None where none begins yet."""
        if self._begins and self._way.bare:
            bare = self._rest.lstrip()
            if not bare:
                return None
            if start := next((each for each in self._way.bare if bare.startswith(each)), None):
                self._space += self._rest[: len(self._rest) - len(bare)]
                self._rest = bare
                return start
        first = find_first(self._rest, self._way.starts)
        if first is not None:
            self._take_text(found, first[0])
            return first[1]
        self._take_text(found, len(self._rest) if is_whole else cut_before(self._rest, self._way.starts))
        return None

    def _take_text(self, found: list[Piece], length: int) -> None:
        """Pass text on, but for white space at the beginning and behind a call: another call may follow."""
        text, self._rest = self._space + self._rest[:length], self._rest[length:]
        self._space = ""
        if (self._begins or self._called) and not text.strip():
            self._space = text
            return
        if text:
            self._begins = self._called = False
            found.append(Piece("text", text))
