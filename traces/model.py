"""The types that every room shares: one exchange, as it is kept and as it is read back.

Times are seconds since `t0`, the moment the request went out on an open connection; None where nobody measured.
This module knows nothing of files, of mitmproxy, or of what a body means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Json = object
"""What a JSON document holds: dict, list, str, int, float, bool or None."""

Content = Literal["text", "thinking", "tool", "tool_end"]
"""What an event brought. `tool_end` brings nothing: it tells that a tool call is whole."""

State = Literal["complete", "error", "incomplete"]

STATE_OF: Mapping[str, State] = {
    "http_error": "error",  # the server answered 4xx or 5xx
    "stream_error": "error",  # an error event came in the stream
    "no_upstream": "error",  # nothing answered at the server's address
    "stream_cut": "incomplete",  # the stream ended without its closing event
    "server_disconnected": "incomplete",
    "client_disconnected": "incomplete",
    "proxy_stopped": "incomplete",  # the proxy was stopped in mid-exchange
}
"""Every kind of failure, and the state in which it leaves a trace."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the client sent. `body` is the parsed JSON, or text where it is none, or None where it isn't recorded."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Json


@dataclass(frozen=True, slots=True)
class Response:
    """What the server answered. `body` of a stream is the message assembled from it."""

    status: int
    headers: Mapping[str, str]
    body: Json


@dataclass(frozen=True, slots=True)
class Event:
    """One streamed event: when it arrived, what the dialect calls it, what it brought, and how many characters."""

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
    """Why an exchange isn't complete: a kind of `STATE_OF`, and the words of who reported it."""

    kind: str
    message: str

    def __post_init__(self) -> None:
        if self.kind not in STATE_OF:
            raise ValueError(f"unknown kind of failure: {self.kind!r}")


@dataclass(frozen=True, slots=True)
class Trace:
    """One exchange between a client and a model server.

    timestamp   UTC, ISO 8601 with milliseconds: when the request had arrived in the proxy
    mode        which kind of server answered: lmstudio, claude, ollama, llamacpp, vllm, … or local
    marks       what is missing from the record, and why: see `traces.storage.flowfile`
    source      the file it was read from; None for a trace that is being captured
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
    source: Path | None = field(default=None, compare=False)

    @property
    def state(self) -> State:
        if self.error is not None:
            return STATE_OF[self.error.kind]
        return "incomplete" if self.response is None else "complete"

    @property
    def model(self) -> str | None:
        """The model that was asked for."""
        model = self.request.body.get("model") if isinstance(self.request.body, dict) else None
        return model if isinstance(model, str) else None
