"""What the streams of all dialects share: JSON in each event, errors, and events nobody can read.

A stream never raises. What doesn't parse, or hasn't the shape its dialect promises, is recorded as an event of the kind
"malformed" and adds nothing to the message: one odd event must not cost the rest of a trace.

This module knows nothing of any single dialect.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from traces.dialects.sse import ServerEvent
from traces.model import Content, Event, Json, Odd

LONGEST_SAMPLE = 300
"""Characters of an odd event that are kept."""


class Stream(Protocol):
    """One streamed answer being read.

    events   what came so far: one for each server event, more where it brought several kinds of content at once
    ended    its closing event came
    error    the message of an error event in the stream, as the server worded it
    odd      the events of which something couldn't be read; None where all could
    """

    events: list[Event]
    ended: bool
    error: str | None
    odd: Odd | None

    def feed(self, event: ServerEvent, at: float | None) -> None:
        """Take the next event, which arrived at this time."""

    def message(self) -> Json:
        """The answer so far, in the dialect's own non-streamed form; None if nothing came."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a server event brought of one kind of content, and how many characters of it."""

    content: Content
    size: int = 0


TOOL_END = Brought("tool_end")


class JsonStream(ABC):
    """A stream whose events are JSON objects; its dialect says what they mean."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.ended = False
        self.error: str | None = None
        self.odd: Odd | None = None

    def feed(self, event: ServerEvent, at: float | None) -> None:
        kind, brought = self._read(event)
        if not brought:
            self.events.append(Event(at, kind))
        for part in brought:
            self.events.append(Event(at, kind, part.content, part.size))

    @abstractmethod
    def message(self) -> Json: ...

    @abstractmethod
    def _take(self, data: dict[str, Any]) -> tuple[str, Sequence[Brought]]:
        """Add one event's data; answer with its kind and what it brought.

        May fail by any of `_UNREADABLE` on a shape it doesn't know, but then before it has added anything.
        """

    def _done(self) -> Sequence[Brought]:
        """The word `[DONE]` came."""
        return ()

    def _read(self, event: ServerEvent) -> tuple[str, Sequence[Brought]]:
        if event.data == "[DONE]":
            return "[DONE]", self._done()
        try:
            data = _JSON.decode(event.data)
            if (error := error_in(data)) is None:
                return self._take(data)
            self.error = error
            # Some send the error beside the last of the answer.
            return self._take(data) if "choices" in data else ("error", ())
        except _UNREADABLE:
            if event.name == "error":
                self.error = event.data
                return "error", ()
            self._mark(event.data)
            return "malformed", ()

    def _mark(self, data: str) -> None:
        """Count an event of which something couldn't be read."""
        self.odd = Odd(self.odd.count + 1, self.odd.sample) if self.odd else Odd(1, data[:LONGEST_SAMPLE])


def text_of(value: object) -> str:
    """The value, if it is text. Raises TypeError where it is anything else."""
    if not isinstance(value, str):
        raise TypeError(f"text expected, not {type(value).__name__}")
    return value


def parsed(text: str) -> Json:
    """The JSON document in this text. Raises ValueError where it isn't one whole document."""
    try:
        return _JSON.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def parses(text: str) -> bool:
    """Whether this text is one whole JSON document."""
    try:
        parsed(text)
    except ValueError:
        return False
    return True


def error_in(data: Any) -> str | None:
    """The words of an error, in Anthropic's and OpenAI's shapes; either may come on either endpoint."""
    error = data.get("error") or (data if data.get("type") == "error" else None)
    if error is None or isinstance(error, str):
        return error
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else json.dumps(error, ensure_ascii=False)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_JSON = json.JSONDecoder(parse_constant=_refuse)  # Python reads NaN and Infinity; nobody else would read our file
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
