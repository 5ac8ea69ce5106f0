"""Reads an answer from its bytes and their times of arrival: events, message, failure, and what is odd about it.

Whether an answer is a stream is decided by how it begins, whatever its content type: servers label streams as JSON, as
text or not at all, and errors as streams.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from traces import jsonio
from traces.content import answers
from traces.dialects import problems
from traces.dialects.base import DONE, Stream, is_json
from traces.dialects.encodings import DecodeError, Decoder
from traces.dialects.ending import Ending
from traces.dialects.json_list import JsonList
from traces.dialects.sse import ServerEvent, SseParser
from traces.metrics import GENERATED
from traces.model import UNRECORDED, Failure, Json, Odd

LARGEST_BODY = 64 * 2**20

LOOKED_THROUGH = 4
"""Of an answer that is larger, so many times what is recorded is decoded, to see how it ends: a few bytes of it may be
gigabytes."""

MOST_EVENTS = 500_000
"""More than any model generates tokens. Each takes a hundred bytes in memory, and a few bytes may be one."""

MOST_CLOSING = 20
"""Events that may close a stream: one for each part that was open, and for the answer."""

_LONGEST_START = 2**12
"""Bytes after which it must be clear whether an answer is a stream: spaces may stand before it."""

LONGEST_MESSAGE = 2000
"""Characters of an error that are kept: it may be a whole page."""

_BOM = b"\xef\xbb\xbf"
_EVENT_FIELD = re.compile(rb"(data|event|id|retry)?:|(data|event|id|retry)[\r\n]")
_BEGINNING = re.compile(rb"[a-z]{0,5}")
"""The start of what may be the name of an event's field."""

_BEGINS_JSON = frozenset('{["-0123456789tfnNI\ufeff')


class StreamReader:
    """Reads one answer. `begin` comes first, then `feed` for each chunk, then `close`; nothing raises.

    stream       the events and their contents, read by the rules of one API format
    is_stream    whether the answer is a stream of events; None while that isn't known
    marks        what is missing from the record: see `traces.storage.flowfile`
    """

    def __init__(self, stream: Stream, largest: int = LARGEST_BODY) -> None:
        self.stream = stream
        self.is_stream: bool | None = None
        self.marks: list[str] = []
        self.has_content = False
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.undecodable: str | None = None
        self._largest = largest
        self._decoder = Decoder(None, LOOKED_THROUGH * largest)
        self._room = largest
        self._ending: Ending | None = None  # of what has no room
        self._sse = SseParser(strays=True)
        self._chunks: list[tuple[float | None, bytes]] = []  # all that came, unless it is a stream
        self._start = b""  # of a stream: it may turn out to be none
        self._body: Json = None
        self._error: str | None = None  # that the stream reported in an unusual shape
        self._plain_event: str | None = None  # the last event, if that is plain text
        self._hash = hashlib.sha256()

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the head of the answer. The headers' names are in lower case."""
        self.status, self.headers = status, headers
        try:
            self._decoder = Decoder(headers.get("content-encoding"), LOOKED_THROUGH * self._largest)
        except DecodeError as error:
            self._give_up(error)

    def feed(self, at: float | None, data: bytes) -> None:
        """Take the next bytes of the body, which arrived at this moment."""
        if self.undecodable is not None:
            return
        try:
            for piece in self._decoder.pieces(data):
                self._take_piece(at, piece)
        except DecodeError as error:
            self._give_up(error)

    def pass_over(self, ending: Ending) -> None:
        """Take the end of the body, after bytes of it that weren't kept."""
        self._cut("response_body_too_large")
        self._ending = ending if self._decoder.is_plain else None

    def close(self, at: float | None) -> None:
        """Take the end of the body: it came at this moment, or the connection broke."""
        if self.is_stream is None:
            self._decide(at, is_stream=False)
        if self.is_stream:
            self._feed_last(at)
        if not self.is_stream or self._is_unknown:
            self._read_whole()
        if not self.is_stream and (isinstance(self._body, str) or self._is_list_of_events):
            self._reread(self.text)

    @property
    def error(self) -> str | None:
        """The error that the stream reported, in the server's words."""
        return self.stream.error or self._error

    @property
    def ended(self) -> bool:
        """Whether the closing event or an error came: what may follow doesn't count."""
        return self.stream.ended or self.error is not None

    @property
    def is_cut_here(self) -> bool:
        """Whether the record ends before the answer does."""
        return any(mark in UNRECORDED for mark in self.marks)

    @property
    def odd(self) -> Odd | None:
        """What of the stream couldn't be read."""
        return self.stream.odd

    @property
    def sha256(self) -> str:
        """The hash of the body, decoded, as far as it came."""
        return self._hash.hexdigest()

    @property
    def message(self) -> Json:
        """The answer so far: the message of a stream, else the JSON of the body, else its text; None if empty."""
        return self._body if not self.is_stream or self._is_unknown else self.stream.message()

    @property
    def text(self) -> str:
        """What came, as text; of a stream its beginning."""
        return self.data.decode("utf-8-sig", "replace")

    @property
    def data(self) -> bytes:
        """What came, decoded; of a stream its beginning."""
        return self._start if self.is_stream else b"".join(data for _, data in self._chunks)

    def possible_error(self) -> str | None:
        """Return what may be an error while the stream goes on: plain text in place of an event.

        Content may still follow it: the caller decides how long to wait for that.
        """
        if self._plain_event is not None:
            return self._plain_event
        return _plain_text(self._sse.pending if self.is_stream and self.stream.events else self.text)

    def failure(self, connection: Failure | None = None) -> Failure | None:
        """Return what went wrong; None where nothing did. To be called after `close`.

        `connection` is what broke the connection. An error that the server reported before that explains more, and
        what broke behind a whole answer cut nothing off: some clients hang up as soon as they have its last event.
        """
        if self.error is not None and self.status < 400:
            return Failure("stream_error", _short(self.error), self.status)
        if connection is not None and not self._is_whole:
            return connection
        if self.status >= 300:
            return Failure("http_error", self._http_message(), self.status, self._retry_after())
        if self.is_cut_here:  # the record ends there, not the answer
            is_seen = self.is_stream and self._is_full and "response_end_unknown" not in self.marks
            return self._cut_off() if is_seen and not self.ended else None
        if self.is_stream and self.stream.events:
            return self._stream_failure()
        return self._body_failure()

    def _give_up(self, error: DecodeError) -> None:
        self.undecodable = str(error)
        self.marks.append("response_body_undecodable")

    def _take_piece(self, at: float | None, piece: bytes) -> None:
        if self._room >= 0:
            size = jsonio.written_size(piece)
            fitting = len(piece) if size <= self._room else self._room * len(piece) // size
            kept, piece = piece[:fitting], piece[fitting:]
            self._room -= min(size, self._room)
            self._hash.update(kept)
            self._take(at, kept)
            if piece:
                self._cut("response_body_too_large")
            elif len(self.stream.events) > MOST_EVENTS:
                self._cut("too_many_events")
        if self._ending and piece:
            self._ending.add(piece)

    def _cut(self, mark: str) -> None:
        """End the record here. What follows is looked through for how it ends."""
        if self._room >= 0:
            self.marks.append(mark)
            self._room = -1
            self._ending = Ending()

    def _take(self, at: float | None, data: bytes) -> None:
        if self.is_stream:
            if len(self._start) < LONGEST_MESSAGE:
                self._start += data[:LONGEST_MESSAGE]
            self._feed(at, self._sse.feed(data))
        else:
            self._chunks.append((at, data))
            if self.is_stream is None and (found := self._sniff()) is not None:
                self._decide(at, found)

    def _decide(self, at: float | None, is_stream: bool) -> None:
        self.is_stream = is_stream
        if is_stream:
            chunks, self._chunks = self._chunks, []
            for arrived, data in chunks:
                self._take(arrived, data)

    def _sniff(self) -> bool | None:
        """Return whether the body so far begins a stream; None where that isn't clear yet."""
        seen = b"".join(data for _, data in self._chunks)
        if _BOM.startswith(seen[:3]) and len(seen) < 3:
            return None
        start = seen[:_LONGEST_START].removeprefix(_BOM).lstrip()
        if not start and len(seen) < _LONGEST_START:
            return None
        if _EVENT_FIELD.match(start):
            return True
        if start[:1] in (b"{", b"[", b'"', b"<"):
            return False
        if start and len(start) < 6 and _BEGINNING.fullmatch(start):
            return None
        return "event-stream" in self.headers.get("content-type", "").lower()

    def _feed(self, at: float | None, events: Iterable[ServerEvent]) -> None:
        read = self.stream.events
        for event in events:
            before = len(read)
            self.stream.feed(event, at)
            if read[-1].kind == "malformed":
                self._take_unknown(event.data)
                continue
            is_news = not self.has_content or self._plain_event is not None
            if is_news and any(part.content in GENERATED for part in read[before:]):
                self.has_content, self._plain_event = True, None

    def _feed_last(self, at: float | None) -> None:
        """Take the event that the stream's end completes. Half an event was cut off, and isn't odd."""
        if self._is_full:
            self._feed_ending(at)
            return
        odd, last = (
            self.stream.odd,
            [event for event in self._sse.close() if not "data:".startswith(event.data.strip())],
        )
        self._feed(at, last)
        is_half = self.is_cut_here or (last and last[-1].data.lstrip()[:1] in ("{", "["))
        if last and is_half and self.stream.events[-1].kind == "malformed":
            self.stream.odd = odd

    def _feed_ending(self, at: float | None) -> None:
        """Take how the stream ends, after the bytes that aren't kept."""
        odd, cut = self.stream.odd, self._sse.pending
        self._sse = SseParser(strays=True)
        if self._ending is None or self._decoder.is_cut or self.undecodable is not None:
            self.marks.append("response_end_unknown")
            return
        last = self._ending.events(cut)[-MOST_CLOSING:]
        self._feed(at, _closing(last, type(self.stream)()))
        self.stream.odd = odd  # it has lost its beginning

    def _take_unknown(self, data: str) -> None:
        """Take an event that the format doesn't know: it may be an error in an unusual shape, or in plain text."""
        start = data.lstrip()[:1]
        try:
            value = jsonio.loads(data.encode("utf-8", "replace")) if start in _BEGINS_JSON else data
        except ValueError:
            value = None if start in ("{", "[") else data  # half a document is no text for people
        if isinstance(value, str):
            self._plain_event = None if problems.is_progress(value) else value.strip()
        elif (words := problems.error_words(value)) is not None:
            self._error = self._error or words
        elif (words := problems.loose_words(value)) is not None:
            self._plain_event = words

    def _read_whole(self) -> None:
        try:
            self._body = jsonio.loads(self.data)
        except ValueError as error:
            if isinstance(error, jsonio.TooManyValues):
                self.marks.append("response_body_too_complex")
            self._body = (_plain_lines(self.text) if self.is_stream else self.text) or None

    def _reread(self, text: str) -> None:
        """Read the body again as a stream: one that begins later, a JSON list of events, or a document in each line."""
        parser: SseParser | _JsonLines | JsonList
        if self.stream.comes_as_list and text.lstrip().startswith("["):
            parser = JsonList()
        elif re.search(r"(?m)^data:", text):
            parser = SseParser()
        elif _are_json_lines(text):
            parser = _JsonLines()
        else:
            return
        for at, data in self._chunks:
            self._feed(at, parser.feed(data))
        self._feed(self._chunks[-1][0], parser.close())
        self.is_stream = bool(self.stream.events)

    @property
    def _is_list_of_events(self) -> bool:
        """Whether the body is a stream of its format in one JSON list. A list that only holds an error isn't."""
        is_list = self.stream.comes_as_list and isinstance(self._body, list)
        return is_list and self.status < 300 and problems.error_words(self._body) is None

    @property
    def _is_full(self) -> bool:
        """Whether more came than is recorded."""
        return self._room < 0 or "response_body_too_large" in self.marks

    @property
    def _is_whole(self) -> bool:
        """Whether all of an answer came: the event that closes its stream, or its JSON to the last brace."""
        return self.status < 300 and (self.stream.ended if self.is_stream else problems.is_answer(self._body))

    @property
    def _is_unknown(self) -> bool:
        """Whether nothing came that the API format knows."""
        return all(event.kind == "malformed" for event in self.stream.events)

    def _http_message(self) -> str:
        place = self.headers.get("location")
        if place and self.status < 400:
            return f"HTTP {self.status}: redirected to {place}"
        nothing = ", an empty body" if self.message is None and not self.marks else ""
        return self._error_message() or f"HTTP {self.status}{nothing}"

    def _error_message(self) -> str | None:
        """Return the message of an answer that is an error."""
        message = self.message
        words = self.error or problems.error_words(message)
        if words is None and isinstance(message, str):
            words = problems.text_words(message)
        if words is None and message is not None and not isinstance(message, str) and self.status >= 300:
            words = self.data.decode("utf-8", "replace").strip()
        return _short(words) if words else None

    def _cut_off(self) -> Failure:
        return Failure("stream_cut", "The stream ended without its closing event.", self.status)

    def _stream_failure(self) -> Failure | None:
        message = self.message
        if (words := problems.error_words(message)) is not None:
            return Failure("stream_error", _short(words), self.status)
        if self.stream.ended and (self.has_content or not problems.is_without_content(message)):
            return None
        if self._plain_event is not None:
            return Failure("stream_error", _short(self._plain_event), self.status)
        is_known = any(event.kind != "malformed" for event in self.stream.events)
        if self.has_content or (is_known and not self.stream.ended):
            return self._cut_off()
        if self.stream.ended:
            reason = answers.stop_reason(message)
            why = f" ({reason})" if reason else ""
            return Failure("empty", f"The stream ended without any content{why}.", self.status)
        return Failure("malformed", f"Not a stream of this API format: {_short(self._first_text())}", self.status)

    def _first_text(self) -> str:
        return self.stream.odd.sample if self.stream.odd else self._start.decode("utf-8", "replace")

    def _body_failure(self) -> Failure | None:
        body = self._body
        if body is None or (isinstance(body, str) and not body.strip()):
            return Failure("empty", "The answer is empty.", self.status)
        if (words := self._error_message()) is not None:
            return Failure("error_body", words, self.status)
        if problems.is_without_content(body):
            return Failure("empty", "The answer holds no content.", self.status)
        if not problems.is_answer(body):
            return Failure("malformed", f"Not an answer of any API format: {_short(self.text.strip())}", self.status)
        return None

    def _retry_after(self) -> float | None:
        value = self.headers.get("retry-after", "")
        return float(value) if re.fullmatch(r"\d+(\.\d+)?", value) else None


class _JsonLines:
    """Reads a stream that has an event's data in each line, and nothing else."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[ServerEvent]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [ServerEvent(None, line.decode("utf-8-sig", "replace").strip()) for line in lines if line.strip()]

    def close(self) -> list[ServerEvent]:
        return self.feed(b"\n")


def _closing(events: Sequence[ServerEvent], scratch: Stream) -> Iterator[ServerEvent]:
    """Yield those of a stream's last events that close it: none that holds content of a place that isn't known."""
    for event in events:
        before = len(scratch.events)
        scratch.feed(event, None)
        if scratch.ended or not any(part.content in GENERATED for part in scratch.events[before:]):
            yield event


def _are_json_lines(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and lines[-1].strip() == DONE:
        lines = lines[:-1]
    return len(lines) > 1 and all(line.lstrip().startswith("{") and is_json(line) for line in lines)


def _plain_text(text: str) -> str | None:
    """Return the text so far if it is meant for people: no part of an event or of a JSON document."""
    words = _plain_lines(text)
    if problems.is_progress(words):
        return None
    try:
        value = jsonio.loads(words.encode("utf-8", "replace"))
    except ValueError:
        return None if words[0] in "{[" else problems.text_words(words)
    return value if isinstance(value, str) else problems.error_words(value)


def _plain_lines(text: str) -> str:
    """Return the data in a stream's lines, without comments and other fields."""
    lines = [line.removeprefix("data:").strip() for line in text.splitlines() if not _has_no_data(line)]
    return "\n".join(lines).strip()


def _has_no_data(line: str) -> bool:
    """Return whether a line of a stream has no data: a comment, or one of the other fields."""
    return re.match(r"(event|id|retry)?:|\s*$", line) is not None


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_MESSAGE else words[:LONGEST_MESSAGE] + "…"
