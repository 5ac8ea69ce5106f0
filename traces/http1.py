"""A reader of HTTP/1.1 answers, fed as bytes arrive: h11 reads the head, and this module the body.

h11 could read the body, too, but takes longer for a chunk than everything else here together, and that delays the times
of other streams.
"""

import re
from collections.abc import Callable, Mapping

import h11

_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")
_LONGEST_LINE = 64 * 1024


class NotHttp(Exception):
    """The bytes aren't an HTTP answer. The message says what is odd about them."""


class ResponseReader:
    """Reads one answer to one request. `ended` once its body is whole.

    `is_reusable`: nothing but the whole answer came, and the server expects another request on the same connection.
    """

    def __init__(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> None:
        """Write the request. Raises NotHttp where it isn't valid HTTP.

        `request` holds its bytes in pieces: joining a long prompt to its head would take longer than sending it.
        """
        self._head = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_LINE)
        try:
            sent = [self._head.send(h11.Request(method=method, target=target, headers=headers))]
            sent += [self._head.send(h11.Data(data=body)), self._head.send(h11.EndOfMessage())]
        except h11.LocalProtocolError as error:
            raise NotHttp(str(error)) from error
        self.request = [part for part in sent if part]
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.ended = False
        self.is_reusable = False
        self._stays_open = False
        self._body: Callable[[bytes], bytes] | None = None
        self._until_close = False

    def feed(self, data: bytes) -> bytes:
        """Return the part of the body that is in these bytes. Raises NotHttp."""
        if self._body is not None:
            return b"" if self.ended else self._body(data)
        try:
            self._head.receive_data(data)
            event = self._head.next_event()
            while isinstance(event, h11.InformationalResponse):
                event = self._head.next_event()
        except h11.RemoteProtocolError as error:
            raise NotHttp(f"no HTTP answer: {error}") from error
        if not isinstance(event, h11.Response):
            return b""
        self.status = event.status_code
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
        self._stays_open = event.http_version == b"1.1" and "close" not in self._field("connection").lower()
        self._body = self._framing()
        return self._body(self._head.trailing_data[0])

    def close(self) -> bool:
        """Take the end of the connection, and return whether the answer is whole."""
        self.ended = self.ended or self._until_close
        return self.ended

    def _field(self, wanted: str) -> str:
        return next((value for name, value in self.headers.items() if name.lower() == wanted), "")

    def _framing(self) -> Callable[[bytes], bytes]:
        """Return what takes the body from the bytes, by RFC 9112, 6.3."""
        if self.status in (204, 304):
            self.ended = True
            self.is_reusable = self._stays_open and not self._head.trailing_data[0]
            return lambda data: b""
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self._chunks().feed
        if "content-length" in self.headers:
            self._left = int(self.headers["content-length"])
            return self._take_counted
        self._until_close = True
        return bytes

    def _take_counted(self, data: bytes) -> bytes:
        taken = data[: self._left]
        self._left -= len(taken)
        self.ended = not self._left
        self.is_reusable = self.ended and self._stays_open and len(taken) == len(data)
        return taken

    def _chunks(self) -> "_Chunks":
        return _Chunks(self._end)

    def _end(self, rest: bytes) -> None:
        self.ended = True
        self.is_reusable = self._stays_open and rest == b"\r\n"


class _Chunks:
    """A reader of the chunked coding. What comes after the last chunk (trailers) is dropped."""

    def __init__(self, on_end: Callable[[bytes], None]) -> None:
        self._on_end = on_end
        self._rest = b""  # the beginning of a line
        self._left = 0  # of the current chunk, with the line end that follows it

    def feed(self, data: bytes) -> bytes:
        if self._rest:
            data, self._rest = self._rest + data, b""
        body, at, size = [], 0, len(data)
        while at < size:
            if self._left:
                end = min(at + self._left, size)
                body.append(data[at : max(at, min(end, at + self._left - 2))])
                self._left -= end - at
                at = end
                continue
            line_end = data.find(b"\n", at)
            if line_end < 0:
                self._rest = data[at:]
                if size - at > _LONGEST_LINE:
                    raise NotHttp("a chunk's size never ends")
                break
            found = _SIZE.match(data, at)
            if not found:
                raise NotHttp(f"{data[at : at + 20]!r} is no chunk's size")
            length, at = int(found[0], 16), line_end + 1
            if not length:
                self._on_end(data[at:])
                break
            self._left = length + 2
        return b"".join(body)
