"""The interface of an API format: everything in which formats differ.

A new format is one class with these methods, and one row in `FORMATS`.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from traces import jsonio
from traces.dialects.base import Stream
from traces.dialects.translation.notes import Notes
from traces.dialects.usage import Usage, usage_in
from traces.model import Json

Kinds = Sequence[str]
"""The kinds of a stream's events, in order."""

Rules = Sequence[tuple[str, Callable[[Kinds], bool]]]
"""Mistakes in the order of events: a description of each, and how to detect it."""


class Call(NamedTuple):
    """One tool call. `parsed` is False where the arguments are no whole JSON: then they are the text as it came."""

    name: str
    arguments: Json
    parsed: bool


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """An answer for a built-in server: its opening (without tokens), each text, and its end."""

    opening: bytes
    words: Callable[[str], bytes]
    closing: Callable[[int], bytes]


class ApiFormat(ABC):
    """One API format.

    name                in options and in files
    title               in a sentence
    path                where a request for an answer goes, below a server's address
    has_model_in_path   it names the model there, as `{model}`, and not in its body
    probe               where a server is asked whether it has this format, and with which body; None asks by GET
    counting_path       where a request's tokens are counted; "" where there is no such endpoint
    limits              the fields that limit the length of an answer, the one to write first
    cut_off             the stop reasons that leave an answer unfinished
    input_has_cached    whether its `input_tokens` include tokens from the cache
    has_client_header   whether servers know a client's own header in the system prompt, and may rewrite it
    order               the mistakes in the order of events at which a strict client may fail
    """

    name: str
    title: str
    path: str
    has_model_in_path: bool = False
    counting_path: str = ""
    limits: tuple[str, ...]
    cut_off: tuple[str, ...] = ()
    input_has_cached: bool = True
    has_client_header: bool = False
    order: Rules = ()

    # Where it is

    @property
    def probe(self) -> tuple[str, Json]:
        return self.path, {}

    def is_at(self, place: str) -> bool:
        """Return whether this path of a URL, without query, is one of this format."""
        return place.endswith(tuple(path for path in (self.path, self.counting_path) if path))

    def asks_no_answer(self, place: str) -> bool:
        """Return whether a request to this path of the format asks no model for an answer: it counts tokens, say."""
        return bool(self.counting_path) and place.endswith(self.counting_path)

    def address(self, model: str, query: str) -> str:
        """Return where a request for a stream goes, with the query of the recording."""
        return f"{self.path}?{query}" if query else self.path

    # A stream and its answer

    @abstractmethod
    def stream(self) -> Stream:
        """Return a reader of one streamed answer."""

    @abstractmethod
    def is_answer(self, message: Mapping[str, Any]) -> bool:
        """Return whether an assembled answer is in this format."""

    @abstractmethod
    def blocks(self, message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the contents of an answer as typed blocks: texts, thinking, calls."""

    @abstractmethod
    def as_messages(self, message: Mapping[str, Any]) -> list[Json]:
        """Return the answer as a client sends it back in its next request."""

    @abstractmethod
    def stop_reason(self, message: Mapping[str, Any]) -> str | None:
        """Return why the answer ended, as the server calls it."""

    def as_request(self, message: Mapping[str, Any]) -> Json:
        """Return a request that holds this answer as its conversation."""
        return {"messages": self.as_messages(message)}

    def answered(self, body: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
        """Return a request with this answer at the end of its conversation."""
        return {**body, "messages": [*body["messages"], *self.as_messages(message)]}

    def calls(self, message: Mapping[str, Any]) -> Iterator[Call]:
        """Yield the calls that ask the client to act."""
        for block in self.blocks(message):
            if block.get("type") == "tool_use":
                yield Call(str(block.get("name")), block.get("input"), not block.get("input_partial"))

    def hidden(self, message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the blocks that may be thinking that isn't shown."""
        return self.blocks(message)

    def usage(self, message: Mapping[str, Any]) -> Usage:
        """Return the counts that the server reports."""
        return usage_in(message, self.input_has_cached)

    def model_of(self, message: Mapping[str, Any]) -> str | None:
        """Return the model that answered, as the server calls it."""
        model = message.get("model")
        return model if isinstance(model, str) else None

    # A request

    def headers(self, recorded: Mapping[str, str]) -> dict[str, str]:
        """Return the headers that a request needs. `recorded` are those of the recording, if it is in this format."""
        return {}

    def streaming(self, body: Mapping[str, Any]) -> dict[str, Json]:
        """Return the fields that ask for a stream with its usage."""
        return {"stream": True}

    def asking(self, body: Mapping[str, Any], model: str) -> dict[str, Json]:
        """Return the fields that ask this model for a stream; None takes a field out."""
        return {"model": model, **self.streaming(body)}

    def is_streamed(self, place: str, body: Mapping[str, Any]) -> bool:
        """Return whether a request to this path asks for a stream."""
        return body.get("stream") is True

    def question(self, model: str, text: str, most: int) -> dict[str, Any]:
        """Return a short request: one user message, and an answer of at most so many tokens."""
        return {"model": model, self.limits[0]: most, "messages": [{"role": "user", "content": text}]}

    def readable(self, body: Mapping[str, Any]) -> Json:
        """Return a request of this format in a shape that `traces.content` reads.

        None where it isn't in this format, or is readable as it is.
        """
        return None

    @abstractmethod
    def to_common(self, body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
        """Return a request as Anthropic's, perhaps without a limit. What can't be translated goes to `notes`."""

    @abstractmethod
    def from_common(self, body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
        """Return a request of Anthropic's, which may have no limit, in this format."""

    def error_body(self, status: int, kind: str, message: str) -> Json:
        """Return the body of an error with this status of HTTP; `kind` is what Anthropic calls it."""
        return {"error": {"message": message, "type": kind, "param": None, "code": kind}}

    def canned_answer(self, model: str, number: int = 1) -> CannedAnswer | None:
        """Return an answer for a built-in server, with `number` in its id; None where there is none."""
        return None


def function_call(function: Json, text: str = "arguments") -> Iterator[Call]:
    """Yield OpenAI's call. Its arguments are a text that should hold JSON, which some servers leave empty."""
    if not isinstance(function, dict):
        return
    name, arguments = str(function.get("name")), function.get(text)
    if not isinstance(arguments, str):
        yield Call(name, arguments, True)
        return
    try:
        yield Call(name, jsonio.loads(arguments.encode()) if arguments else {}, True)
    except ValueError:
        yield Call(name, arguments, False)


def dicts(value: Json) -> list[dict[str, Any]]:
    """Return the objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def data(value: Json) -> bytes:
    """Return a server-sent event without a name."""
    return f"data: {json.dumps(value, separators=(',', ':'))}\n\n".encode()


def event(**fields: Json) -> bytes:
    """Return a server-sent event that is named by its type."""
    return f"event: {fields['type']}\n".encode() + data(fields)


def after(kinds: Kinds, end: Callable[[str], bool], what: Callable[[str], bool]) -> bool:
    """Return whether an event that fits `what` comes after the first one that fits `end`."""
    ends = next((at for at, kind in enumerate(kinds) if end(kind)), len(kinds))
    return any(what(kind) for kind in kinds[ends + 1 :])


def is_one_of(*names: str) -> Callable[[str], bool]:
    """Return a function that decides whether an event has one of these kinds."""
    return lambda kind: kind in names


def anything(kind: str) -> bool:
    """Return True for every kind of event."""
    return True
