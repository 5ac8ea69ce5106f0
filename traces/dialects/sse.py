"""A parser of server-sent events, fed with chunks of bytes.

It follows the event-stream rules of the WHATWG's HTML standard, with two exceptions: `close` returns a last event
without its blank line, since nothing of a cut stream must be lost; and lines that are no field can be returned as data,
since some servers write an error into a stream as plain text. The fields `id` and `retry` are for clients that
reconnect, and are ignored.
"""

import codecs
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event. `name` is its `event:` field, None where the server sends none."""

    name: str | None
    data: str


class SseParser:
    """Reads one stream, in chunks that may be cut anywhere, also within a character or a line's end.

    Every character is searched once for an event's end, so that one giant line in small chunks takes linear time.
    """

    def __init__(self, strays: bool = False) -> None:
        """Start a stream. With `strays`, lines that are no field of an event are its data, where it has no other."""
        self._strays = strays
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._incomplete: list[str] = []  # the text since the last blank line, in pieces
        self._line_end = ""  # a line's end that closes that text: with another one it makes a blank line
        self._after_cr = False
        self._is_between = False  # of two events, whose lines end with LF: nothing of the next has come

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """Return the events that this chunk completed."""
        if self._is_between and chunk.endswith(b"\n\n") and b"\r" not in chunk:
            blocks = chunk[:-2].decode("utf-8", "replace").split("\n\n")
            return [event for block in blocks if (event := _event(block, self._strays))]
        events = self._take(self._decoder.decode(chunk))
        self._is_between = bool(events) and chunk.endswith(b"\n\n")
        return events

    def close(self) -> list[ServerEvent]:
        """Return the event that the stream's end completes, if there is one: it lacks its blank line."""
        return self._take(self._decoder.decode(b"", final=True) + "\n\n")

    @property
    def pending(self) -> str:
        """The text so far of an event that isn't complete."""
        return "".join(self._incomplete) + self._line_end

    def _take(self, text: str) -> list[ServerEvent]:
        text = self._line_end + self._normalize_line_ends(text)
        *complete, rest = text.split("\n\n")
        if complete:
            complete[0] = "".join(self._incomplete) + complete[0]
            self._incomplete.clear()
        self._line_end = "\n" if rest.endswith("\n") else ""
        self._incomplete.append(rest.removesuffix("\n"))
        return [event for block in complete if (event := _event(block, self._strays))]

    def _normalize_line_ends(self, text: str) -> str:
        """Return the text with CR and CRLF as LF. A CR ends its line at once; an LF in the next chunk belongs to it."""
        if self._after_cr and text:
            text = text.removeprefix("\n")
            self._after_cr = False
        if "\r" in text:
            self._after_cr = text.endswith("\r")
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text


def _event(block: str, strays: bool) -> ServerEvent | None:
    """Return the event in these lines; None where they have no data (a comment, a heartbeat)."""
    if block.startswith("data: ") and "\n" not in block:
        return ServerEvent(None, block[len("data: ") :])
    name: str | None = None
    data: list[str] = []
    stray: list[str] = []
    for line in block.split("\n"):
        field, _, value = line.partition(":")
        if field == "data":
            data.append(value.removeprefix(" "))
        elif field == "event":
            name = value.removeprefix(" ") or None
        elif field not in ("id", "retry", ""):
            stray.append(line)
    if strays and stray and not data:
        data = stray
    return ServerEvent(name, "\n".join(data)) if data else None
