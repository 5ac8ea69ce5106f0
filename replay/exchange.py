"""What came back: the answer to a request, as far as it came, or the reason why none did.

Times are seconds since `t0`, the moment the request goes out on an open connection; None is what wasn't measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from replay.request import Prepared
from traces import jsonio, metrics, redact
from traces.model import Event, Exchange, Failure, Json, Odd, Request, Response
from traces.servers import mode_of, split_address

ReplayError = Failure
"""Why a run failed: data, since a failed run is a result like any other. `message` is as the server gave it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an answer has come: `characters` of content so far, in `chunks`. Nothing has arrived while both are 0."""

    elapsed: float
    chunks: int
    characters: int


@dataclass(frozen=True, slots=True)
class Load:
    """How busy this process was during an exchange: where it fell behind, its times can't be trusted.

    cpu        the share of one core that it used, 0 to 1
    late       the longest delay of its event loop, in seconds
    """

    cpu: float = 0.0
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was sent, and what came back.

    message    the answer as far as it came, in the API format of `prepared`
    error      why it isn't whole; None where it is
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
    error: Failure | None = None
    received: int = 0
    load: Load = Load()
    odd: Odd | None = None
    marks: tuple[str, ...] = ()

    def exchange(self) -> Exchange:
        """Return the exchange as a trace keeps one, without the secrets of its headers."""
        target = self.prepared.target
        return Exchange(
            timestamp=self.started,
            mode=target.server or mode_of(*split_address(target.url)),
            request=Request(
                "POST",
                redact.url(target.url.rstrip("/") + self.prepared.path),
                redact.headers(self.prepared.headers),
                jsonio.loads(self.prepared.body) if self.prepared.body else None,
            ),
            response=None if self.status is None else Response(self.status, redact.headers(self.headers), self.message),
            error=self.error,
            timing=metrics.measure(self.events, self.headers_at, self.total),
            events=self.events,
            marks=self.marks,
            odd=self.odd,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer to a short question about itself. `body` is its JSON; None where it isn't JSON, but `text`."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    error: Failure | None = None
    text: str = ""
