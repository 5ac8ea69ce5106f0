"""What the streams of all API formats share: JSON in each event, errors, and events that are partly unreadable.

A stream never raises. A field that isn't as its format defines it is read as far as possible, and the event counted in
`odd`. An event of which nothing can be read is recorded with the kind "malformed".
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn, Protocol

from traces import jsonio
from traces.dialects.lenient import LenientReader
from traces.dialects.pieces import Piece
from traces.dialects.problems import error_words
from traces.dialects.promised import ANYTHING, Shape, keeps
from traces.dialects.repeated import OnlyText, Repeated, repeated
from traces.dialects.sse import ServerEvent
from traces.model import Content, Event, Json, Odd

DONE = "[DONE]"
"""The word with which OpenAI's streams end, and those of some gateways in other formats."""

LONGEST_SAMPLE = 300
"""Characters of an odd event that are recorded."""

MALFORMED = "malformed"
"""The kind of an event of which nothing could be read."""


class Stream(Protocol):
    """One streamed answer being read.

    events   the events so far: one for each server event, more where it held several kinds of content
    ended    whether its closing event came
    error    the message of an error event in the stream, in the server's words
    odd      the events that were partly unreadable; None where there were none
    pieces   what the last event added to the answer, in formats whose answers can be translated
    comes_as_list   the format has streams that are one JSON list, written item by item
    """

    comes_as_list: ClassVar[bool]

    events: list[Event]
    ended: bool
    error: str | None
    odd: Odd | None
    pieces: list[Piece]

    def feed(self, event: ServerEvent, at: float | None) -> None:
        """Take the next event, which arrived at this time."""

    def message(self) -> Json:
        """Return the answer so far, in the API format's own form without streaming; None if nothing came."""


@dataclass(frozen=True, slots=True)
class ContentPiece:
    """One kind of content in a server event, and how many characters of it."""

    content: Content
    size: int = 0


TOOL_END = ContentPiece("tool_end")


class JsonStream(ABC):
    """A stream whose events are JSON objects, which a subclass for each format interprets.

    lenient     reads the fields of the current event, and remembers whether one was odd
    only        the text that the current event added, where a subclass knows that it added nothing else
    has_types   whether its events name their type; where one doesn't, the name of the server-sent event is used
    promised    the types that its format promises for the fields of an event, as far as it does
    """

    has_types = True
    comes_as_list: ClassVar[bool] = False
    promised: ClassVar[Shape] = ANYTHING

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.ended = False
        self.error: str | None = None
        self.odd: Odd | None = None
        self.pieces: list[Piece] = []
        self.lenient = LenientReader()
        self.only: OnlyText | None = None
        self._repeated: Repeated | None = None

    def feed(self, event: ServerEvent, at: float | None) -> None:
        self.lenient.odd = False
        self.pieces = []
        if self._repeated is not None and (text := self._repeated.text_in(event)):
            self._repeated.add(text)
            self.events.append(Event(at, self._repeated.kind, self._repeated.content, len(text)))
            return
        self.only = self._repeated = None
        before = len(self.events)
        self._parse(event, at)
        if self.only and len(self.events) == before + 1 and not (self.lenient.odd or self.error):
            self._repeated = repeated(event, self.only, self.events[-1].kind)

    def _parse(self, event: ServerEvent, at: float | None) -> None:
        for kind, contents in self._read(event):
            if not contents:
                self.events.append(Event(at, kind))
            for part in contents:
                self.events.append(Event(at, kind, part.content, part.size))
        if self.lenient.odd:
            self._mark(event.data)

    @abstractmethod
    def message(self) -> Json: ...

    @abstractmethod
    def _take(self, data: dict[str, Any]) -> tuple[str, Sequence[ContentPiece]]:
        """Take what is readable in one event's data; return its kind and its contents."""

    def _done(self) -> Sequence[ContentPiece]:
        """Take the word `[DONE]`."""
        return ()

    def _read(self, event: ServerEvent) -> Iterator[tuple[str, Sequence[ContentPiece]]]:
        for data in self._documents(event):
            if data == DONE:
                yield DONE, self._done()
                continue
            if not isinstance(data, dict):
                yield self._unreadable()
                continue
            error = _error_in(data)
            if error is None and event.name == "error":
                error = event.data
            if error is not None:
                self.error = error
                if not any(data.get(name) for name in ("choices", "response")):
                    yield "error", ()
                    continue  # some servers send the error in the answer's last event
            if not keeps(data, self.promised):
                self.lenient.odd = True
            try:
                yield self._take(_add_type(data, event.name) if self.has_types else data)
            except _UNREADABLE:
                yield self._unreadable()

    def _documents(self, event: ServerEvent) -> Sequence[Json]:
        """Return the JSON in an event: one document, or several where a server left out blank lines between events."""
        if event.data.strip() == DONE:
            return [DONE]
        attempts: list[list[str]] = []
        try:
            jsonio.check_size(event.data)
            return [_JSON.decode(event.data)]
        except jsonio.TooManyValues:
            self.lenient.odd = True
            return [None]
        except json.JSONDecodeError as error:
            if error.msg.startswith("Invalid control"):
                attempts.append([event.data])  # else, read leniently, it would fail at the same place
        except _UNREADABLE:
            attempts.append([event.data])
        if event.name == "error":
            self.error = event.data
            return [{"error": event.data}]
        self.lenient.odd = True
        if (lines := _lines(event.data)) != [event.data]:
            attempts.append(lines)
        for pieces in attempts:
            try:
                return [DONE if piece == DONE else _LENIENT_JSON.decode(piece) for piece in pieces] or [None]
            except _UNREADABLE:
                continue
        return [None]

    def _unreadable(self) -> tuple[str, Sequence[ContentPiece]]:
        self.lenient.odd = True
        return MALFORMED, ()

    def _mark(self, data: str) -> None:
        """Count an event of which something couldn't be read."""
        self.odd = Odd(self.odd.count + 1, self.odd.sample) if self.odd else Odd(1, data[:LONGEST_SAMPLE])


def parse_json(text: str) -> Json:
    """Return the JSON document in this text. Raises ValueError where it isn't one whole document."""
    jsonio.check_size(text)
    try:
        return _JSON.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def is_json(text: str) -> bool:
    """Return whether this text is one whole JSON document."""
    try:
        parse_json(text)
    except ValueError:
        return False
    return True


def _error_in(data: dict[str, Any]) -> str | None:
    """Return the message of an error event, or of a failed response in an event."""
    return error_words(data) or error_words(data.get("response"))


def _add_type(data: dict[str, Any], name: str | None) -> dict[str, Any]:
    return {**data, "type": name} if name and not isinstance(data.get("type"), str) else data


def _lines(text: str) -> list[str]:
    """Return the lines of an event's data, each of which may be a document; some servers write `data:` twice."""
    lines = [line.strip().removeprefix("data:").strip() for line in text.split("\n")]
    return [line for line in lines if line]


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _if_readable(text: str) -> float | int | None:
    try:
        return jsonio.number(text)
    except ValueError:
        return None


# Python reads NaN and Infinity, and 1e400 as infinity; other programs couldn't read our file with these in it.
_JSON = json.JSONDecoder(parse_constant=_refuse, parse_float=jsonio.number)
_LENIENT_JSON = json.JSONDecoder(parse_constant=lambda constant: None, parse_float=_if_readable, strict=False)
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
