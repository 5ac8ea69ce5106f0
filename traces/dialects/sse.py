"""Server-sent events: bytes in, events out, as they complete.

Follows the event-stream rules of the WHATWG's HTML standard, with two exceptions: `close` hands out a last event that
lacks its blank line, since what had arrived of a cut stream must not be lost; and lines that are no field can be handed
out, since some servers write an error into a stream as it is. The fields `id` and `retry` concern a
client that reconnects, and are ignored.

This module knows nothing of JSON, of what the events mean, or of where the bytes come from.
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
        """With `strays`, lines that are no field of an event are an event's data, where it has no other: some servers
        write an error into a stream as it is."""
        self._strays = strays
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._begun: list[str] = []  # the text since the last blank line, in pieces
        self._line_end = ""  # a line's end that closes that text: with another one it makes a blank line
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """The events that this chunk completed."""
        return self._take(self._decoder.decode(chunk))

    def close(self) -> list[ServerEvent]:
        """What the stream's end completes: a last event without its blank line."""
        return self._take(self._decoder.decode(b"", final=True) + "\n\n")

    @property
    def pending(self) -> str:
        """What has come of an event that isn't complete."""
        return "".join(self._begun)

    def _take(self, text: str) -> list[ServerEvent]:
        text = self._line_end + self._with_plain_line_ends(text)
        *complete, rest = text.split("\n\n")
        if complete:
            complete[0] = "".join(self._begun) + complete[0]
            self._begun.clear()
        self._line_end = "\n" if rest.endswith("\n") else ""
        self._begun.append(rest.removesuffix("\n"))
        return [event for block in complete if (event := _event(block, self._strays))]

    def _with_plain_line_ends(self, text: str) -> str:
        """CR and CRLF made LF. A CR ends its line at once; an LF in the next chunk then belongs to it."""
        if self._after_cr and text:
            text = text.removeprefix("\n")
            self._after_cr = False
        if "\r" in text:
            self._after_cr = text.endswith("\r")
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text


def _event(block: str, strays: bool) -> ServerEvent | None:
    """The event of these lines, None where they carry no data (a comment, a heartbeat)."""
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
