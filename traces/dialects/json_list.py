"""A parser of a stream that is one JSON list, fed with chunks of bytes: each item is an event.

So Gemini's `streamGenerateContent` answers that isn't asked for server-sent events.
"""

import re

from traces.dialects.sse import ServerEvent

_MARKS = re.compile(rb'\\.?|["{}\[\]]', re.S)
"""What opens or closes a text, an object or a list, and escapes, of which the last may be cut."""


class JsonList:
    """Reads one list, in chunks that may be cut anywhere. An item that is cut off is no event."""

    def __init__(self) -> None:
        self._item: list[bytes] = []  # the pieces of the item that is open
        self._depth = 0
        self._in_text = False
        self._is_escaped = False  # the next byte

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """Return the events that this chunk completed."""
        events: list[ServerEvent] = []
        start, self._is_escaped = (1 if self._is_escaped else 0), False
        begin = 0
        for found in _MARKS.finditer(chunk, start):
            mark = found[0]
            if mark.startswith(b"\\"):
                self._is_escaped = len(mark) == 1
            elif mark == b'"':
                self._in_text = not self._in_text
            elif self._in_text:
                continue
            elif mark in b"{[":
                self._depth += 1
                if self._depth == 2:
                    begin = found.start()
            else:
                self._depth -= 1
                if self._depth == 1:
                    data = b"".join([*self._item, chunk[begin : found.end()]])
                    self._item = []
                    events.append(ServerEvent(None, data.decode("utf-8", "replace")))
        if self._depth > 1:
            self._item.append(chunk[begin:])
        return events

    def close(self) -> list[ServerEvent]:
        """Return nothing: what isn't closed was cut off."""
        return []
