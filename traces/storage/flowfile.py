"""mitmproxy's HTTPFlow -> Trace: one conversion, for the live capture and for `.flow` files.

The addon leaves what it clocked in `flow.metadata`, which survives in a .flow file; a flow that was recorded without
it still becomes a trace, only without the times of its events. Secrets are removed here, before anyone else sees them.

A trace's `marks` say what is missing from the record:

    request_body_too_large      over 64 MiB: passed on, not recorded
    request_body_not_stored     mitmproxy streamed it without keeping a copy
    request_body_undecodable    it isn't what its content encoding says, or that is unknown here: kept as the text it is
    response_body_too_large     only the first 64 MiB are recorded
    response_body_not_stored    mitmproxy streamed it without keeping a copy
    odd_events                  some of the stream can't be read as its API format promises: see the trace's `odd`
    response_body_undecodable   the rest of it isn't what its content encoding says, or that is unknown here
    late_stamps                 the proxy was kept from reading (by a busy machine, say): its times may be late
    impossible_times            a clock was set back or forth meanwhile: what can't be so is left out
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from mitmproxy import io
from mitmproxy.exceptions import FlowReadException
from mitmproxy.http import HTTPFlow, Message
from mitmproxy.http import Response as HttpResponse

from traces import jsonio, metrics, raw_body, redact
from traces.clients import ids_of
from traces.dialects import DEFAULT, FORMATS, dialect_of
from traces.dialects.encodings import DecodeError, Decoder
from traces.errors import TraceFormatError
from traces.model import Failure, Json, Odd, Raw, Request, Response, Trace
from traces.redact import Cleaner
from traces.servers import mode_of
from traces.storage.codec import IMPOSSIBLE, is_impossible
from traces.stream_reader import LARGEST_BODY, StreamReader

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
    ended = response.timestamp_end
    return Clocked(headers=response.timestamp_start - start, total=ended - start if ended else None)


def _possible(clocked: Clocked) -> tuple[Clocked, bool]:
    """What was clocked without what can't be so, and whether all of it can: a clock may have been set meanwhile."""
    arrivals = [at for at, _ in clocked.chunks]
    known = [at for at in (clocked.headers, *arrivals, clocked.total) if at is not None]
    if known == sorted(known) and not any(map(is_impossible, known)):
        return clocked, True
    return replace(clocked, headers=None, total=None, chunks=()), False


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
    body, raw, marks = _request_body(flow.request, clean)
    headers = _headers(flow.request)
    return Trace(
        timestamp=_timestamp(flow.request.timestamp_start),
        mode=mode or mode_of(flow.request.host, flow.request.port),
        request=Request(
            flow.request.method, clean.text(redact.url(flow.request.url)), clean.headers(headers), body, raw
        ),
        ids=ids_of(headers, body),
        marks=marks,
    )


def ended(trace: Trace, flow: HTTPFlow, clean: Cleaner) -> Trace:
    """The trace of `begun`, completed by what the flow has brought since."""
    clocked, is_possible = _possible(_clocked(flow))
    reader = StreamReader(FORMATS[dialect_of(flow.request.path) or DEFAULT].stream())
    marks = [*trace.marks, *([] if is_possible else [IMPOSSIBLE])]
    reader.marks += clocked.marks
    if flow.response:
        _read(reader, flow.response, clocked)
    marks += [*reader.marks, *(["odd_events"] if reader.odd else [])]
    failure = reader.failure(_outside(flow, clocked)) if flow.response else _outside(flow, clocked)
    return replace(
        trace,
        response=_response(reader, clean) if flow.response else None,
        error=failure and replace(failure, message=redact.url(clean.text(failure.message))),
        events=tuple(reader.stream.events),
        timing=metrics.measure(reader.stream.events, clocked.headers, clocked.total),
        marks=tuple(dict.fromkeys(marks)),
        odd=reader.odd and Odd(reader.odd.count, clean.text(reader.odd.sample)),
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


def _request_body(message: Message, clean: Cleaner) -> tuple[Json, Raw | None, tuple[str, ...]]:
    raw, marks = message.raw_content, []
    if raw is None:
        return None, None, ("request_body_not_stored",)
    if len(raw) <= LARGEST_BODY:
        try:
            raw = Decoder(message.headers.get("content-encoding")).feed(raw)
        except DecodeError:
            marks.append("request_body_undecodable")
    if len(raw) > LARGEST_BODY:
        return None, None, ("request_body_too_large",)
    sent, kept = _parsed(raw, clean)
    return kept, raw_body.described(raw, sent, kept, clean), tuple(marks)


def _read(reader: StreamReader, message: HttpResponse, clocked: Clocked) -> None:
    """Feeds the reader all that came."""
    reader.begin(message.status_code, _headers(message))
    raw = message.raw_content
    if raw is None:
        if message.headers.get("content-length") != "0":
            reader.marks.append("response_body_not_stored")
        return
    times: list[tuple[float | None, int]] = list(clocked.chunks)
    if sum(size for _, size in times) != len(raw):
        times = [(None, len(raw))]
    start = 0
    for at, size in times:
        reader.feed(at, raw[start : start + size])
        start += size
    reader.close(times[-1][0] if times else None)


def _response(reader: StreamReader, clean: Cleaner) -> Response:
    """Secrets are looked for in the message, not in its events: one may be split over several."""
    try:
        body = clean.value(reader.message)
    except RecursionError:
        body = clean.text(reader.text)
    raw = Raw(reader.sha256) if reader.is_stream else raw_body.described(reader.data, reader.message, body, clean)
    return Response(reader.status, clean.headers(reader.headers), body, raw)


def _parsed(raw: bytes, clean: Cleaner) -> tuple[Json, Json]:
    """JSON as its value, anything else as text, nothing as None; and the same without secrets."""
    try:
        value = jsonio.loads(raw)
        return value, clean.value(value)
    except (ValueError, RecursionError):
        text = raw.decode("utf-8", "replace") or None
        return text, text and clean.text(text)


def _outside(flow: HTTPFlow, clocked: Clocked) -> Failure | None:
    """What happened to the connections."""
    status = flow.response.status_code if flow.response else None
    if clocked.failure:
        words = flow.error.msg if flow.error else "The proxy was stopped in mid-exchange."
        return Failure(clocked.failure, words, status)
    return Failure(_kind_of_error(flow), flow.error.msg, status) if flow.error else None


def _kind_of_error(flow: HTTPFlow) -> str:
    assert flow.error is not None
    if "client" in flow.error.msg.lower():
        return "client_disconnected"
    server = flow.server_conn
    opened = server.timestamp_tls_setup if flow.request.scheme == "https" else server.timestamp_tcp_setup
    if opened:
        return "server_disconnected"
    return "refused" if "refused" in flow.error.msg or "Connect call failed" in flow.error.msg else "unreachable"
