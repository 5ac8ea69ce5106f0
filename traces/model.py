"""The types that all packages share: one exchange, as it is captured, kept and read back.

Times are seconds since `t0`, the moment the request went out on an open connection; None where they weren't measured.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

Json = object
"""What a JSON document holds: dict, list, str, int, float, bool or None."""

Content = Literal["text", "thinking", "tool", "tool_end"]
"""The kind of content in an event. `tool_end` has none of its own: it reports that a tool call is complete."""

State = Literal["complete", "error", "incomplete"]

STATE_OF: Mapping[str, State] = {
    # Nothing was sent, or nothing answered:
    "context": "error",  # the request doesn't fit the model's context
    "translation": "error",  # the request can't be carried into the server's API format
    "no_model": "error",  # the server can't load the model
    "refused": "error",  # nothing listens at the server's address
    "unreachable": "error",  # no such host, no route, no TLS that is trusted
    # The answer is no answer of a model:
    "http_error": "error",  # the server answered 4xx or 5xx, or leads elsewhere
    "stream_error": "error",  # the server reported an error within the stream
    "error_body": "error",  # a status of success, and a body that is an error, a page for people, or a plain text
    "empty": "error",  # a status of success, and nothing in the answer
    "malformed": "error",  # no HTTP, or nothing of the API format that was asked for
    "other": "error",  # as an older result file words it
    # Only a part of the answer came:
    "stream_cut": "incomplete",  # the stream ended without its closing event
    "server_disconnected": "incomplete",
    "client_disconnected": "incomplete",
    "proxy_stopped": "incomplete",  # the proxy was stopped in mid-exchange
    "timeout": "incomplete",  # no content within the time that the client allowed
    "stalled": "incomplete",  # nothing more came within the time that the client allowed
    "undecodable": "incomplete",  # the rest isn't in its content encoding, or that encoding is unknown here
}
"""Every kind of failure, and the state in which it leaves an exchange."""

EARLIER_KINDS: Mapping[str, str] = {
    "no_upstream": "unreachable",
    "reset": "server_disconnected",
    "cut": "stream_cut",
}
"""Names of failures in traces of version 1 and results of version 1 -> today's."""


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of a body, decoded and without secrets: see `traces.raw_body`.

    sha256   their hash
    form     how the JSON was written, so that they can be written again; None where they can't
    text     the JSON itself, where it can't be written again from what was parsed
    """

    sha256: str
    form: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What the client sent. `body` is the parsed JSON, or text where it is none, or None where it isn't recorded."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Json
    raw: Raw | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What the server answered. `body` of a stream is the message assembled from it."""

    status: int
    headers: Mapping[str, str]
    body: Json
    raw: Raw | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One streamed event: when it arrived, its type in the API format, its content, and that content's characters."""

    at: float | None
    kind: str
    content: Content | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class Odd:
    """What of a stream couldn't be read as its API format promises: how many events, and the beginning of the first."""

    count: int
    sample: str


@dataclass(frozen=True, slots=True)
class Timing:
    """The measures of one exchange, in seconds since `t0`.

    headers            the response's headers arrived
    ttft               first content: text, thinking or a tool call (not headers, not `message_start`, not a ping)
    first_answer       the same, thinking left out
    first_tool_call    the first tool call was whole
    last_content       the last content arrived
    total              the end of the response, or the break-off
    """

    headers: float | None = None
    ttft: float | None = None
    first_answer: float | None = None
    first_tool_call: float | None = None
    last_content: float | None = None
    total: float | None = None

    @property
    def generation(self) -> float | None:
        """Seconds from the first content to the end of the stream."""
        return None if self.ttft is None or self.total is None else self.total - self.ttft


@dataclass(frozen=True, slots=True)
class Ids:
    """Whose request it is. Subagents share the session of the agent that started them."""

    session: str | None = None
    agent: str | None = None
    parent_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an exchange isn't complete: a kind in `STATE_OF`, and the message of whatever reported it.

    status        of the answer, where there was one and the failure is about it
    retry_after   seconds, where the server says when to ask again
    """

    kind: str
    message: str
    status: int | None = None
    retry_after: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in STATE_OF:
            raise ValueError(f"unknown kind of failure: {self.kind!r}")


UNENDED = ("response_body_not_stored", "response_body_undecodable", "response_end_unknown")
"""The marks of an exchange whose answer isn't in the record up to its end."""

UNRECORDED = ("response_body_too_large", "too_many_events", *UNENDED)
"""The marks of an exchange whose answer isn't all in the record."""

TEXT_REMOVED = "text_removed"
"""The mark of an exchange whose texts were deleted (`traces.numbers_only`): nothing can be counted in its request."""

UNKNOWN_SECTIONS: Mapping[str, Literal["system", "tools", "messages"]] = {
    "system_unknown": "system",
    "tools_unknown": "tools",
    "messages_unknown": "messages",
}
"""The mark of an imported exchange whose source doesn't hold a section of its request, or not all of it."""

REQUEST_REBUILT = "request_rebuilt"
"""The mark of an imported exchange whose request was put together from records of a client: not byte for byte."""

HEADERS_UNKNOWN = "headers_unknown"
"""The mark of an imported exchange whose source holds no headers: of the request, only who sent it is noted."""

TIMES_UNKNOWN = "times_unknown"
"""The mark of an imported exchange whose source holds no times of the answer, or none of its parts."""


_MODEL_IN_PATH = re.compile(r"/(?:models|endpoints)/([^/:]+):[A-Za-z]+$")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to a model server and what came of it, whoever sent it: a client that is recorded, or a replay.

    timestamp   UTC, ISO 8601 with milliseconds: when the request had arrived in the proxy, or was sent
    mode        which kind of server answered: lmstudio, claude, ollama, llamacpp, vllm, … or local
    marks       what is missing from the record, and why: see `traces.storage.flowfile`
    odd         what of the answer couldn't be read
    """

    timestamp: str
    mode: str
    request: Request
    response: Response | None = None
    error: Failure | None = None
    timing: Timing = Timing()
    events: tuple[Event, ...] = ()
    ids: Ids = Ids()
    marks: tuple[str, ...] = ()
    odd: Odd | None = None

    @property
    def state(self) -> State:
        """Whether the exchange is complete, and if not, why."""
        if self.error is not None:
            return STATE_OF[self.error.kind]
        return "incomplete" if self.response is None or set(UNENDED) & set(self.marks) else "complete"

    @property
    def unknown_sections(self) -> frozenset[str]:
        """The sections of its request that aren't in the record, or not whole."""
        if TEXT_REMOVED in self.marks:
            return frozenset(UNKNOWN_SECTIONS.values())
        return frozenset(UNKNOWN_SECTIONS[mark] for mark in self.marks if mark in UNKNOWN_SECTIONS)

    @property
    def message(self) -> Json:
        """The answer: its JSON, or the message assembled from its stream, or its text; None where there is none."""
        return None if self.response is None else self.response.body

    @property
    def model(self) -> str | None:
        """The model that was asked for, in the body, or in the path as Gemini's API has it."""
        model = self.request.body.get("model") if isinstance(self.request.body, dict) else None
        if isinstance(model, str):
            return model
        in_path = _MODEL_IN_PATH.search(self.request.url.partition("?")[0])
        return unquote(in_path[1]) if in_path else None


@dataclass(frozen=True, slots=True)
class Upstream:
    """What passed between the proxy and the model server, where the proxy changed it on its way.

    exchange   the request as it was sent on, the server's own answer, and its times since that request went out
    changes    what was changed: translated, repaired, renamed, dropped
    """

    exchange: Exchange
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What it cost to record an exchange.

    bytes      that were kept of both bodies as they passed, still encoded
    seconds    of processor time that the writer took for the trace
    """

    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Origin:
    """The record of another program that an exchange was imported from.

    format   the name of its format: see `traces.storage.foreign`
    id       the same whenever the same exchange is read from such a record
    """

    format: str
    id: str


@dataclass(frozen=True, slots=True)
class Trace(Exchange):
    """An exchange as it is kept: what the client sent and got.

    source     the file it was read from; None for one that is being captured
    replayed   whether it is the result of a replay
    upstream   what the server got and sent, where that isn't the same
    cost       what recording it cost; None where that isn't known
    origin     what it was imported from; None where it was recorded or replayed
    """

    source: Path | None = field(default=None, compare=False)
    replayed: bool = False
    upstream: Upstream | None = None
    cost: Cost | None = field(default=None, compare=False)
    origin: Origin | None = None
