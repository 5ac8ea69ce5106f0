"""An answer being read: bytes with the moments of their arrival in, an assembled message or an error out.

This module knows nothing of sockets and of clocks: it is told when bytes came, and what became of the connection.
"""

import re
from collections.abc import Callable, Iterable
from itertools import islice

from replay.exchange import ErrorKind, Exchange, Load, Progress, ReplayError
from replay.request import Prepared
from replay.transport.http1 import NotHttp, ResponseReader
from traces import jsonio, redact
from traces.dialects import STREAMS, encodings
from traces.dialects.base import error_in
from traces.dialects.sse import ServerEvent, SseParser
from traces.metrics import GENERATED
from traces.model import Json

_LONGEST_WORDS = 2000
_ENOUGH_WORDS = 200
"""Of a stream that is none: it may be a whole page."""


class Answer:
    """One answer. `finished` once nothing more of it is needed; then `error` is what was wrong, None where nothing."""

    def __init__(self, prepared: Prepared, reader: ResponseReader) -> None:
        self.prepared = prepared
        self.reader = reader
        self.stream = STREAMS[prepared.dialect]()
        self.error: ReplayError | None = None
        self.finished = False
        self.patient = False  # an error is wanted at once, a stream can wait
        self.received = 0
        self.headers_at: float | None = None
        self.last_at: float | None = None  # of the last bytes
        self._sse = SseParser()
        self._whole: list[bytes] | None = None  # a body that is no stream
        self._first = b""  # of a stream: it may turn out to be none
        self._decode: Callable[[bytes], bytes] | None = None
        self._counted = 0  # of the stream's events
        self._chunks = 0
        self._characters = 0

    @property
    def closed_by_event(self) -> bool:
        """The dialect's closing event came, or an error: what may follow are only leftovers."""
        return self.stream.ended or self.stream.error is not None

    def take(self, at: float, data: bytes) -> None:
        """Bytes that arrived at this moment."""
        if self.finished:
            return
        self.received += len(data)
        self.last_at = at
        try:
            body = self.reader.feed(data)
            if self.headers_at is None and self.reader.status is not None:
                self.headers_at = at
                self._begin()
            if body:
                self._take_body(at, body)
        except (NotHttp, encodings.DecodeError) as error:
            self.fail("malformed", str(error), at)
        else:
            if self.reader.ended:
                self._end(at)

    def closed(self, at: float, error: Exception | None) -> None:
        """The connection is gone: by the server's will, or by an error."""
        if self.finished:
            return
        if self.reader.close() or self.closed_by_event:
            self._end(self.last_at or at)
            return
        words = str(error) if error else "the server closed the connection before the answer was whole"
        self.fail("reset" if error else "cut", words, at)

    def fail(self, kind: ErrorKind, message: str, at: float) -> None:
        """Something outside ended it. An error event that came before says more than a broken connection."""
        self._feed(self.last_at, self._sse.close())
        self.last_at = at
        if self.stream.error is not None:
            kind, message = "stream_error", self.stream.error
        self._finish(ReplayError(kind, self._clean(message), self.reader.status))

    def leave(self) -> None:
        """Its closing event came some time ago, and the connection stays open: that was all."""
        if not self.finished:
            self._end(self.last_at)

    def progress(self, elapsed: float) -> Progress:
        """How much content there is so far; only what is new is counted."""
        for event in islice(self.stream.events, self._counted, None):
            if event.content in GENERATED:
                self._chunks += 1
                self._characters += event.size
        self._counted = len(self.stream.events)
        return Progress(elapsed, self._chunks, self._characters)

    def exchange(self, started: str, connect: float, load: Load) -> Exchange:
        return Exchange(
            self.prepared,
            started,
            connect,
            self.reader.status,
            self.reader.headers,
            self.headers_at,
            tuple(self.stream.events),
            self._message(),
            self.last_at,
            self.error,
            self.received,
            load,
        )

    def _begin(self) -> None:
        if encoding := self.reader.headers.get("content-encoding"):
            self._decode = _decoder(encoding)
        status, kind = self.reader.status or 0, self.reader.headers.get("content-type", "")
        if status >= 400 or "json" in kind:
            self._whole = []
        self.patient = self._whole is None

    def _take_body(self, at: float, body: bytes) -> None:
        if self._decode:
            body = self._decode(body)
        if self._whole is not None:
            self._whole.append(body)
        else:
            if len(self._first) < _LONGEST_WORDS:
                self._first += body[:_LONGEST_WORDS]
            self._feed(at, self._sse.feed(body))

    def _feed(self, at: float | None, events: Iterable[ServerEvent]) -> None:
        for event in events:
            self.stream.feed(event, at)

    def _end(self, at: float | None) -> None:
        """All that the server had to say has come."""
        self._feed(at, self._sse.close())
        self._finish(self._what_is_wrong())

    def _finish(self, error: ReplayError | None) -> None:
        self.error = error
        self.finished = True

    def _what_is_wrong(self) -> ReplayError | None:
        status = self.reader.status or 0
        if self._whole is not None:
            words = self._words()
            if status >= 400:
                return ReplayError("http_error", words, status, self._retry_after())
            return ReplayError("malformed", f"the answer isn't streamed: {words}", status)
        if self.stream.error is not None:
            return ReplayError("stream_error", self._clean(self.stream.error), status)
        if self.stream.ended:
            return None
        if any(event.kind != "malformed" for event in self.stream.events):
            return ReplayError("cut", "the stream ended without its closing event", status)
        return ReplayError(
            "malformed", f"no stream of the {self.prepared.dialect} dialect: {self._no_stream()}", status
        )

    def _no_stream(self) -> str:
        """What came in its place: an error that was wrapped as nothing, a page for people, a way to somewhere else."""
        words, place = self._words(), self.reader.headers.get("location")
        words = words if len(words) <= _ENOUGH_WORDS else words[:_ENOUGH_WORDS] + "…"
        return self._clean(f"it leads to {place}") if place else words

    def _words(self) -> str:
        """An error body's own words, whichever shape it has."""
        body = self._json()
        found = error_in(body) if isinstance(body, dict) else None
        text = found or self._raw().decode(errors="replace").strip()
        return self._clean(text) or "(an empty body)"

    def _json(self) -> Json:
        try:
            return jsonio.loads(self._raw())
        except ValueError:
            return None

    def _raw(self) -> bytes:
        return self._first if self._whole is None else b"".join(self._whole)

    def _message(self) -> Json:
        return self.stream.message() if self._whole is None or self.error else self._json()

    def _retry_after(self) -> float | None:
        said = self.reader.headers.get("retry-after", "")
        return float(said) if re.fullmatch(r"\d+(\.\d+)?", said) else None

    def _clean(self, words: str) -> str:
        """Servers repeat keys in their errors."""
        key = self.prepared.target.key
        text = redact.Cleaner(frozenset([key] if key else [])).text(words)
        return text if len(text) <= _LONGEST_WORDS else text[:_LONGEST_WORDS] + "…"


def _decoder(encoding: str) -> Callable[[bytes], bytes]:
    """What undoes a content encoding, piece by piece."""
    pieces: list[bytes] = []
    decoded = encodings.decoded(iter(pieces.pop, None), encoding)

    def undone(piece: bytes) -> bytes:
        pieces.append(piece)
        return next(decoded)

    return undone
