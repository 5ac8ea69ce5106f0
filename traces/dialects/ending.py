"""How a stream ends of which only the beginning is kept: its last events, from the few bytes that are kept of the rest.

An event can be longer than these: of the last one its beginning is kept, too, which names its type.
"""

import json
import re
from dataclasses import dataclass

from traces.dialects.sse import ServerEvent, SseParser

LAST = 2**16
"""Bytes of a stream's end that are kept. The events that close it are small, but for the one that repeats it all."""

HEAD = 2**10
"""Bytes of an event that show its type."""

_BLANK_LINES = (b"\n\n", b"\r\n\r\n", b"\r\r")
_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_TYPE = re.compile(r'"type"\s*:\s*"([\w.]+)"')


@dataclass(slots=True)
class Ending:
    """What is kept of the bytes that follow the kept beginning.

    last     the last of them
    head     how the event begins in which `last` begins; None where that is before all these bytes
    forgot   whether bytes in between are lost
    """

    last: bytes = b""
    head: bytes | None = None
    forgot: bool = False

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        self.last += data
        if len(self.last) > 2 * LAST:
            self._forget(len(self.last) - LAST)

    def values(self) -> tuple[bytes, bytes | None, bool]:
        """Return the fields, in order."""
        return self.last, self.head, self.forgot

    def events(self, cut: str) -> list[ServerEvent]:
        """Return the last events. `cut` is what there is of the event that the kept beginning ends in."""
        if not self.forgot and len(cut) <= LAST:
            return _parse(cut.encode() + self.last)
        blank = _BLANK_LINE.search(self.last)
        if blank is None:
            return []
        if blank.end() < len(self.last):
            return _parse(self.last[blank.end() :])
        return _shortened(cut if self.head is None else self.head.decode("utf-8", "replace"))

    def _forget(self, size: int) -> None:
        found = [(self.last.rfind(blank, 0, size + 3), len(blank)) for blank in _BLANK_LINES]
        if end := max(at + length if at >= 0 else 0 for at, length in found):
            self.head = self.last[end:][:HEAD]
        self.last = self.last[size:]
        self.forgot = True


def _parse(data: bytes) -> list[ServerEvent]:
    parser = SseParser()
    return [*parser.feed(data), *parser.close()]


def _shortened(head: str) -> list[ServerEvent]:
    """Return an event of which only the beginning is known, with its type alone."""
    events = _parse(head[:HEAD].encode())
    if not events:
        return []
    found = _TYPE.search(events[0].data)
    kind = found[1] if found else events[0].name
    return [ServerEvent(events[0].name, json.dumps({"type": kind}))] if kind else []
