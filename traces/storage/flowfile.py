"""mitmproxy's HTTPFlow -> Trace: one conversion, for the live capture and for `.flow` files.

The addon leaves what it clocked in `flow.metadata`, which survives in a .flow file; a flow that was recorded without
it still becomes a trace, only without the times of its events. Secrets are removed here, before anyone else sees them.

A trace's `marks` say what is missing from the record:

    request_body_too_large      over 64 MiB: passed on, not recorded
    request_body_not_stored     mitmproxy streamed it without keeping a copy
    response_body_too_large     only the first 64 MiB are recorded
    response_body_not_stored    mitmproxy streamed it without keeping a copy
    response_body_undecodable   the rest of it isn't what its content encoding says

Knows nothing of where traces are kept.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mitmproxy import io
from mitmproxy.exceptions import FlowReadException
from mitmproxy.http import HTTPFlow, Message

from traces import jsonio, metrics, redact
from traces.clients import ids_of
from traces.dialects import STREAMS, dialect_of
from traces.dialects.base import Stream
from traces.dialects.encodings import DecodeError, decoded
from traces.dialects.sse import SseParser
from traces.errors import TraceFormatError
from traces.model import Failure, Json, Request, Response, Trace
from traces.redact import Cleaner
from traces.servers import mode_of

LARGEST_BODY = 64 * 2**20

_METADATA = "anyclaude"


@dataclass(frozen=True, slots=True)
class Clocked:
    """What the proxy clocked of one exchange, in seconds since `t0`.

    chunks    arrival and size in bytes of each chunk of the response's body, as kept in the flow (still encoded)
    marks     what the proxy couldn't keep
    failure   the kind of failure, where only the proxy knows it
    """

    headers: float | None = None
    total: float | None = None
    chunks: Sequence[tuple[float, int]] = ()
    marks: Sequence[str] = ()
    failure: str | None = None

    def keep(self, flow: HTTPFlow) -> None:
        # Not `asdict`: it copies every number of every chunk, while the event loop waits.
        flow.metadata[_METADATA] = {name: getattr(self, name) for name in Clocked.__slots__}


def _clocked(flow: HTTPFlow) -> Clocked:
    """What the addon left in the flow; mitmproxy's own times where it wasn't there."""
    kept = flow.metadata.get(_METADATA)
    if isinstance(kept, dict):
        return Clocked(**kept)
    sent, response = flow.request.timestamp_end, flow.response
    if sent is None or response is None:
        return Clocked()
    start = sent + opening_time(flow, sent)
    return Clocked(
        headers=response.timestamp_start - start,
        total=response.timestamp_end - start if response.timestamp_end else None,
    )


def opening_time(flow: HTTPFlow, since: float) -> float:
    """Seconds from `since` (since the epoch) until the connection to the server was open; 0 where it was already."""
    server = flow.server_conn
    return max(0.0, (server.timestamp_tls_setup or server.timestamp_tcp_setup or 0.0) - since)


def is_recorded(flow: HTTPFlow) -> bool:
    """Whether the flow is an exchange with a model."""
    return flow.request.method == "POST" and dialect_of(flow.request.path) is not None


def cleaner_for(flow: HTTPFlow) -> Cleaner:
    """What removes the flow's secrets from its bodies. To be made before anybody masks its headers."""
    return redact.cleaner(redact.secrets_in(dict(flow.request.headers), flow.request.path))


def begun(flow: HTTPFlow, mode: str, clean: Cleaner) -> Trace:
    """The trace of a flow whose request has arrived."""
    body, marks = _request_body(flow.request, clean)
    headers = _headers(flow.request)
    return Trace(
        timestamp=_timestamp(flow.request.timestamp_start),
        mode=mode or mode_of(flow.request.host, flow.request.port),
        request=Request(flow.request.method, clean.text(redact.url(flow.request.url)), clean.headers(headers), body),
        ids=ids_of(headers, body),
        marks=marks,
    )


def ended(trace: Trace, flow: HTTPFlow, clean: Cleaner) -> Trace:
    """The trace of `begun`, completed by what the flow has brought since."""
    clocked = _clocked(flow)
    stream = STREAMS[dialect_of(flow.request.path) or "anthropic"]()
    marks = [*trace.marks, *clocked.marks]
    response = _response(flow, clocked, stream, clean, marks) if flow.response else None
    failure = _failure(flow, clocked, response, stream)
    return replace(
        trace,
        response=response,
        error=failure and Failure(failure.kind, redact.url(clean.text(failure.message))),
        events=tuple(stream.events),
        timing=metrics.measure(stream.events, clocked.headers, clocked.total),
        marks=tuple(marks),
    )


def read(path: Path) -> Iterator[Trace]:
    """Every exchange with a model in a .flow file. Raises TraceFormatError where the file ends badly."""
    try:
        with path.open("rb") as file:
            for flow in io.FlowReader(file).stream():
                if isinstance(flow, HTTPFlow) and is_recorded(flow):
                    clean = cleaner_for(flow)
                    yield replace(ended(begun(flow, "", clean), flow, clean), source=path)
    except OSError as error:
        raise TraceFormatError(f"{path}: {error.strerror or error}.") from error
    except FlowReadException as error:
        raise TraceFormatError(f"{path}: No mitmproxy flow file, or one cut short: {error}") from error


def _timestamp(moment: float) -> str:
    """UTC, ISO 8601, cut to the millisecond."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _headers(message: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in message.headers.items()}


def _request_body(message: Message, clean: Cleaner) -> tuple[Json, tuple[str, ...]]:
    raw = message.raw_content
    if raw is None:
        return None, ("request_body_not_stored",)
    if len(raw) <= LARGEST_BODY:
        with suppress(DecodeError):  # what can't be decoded is kept as the text it is
            raw = b"".join(decoded([raw], message.headers.get("content-encoding")))
    if len(raw) > LARGEST_BODY:
        return None, ("request_body_too_large",)
    return _parsed(raw, clean), ()


def _response(flow: HTTPFlow, clocked: Clocked, stream: Stream, clean: Cleaner, marks: list[str]) -> Response:
    """Also feeds `stream`, where the body is one, and adds to `marks`."""
    assert flow.response is not None
    message = flow.response
    headers = _headers(message)
    body: Json = None
    if message.raw_content is None:
        if message.headers.get("content-length") != "0":
            marks.append("response_body_not_stored")
    else:
        chunks = _decoded_chunks(message.raw_content, clocked, headers.get("content-encoding"), marks)
        if _is_stream(headers, chunks):
            _feed(stream, chunks)
            body = clean.value(stream.message())  # not its events: a secret may be split over several
        else:
            body = _parsed(b"".join(data for _, data in chunks), clean)
    return Response(message.status_code, clean.headers(headers), body)


def _decoded_chunks(
    raw: bytes, clocked: Clocked, encoding: str | None, marks: list[str]
) -> list[tuple[float | None, bytes]]:
    """The body as it arrived: when, and which bytes. One chunk without a time where nobody clocked it."""
    times: list[tuple[float | None, int]] = list(clocked.chunks)
    if sum(size for _, size in times) != len(raw):
        times = [(None, len(raw))]
    pieces, start = [], 0
    for _, size in times:
        pieces.append(raw[start : start + size])
        start += size
    chunks: list[tuple[float | None, bytes]] = []
    room = LARGEST_BODY
    try:
        for (at, _), data in zip(times, decoded(pieces, encoding), strict=True):
            chunks.append((at, data[:room]))
            room -= len(data)
            if room < 0:
                marks.append("response_body_too_large")
                break
    except DecodeError:
        marks.append("response_body_undecodable")
    return chunks


def _is_stream(headers: dict[str, str], chunks: Sequence[tuple[float | None, bytes]]) -> bool:
    """By its content type; by how it begins where a server forgets that."""
    if "content-type" in headers:
        return headers["content-type"].startswith("text/event-stream")
    start = next((data for _, data in chunks if data), b"")
    return start.startswith((b"event:", b"data:"))


def _feed(stream: Stream, chunks: Sequence[tuple[float | None, bytes]]) -> None:
    parser = SseParser()
    for at, data in chunks:
        for event in parser.feed(data):
            stream.feed(event, at)
    for event in parser.close():
        stream.feed(event, chunks[-1][0])


def _parsed(raw: bytes, clean: Cleaner) -> Json:
    """JSON as its value, anything else as text, nothing as None."""
    try:
        return clean.value(jsonio.loads(raw))
    except (ValueError, RecursionError):
        return clean.text(raw.decode("utf-8", "replace")) or None


def _failure(flow: HTTPFlow, clocked: Clocked, response: Response | None, stream: Stream) -> Failure | None:
    """The first of these that is true is what went wrong."""
    if clocked.failure:
        return Failure(clocked.failure, flow.error.msg if flow.error else "The proxy was stopped in mid-exchange.")
    if flow.error:
        return Failure(_kind_of_error(flow), flow.error.msg)
    if response is None:
        return None
    if response.status >= 400:
        return Failure("http_error", _error_message(response) or f"HTTP {response.status}")
    if stream.error is not None:
        return Failure("stream_error", stream.error)
    if stream.events and not stream.ended:
        return Failure("stream_cut", "The stream ended without its closing event.")
    return None


def _kind_of_error(flow: HTTPFlow) -> str:
    assert flow.error is not None
    if "client" in flow.error.msg.lower():
        return "client_disconnected"
    server = flow.server_conn
    opened = server.timestamp_tls_setup if flow.request.scheme == "https" else server.timestamp_tcp_setup
    return "server_disconnected" if opened else "no_upstream"


def _error_message(response: Response) -> str | None:
    """The message of an error body, Anthropic's or OpenAI's shape; else its first 300 characters."""
    body: Any = response.body
    if isinstance(body, dict):
        error = body.get("error", body)
        message = error.get("message") if isinstance(error, dict) else error
        if isinstance(message, str):
            return message
    return body[:300] if isinstance(body, str) else None
