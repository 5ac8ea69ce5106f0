"""What is kept of the server's side of an exchange, while it is under way: a flow of its own beside the client's."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from mitmproxy.connection import Client, Server
from mitmproxy.flow import Error
from mitmproxy.http import Headers, HTTPFlow, Request, Response

from addons.bridge.upstream import Upstream
from traces.storage.flowfile import ProxyRecord
from traces.stream_reader import LARGEST_BODY

_NOBODY = Client(peername=("", 0), sockname=("", 0))


@dataclass(slots=True)
class Record:
    """One request to the server. Times are on the proxy's monotonic clock.

    failure   the kind of failure (`traces.model.STATE_OF`) and its message
    ended     when the answer was whole, or broke off
    """

    url: str
    headers: Mapping[str, str]
    body: bytes
    asked: float = field(default_factory=time.time)  # since the epoch
    sent: float | None = None
    headers_at: float | None = None
    status: int | None = None
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    chunks: list[tuple[float, int]] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    room: int = LARGEST_BODY
    failure: tuple[str, str] | None = None
    ended: float | None = None

    def begin(self, connection: Upstream) -> None:
        """Keep the head of the answer."""
        self.headers_at, self.status, self.answer_headers = (
            connection.headers_at,
            connection.status,
            connection.headers,
        )

    def add(self, at: float, data: bytes) -> None:
        """Keep a piece of the answer's body, up to the most that a trace holds."""
        if self.room >= 0:
            piece = data[: self.room]
            self.chunks.append((at, len(piece)))
            self.kept.append(piece)
            self.room -= len(data)

    def fail(self, kind: str, message: str) -> None:
        """Keep why the answer isn't whole; what is known already explains more."""
        self.failure = self.failure or (kind, message)

    def flow(self, now: float) -> HTTPFlow:
        """Return the flow, as far as it came by `now`."""
        flow = HTTPFlow(_NOBODY, Server(address=None))
        flow.request = Request.make("POST", self.url, self.body, Headers(_pairs(self.headers)))
        flow.request.timestamp_start = flow.request.timestamp_end = self.asked
        if self.status is not None:
            flow.response = Response.make(self.status, b"", Headers(_pairs(self.answer_headers)))
            flow.response.data.content = b"".join(self.kept)
        if self.failure:
            flow.error = Error(self.failure[1])
        sent = self.sent
        if sent is not None:
            record = ProxyRecord(
                headers=None if self.headers_at is None else self.headers_at - sent,
                total=(self.ended or now) - sent,
                chunks=[(at - sent, size) for at, size in self.chunks if size],
                marks=["response_body_too_large"] if self.room < 0 else [],
                failure=self.failure[0] if self.failure else None,
            )
        else:
            record = ProxyRecord(failure=self.failure[0] if self.failure else None)
        record.store_in(flow)
        return flow


def _pairs(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in headers.items()]
