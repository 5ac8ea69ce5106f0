"""What came back: the answer to a request, as far as it came, or the reason why none did.

Times are seconds since `t0`, the moment the request goes out on an open connection; None is what nobody measured.
This module knows nothing of sockets, and nothing of what is measured of an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from replay.request import Prepared
from traces.model import Event, Json

ErrorKind = Literal[
    "refused",  # nothing listens there
    "unreachable",  # no such host, no route, no TLS that we trust
    "http_error",  # 4xx or 5xx; `status` says which
    "stream_error",  # the server reported an error in mid-stream
    "malformed",  # the answer is no HTTP, or no stream of this dialect
    "reset",  # the connection broke in mid-answer
    "cut",  # the stream ended without its closing event
    "stalled",  # no byte for `stall_timeout` seconds
    "timeout",  # no content within `timeout` seconds
    "context",  # the request doesn't fit the model's context: it wasn't sent
    "translation",  # the request can't be carried into the target's dialect: it wasn't sent
    "no_model",  # the server can't load the model
    "other",  # as an older result file words it
]


@dataclass(frozen=True, slots=True)
class ReplayError:
    """Why a run failed: data, since a failed run is a result like any other. `message` is as the server gave it."""

    kind: ErrorKind
    message: str
    status: int | None = None
    retry_after: float | None = None  # seconds, where the server says


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an answer has come: `characters` of content so far, in `chunks`. Nothing has arrived while both are 0."""

    elapsed: float
    chunks: int
    characters: int


@dataclass(frozen=True, slots=True)
class Load:
    """What the client itself had to do during an exchange: where it fell behind, its stamps can't be trusted.

    cpu        of one core, 0 to 1, over the exchange
    late       the longest that the client's loop came after its time, in seconds
    """

    cpu: float = 0.0
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back. `message` is as far as it came, in the dialect of `prepared`; `error` is None where all did.

    started    UTC, ISO 8601 with milliseconds
    connect    seconds to open the connection (with TLS), before `t0`
    headers_at when the response's head had arrived
    total      the end of the stream, or the break-off
    received   bytes of the answer, as they came over the wire
    """

    prepared: Prepared
    started: str
    connect: float | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    headers_at: float | None = None
    events: tuple[Event, ...] = ()
    message: Json = None
    total: float | None = None
    error: ReplayError | None = None
    received: int = 0
    load: Load = Load()


@dataclass(frozen=True, slots=True)
class Reply:
    """A short answer in one piece, to a question about the server. `body` is its JSON, None where it is none."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    error: ReplayError | None = None
