"""An answer that is being read: bytes and the times of their arrival in, an assembled message or an error out.

What the bytes mean is left to the `StreamReader`.
"""

from itertools import islice

from replay.exchange import Load, Progress, Sent
from replay.request import Prepared
from traces import redact
from traces.dialects import FORMATS
from traces.http1 import NotHttp, ResponseReader
from traces.metrics import GENERATED
from traces.model import Failure
from traces.stream_reader import StreamReader

_LONGEST_WORDS = 2000


class Answer:
    """One answer. Once it is `finished`, nothing more of it is needed, and `error` is what was wrong, or None."""

    def __init__(self, prepared: Prepared, reader: ResponseReader) -> None:
        self.prepared = prepared
        self.reader = reader
        self.body = StreamReader(FORMATS[prepared.dialect].stream())
        self.error: Failure | None = None
        self.finished = False
        self.may_batch = False  # an error is wanted at once, a stream can wait
        self.received = 0
        self.headers_at: float | None = None
        self.last_at: float | None = None  # of the last bytes
        self._counted = 0  # of the stream's events
        self._chunks = 0
        self._characters = 0

    @property
    def closed_by_event(self) -> bool:
        """Whether the format's closing event came, or an error: nothing of meaning can follow."""
        return self.body.ended

    def take(self, at: float, data: bytes) -> None:
        """Take bytes that arrived at this moment."""
        if self.finished:
            return
        self.received += len(data)
        self.last_at = at
        try:
            body = self.reader.feed(data)
        except NotHttp as error:
            self.fail("malformed", str(error), at)
            return
        if self.headers_at is None and self.reader.status is not None:
            self.headers_at = at
            self.body.begin(self.reader.status, self.reader.headers)
            self.may_batch = self.reader.status < 400 and "json" not in self.reader.headers.get("content-type", "")
        if body:
            self.body.feed(at, body)
        if self.body.is_stream is False:
            self.may_batch = False
        if self.reader.ended or self.body.undecodable is not None:
            self._end(at)

    def close(self, at: float, error: Exception | None) -> None:
        """Take the end of the connection, whether the server closed it or an error did."""
        if self.finished:
            return
        if self.reader.close() or self.closed_by_event:
            self._end(self.last_at or at)
            return
        words = str(error) if error else "the server closed the connection before the answer was whole"
        self.fail("server_disconnected", words, at)

    def fail(self, kind: str, message: str, at: float) -> None:
        """End it for a reason from outside. An error that the server reported before takes precedence."""
        last_at, self.last_at = self.last_at, at
        self._end(last_at, Failure(kind, message, self.reader.status))

    def finish(self) -> None:
        """End it because its closing event came some time ago, although the connection stays open."""
        if not self.finished:
            self._end(self.last_at)

    def progress(self, elapsed: float) -> Progress:
        """Return how much content there is so far."""
        events = self.body.stream.events
        for event in islice(events, self._counted, None):
            if event.content in GENERATED:
                self._chunks += 1
                self._characters += event.size
        self._counted = len(events)
        return Progress(elapsed, self._chunks, self._characters)

    def result(self, started: str, connect: float, load: Load) -> Sent:
        """Return the request with what came back."""
        return Sent(
            self.prepared,
            started,
            connect,
            self.reader.status,
            self.reader.headers,
            self.headers_at,
            tuple(self.body.stream.events),
            self.body.message,
            self.last_at,
            self.error,
            self.received,
            load,
            self.body.odd,
            tuple(self.body.marks),
        )

    def _end(self, at: float | None, outside: Failure | None = None) -> None:
        """Read what is left, and finish."""
        self.body.close(at)
        failure = self.body.failure(outside) or self._unmeasurable()
        if failure:
            self.error = Failure(failure.kind, self._clean(failure.message), failure.status, failure.retry_after)
        self.finished = True

    def _unmeasurable(self) -> Failure | None:
        """Return the failure of an answer that is valid, but can't be measured."""
        status = self.reader.status
        if self.body.undecodable is not None:
            return Failure("undecodable", f"the answer can't be decoded here: {self.body.undecodable}", status)
        if "response_body_too_large" in self.body.marks:
            return Failure("malformed", "the answer is too large to be read", status)
        if not self.body.is_stream:
            return Failure("malformed", f"the answer isn't streamed: {self.body.text.strip()}", status)
        return None

    def _clean(self, words: str) -> str:
        """Return an error message without the key, which servers may repeat, and not too long."""
        key = self.prepared.target.key
        text = redact.Cleaner(frozenset([key] if key else [])).text(words)
        return text if len(text) <= _LONGEST_WORDS else text[:_LONGEST_WORDS] + "…"
