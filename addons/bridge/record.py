"""What is kept of the server's side of an exchange, while it is under way: a flow of its own beside the client's."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from mitmproxy.connection import Client, Server
from mitmproxy.flow import Error
from mitmproxy.http import HTTPFlow, Request, Response
from mitmproxy.net.http import url
from mitmproxy.net.http.status_codes import RESPONSES

from addons.bridge.upstream import Upstream
from traces.storage.flowfile import ProxyRecord
from traces.stream_reader import LARGEST_BODY


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

    def state(self, now: float) -> dict[str, Any]:
        """Return the state of a flow of mitmproxy's, as far as it came by `now`.

        A flow itself takes ten times as long to make and to ask for its state, and as it ends other streams wait.
        """
        scheme, host, port, path = url.parse(self.url)
        at = {"timestamp_start": self.asked, "timestamp_end": self.asked}
        place = {"scheme": scheme, "host": host.decode("idna"), "port": port, "path": path}
        sent = {**place, **at, "headers": _pairs({**self.headers, **_length(self.body)}), "content": self.body}
        template = _template()
        state = {
            **template,
            "id": str(uuid.uuid4()),
            "timestamp_created": self.asked,
            "request": {**template["request"], **sent},
            "response": None,
            "error": Error(self.failure[1]).get_state() if self.failure else None,
            "metadata": self._times(now).metadata(),
        }
        if self.status is not None:
            reason = RESPONSES.get(self.status, "").encode()
            came = {"status_code": self.status, "reason": reason, "content": b"".join(self.kept)}
            state["response"] = {**template["response"], **at, **came, "headers": _pairs(self.answer_headers)}
        return state

    def _times(self, now: float) -> ProxyRecord:
        failure = self.failure[0] if self.failure else None
        sent = self.sent
        if sent is None:
            return ProxyRecord(failure=failure)
        return ProxyRecord(
            headers=None if self.headers_at is None else self.headers_at - sent,
            total=(self.ended or now) - sent,
            chunks=[(at - sent, size) for at, size in self.chunks if size],
            marks=["response_body_too_large"] if self.room < 0 else [],
            failure=failure,
        )


@cache
def _template() -> dict[str, Any]:
    """Return the state of a flow that went to nobody."""
    flow = HTTPFlow(Client(peername=("", 0), sockname=("", 0)), Server(address=None))
    flow.request, flow.response = Request.make("POST", "http://127.0.0.1/"), Response.make()
    state: Any = flow.get_state()
    return dict(state)


def _length(body: bytes) -> dict[str, str]:
    return {"content-length": str(len(body))}


def _pairs(headers: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(
        (name.encode("latin-1", "replace"), text.encode("latin-1", "replace")) for name, text in headers.items()
    )
