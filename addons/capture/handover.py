"""What the proxy hands over to the writer of an exchange: its request, then what came of it, in plain values.

They are quickly brought to another process; bodies go beside them, as they are.
"""

from dataclasses import dataclass
from typing import Any

from mitmproxy.connection import Client, Server
from mitmproxy.flow import Error
from mitmproxy.http import Headers, HTTPFlow, Request, Response

from traces.storage import flowfile, upstream
from traces.storage.flowfile import ProxyRecord
from traces.stream_reader import LARGEST_BODY

Plain = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """A request that has arrived: the arguments of mitmproxy's Request, and where its trace goes.

    is_too_large   whether its body was too large to be kept
    """

    request: Plain
    root: str
    mode: str
    is_too_large: bool = False

    @classmethod
    def of(cls, flow: HTTPFlow, root: str, mode: str) -> "Begun":
        """Return what is handed over of a flow's request, without its body."""
        data = flow.request.data
        line = (data.host, data.port, data.method, data.scheme, data.authority, data.path, data.http_version)
        request = (*line, data.headers.fields, None, None, data.timestamp_start, data.timestamp_end)
        return cls(request, root, mode, flowfile.is_too_large(flow))

    @property
    def encoding(self) -> str | None:
        """Return the content encoding of the body."""
        return Headers(self.request[7]).get("content-encoding")

    def flow(self, body: bytes | None) -> HTTPFlow:
        """Return a flow with the request."""
        flow = HTTPFlow(_NOBODY, Server(address=None))
        flow.request = Request(*self.request)
        flow.request.raw_content = body
        if self.is_too_large:
            flowfile.mark_too_large(flow)
        return flow


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of an exchange after its request.

    response    the arguments of mitmproxy's Response; empty where there was none
    record      the values of a ProxyRecord
    opened      when the connection to the server was open, TCP and TLS, in seconds since the epoch
    upstream    what the bridge changed on the way, as `traces.storage.upstream` keeps it
    """

    response: Plain
    error: str | None
    record: Plain
    opened: tuple[float | None, float | None]
    upstream: Any = None

    @classmethod
    def of(cls, flow: HTTPFlow, record: ProxyRecord) -> "Ended":
        """Return what is handed over of a flow that has ended, without the response's body."""
        response: Plain = ()
        if flow.response:
            data = flow.response.data
            line = (data.http_version, data.status_code, data.reason)
            response = (*line, data.headers.fields, None, None, data.timestamp_start, data.timestamp_end)
        return cls(
            response,
            flow.error.msg if flow.error else None,
            values(record),
            (flow.server_conn.timestamp_tcp_setup, flow.server_conn.timestamp_tls_setup),
            upstream.state_in(flow),
        )

    @property
    def encoding(self) -> str | None:
        """Return the content encoding of the response's body."""
        return Headers(self.response[3]).get("content-encoding") if self.response else None

    def complete(self, flow: HTTPFlow, body: bytes | None) -> None:
        """Add to a flow what came of it."""
        if self.response:
            flow.response = Response(*self.response)
            flow.response.raw_content = body
        flow.error = Error(self.error) if self.error else None
        ProxyRecord(*self.record).store_in(flow)
        upstream.set_state(flow, self.upstream)
        flow.server_conn.timestamp_tcp_setup, flow.server_conn.timestamp_tls_setup = self.opened


Body = bytes | memoryview | None
"""Of a message, as it passed (still encoded); None where mitmproxy didn't keep it."""


def to_hand_over(body: bytes | None) -> Body:
    """Return as much of a body as the writer needs: of one that is too large to be recorded, enough to tell that."""
    return body if body is None or len(body) <= LARGEST_BODY else memoryview(body)[: LARGEST_BODY + 1]


def values(record: Begun | Ended | ProxyRecord) -> Plain:
    """Return the values of a record's fields, in order."""
    return tuple(getattr(record, name) for name in record.__slots__)


_NOBODY = Client(peername=("", 0), sockname=("", 0))
