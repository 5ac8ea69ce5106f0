"""A request and its answer as another tool recorded them -> a trace, by the way that flows take.

So API formats, streams, secrets and marks are what they are in a `.flow` file. What wasn't recorded with the bytes
(when each of them came) stays unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from mitmproxy import connection, http, websocket
from mitmproxy.flow import Error
from mitmproxy.http import HTTPFlow
from wsproto.frame_protocol import Opcode

from traces import jsonio
from traces.model import TIMES_UNKNOWN, Json, Origin, Trace
from traces.storage import flowfile
from traces.storage.flowfile import ProxyRecord

Headers = Sequence[tuple[str, str]]

_ENCODING = frozenset(("content-encoding", "transfer-encoding", "content-length"))
"""Headers about the bytes that were sent, which a record of texts doesn't hold."""


@dataclass(frozen=True, slots=True)
class Message:
    """One of a WebSocket: whether the client sent it, when it came (seconds since the epoch), and its bytes."""

    from_client: bool
    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Pair:
    """A request and what came of it.

    started          seconds since the epoch
    headers, total   seconds since `t0`; None where they aren't recorded
    chunks           when the bytes of the answer came, and how many; empty where that isn't recorded
    status           0 where no answer came
    error            why none came, or not all of it
    """

    origin: Origin
    started: float
    method: str
    url: str
    request_headers: Headers
    request: bytes | None
    status: int = 0
    response_headers: Headers = ()
    response: bytes | None = None
    headers: float | None = None
    total: float | None = None
    chunks: Sequence[tuple[float, int]] = ()
    error: str = ""
    messages: Sequence[Message] = ()


def traces(pair: Pair, source: Path, marks: Sequence[str] = ()) -> Iterator[Trace]:
    """Yield the exchange, or those that a WebSocket held; none where the request isn't one to a model."""
    flow = _flow(pair)
    for number, one in enumerate(flowfile.exchanges(flow)):
        clean = flowfile.cleaner_for(one)
        trace = flowfile.complete_trace(flowfile.start_trace(one, "", clean), one, clean)
        unknown = () if trace.timing.ttft is not None or trace.response is None else (TIMES_UNKNOWN,)
        origin = pair.origin if number == 0 else Origin(pair.origin.format, f"{pair.origin.id}-{number + 1}")
        yield replace(trace, source=source, origin=origin, marks=tuple(dict.fromkeys((*trace.marks, *marks, *unknown))))


def _flow(pair: Pair) -> HTTPFlow:
    """Return the flow. Bodies are texts that were decoded, so headers about their encoding don't fit any more."""
    parts = urlsplit(pair.url)
    port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    client = connection.Client(peername=("127.0.0.1", 0), sockname=("127.0.0.1", 0), timestamp_start=pair.started)
    server = connection.Server(address=(parts.hostname or "", port), timestamp_tcp_setup=pair.started)
    flow = HTTPFlow(client, server)
    scheme = {"wss": "https", "ws": "http"}.get(parts.scheme, parts.scheme)
    flow.request = http.Request(
        *(parts.hostname or "", port, pair.method.encode(), scheme.encode(), b""),
        path=(parts.path or "/").encode() + (f"?{parts.query}".encode() if parts.query else b""),
        http_version=b"HTTP/1.1",
        headers=_headers(pair.request_headers),
        content=pair.request,
        trailers=None,
        timestamp_start=pair.started,
        timestamp_end=pair.started,
    )
    if pair.status:
        flow.response = http.Response(
            *(b"HTTP/1.1", pair.status, b"", _headers(pair.response_headers), pair.response, None),
            timestamp_start=pair.started + (pair.headers or 0.0),
            timestamp_end=pair.started + (pair.total or 0.0),
        )
    if pair.error:
        flow.error = Error(pair.error)
    if pair.messages:
        kept = [websocket.WebSocketMessage(Opcode.TEXT, one.from_client, one.data, one.at) for one in pair.messages]
        flow.websocket = websocket.WebSocketData(messages=kept)
    ProxyRecord(headers=pair.headers, total=pair.total, chunks=pair.chunks).store_in(flow)
    return flow


def _headers(pairs: Headers) -> http.Headers:
    kept = [(name, value) for name, value in pairs if name.lower() not in _ENCODING and not name.startswith(":")]
    return http.Headers([(name.encode("utf-8", "replace"), value.encode("utf-8", "replace")) for name, value in kept])


def header_list(headers: Json) -> list[tuple[str, str]]:
    """Return the headers of a JSON object, name by name."""
    if not isinstance(headers, Mapping):
        return []
    return [
        (str(name), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for name, value in headers.items()
    ]


def body(value: Json) -> bytes | None:
    """Return a body that was kept as JSON, or as a text."""
    if value is None:
        return None
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else jsonio.dumps(value)
