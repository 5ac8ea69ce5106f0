"""mitmproxy's HTTPFlow -> Trace: one conversion, for the live capture and for `.flow` files.

The addon leaves the times that it took in `flow.metadata`, which is kept in a .flow file. A flow that was recorded
without it becomes a trace, too, without the times of its events. Secrets are removed here, before any other use.

A trace's `marks` say what is missing from the record:

    request_body_too_large      over 64 MiB: passed on, not recorded
    request_body_not_stored     mitmproxy streamed it without keeping a copy
    request_body_undecodable    it isn't in its content encoding, or that is unknown here: kept as text
    request_body_too_complex    over a million JSON values: kept as text
    response_body_too_large     only the first 64 MiB are recorded, and how it ended
    response_body_too_complex   over a million JSON values: kept as text
    too_many_events             only the first 500,000 events are recorded, and how it ended
    response_end_unknown        it goes on behind what is recorded, and can't be decoded there or goes on too long
    response_body_not_stored    mitmproxy streamed it without keeping a copy
    odd_events                  some of the stream can't be read as its API format promises: see the trace's `odd`
    response_body_undecodable   the rest of it isn't in its content encoding, or that is unknown here
    changed                     the server got something else than what the client sent: see the trace's `upstream`
    not_changed                 it was to be translated or repaired, and is too large for that: sent as it came
    late_stamps                 the proxy couldn't read in time (on a busy machine, say): times may be late
    impossible_times            a clock was set meanwhile: impossible times are left out
    text_removed                its texts were deleted later: see `traces.numbers_only`

and of one that was imported, what its source can't know (see `traces.storage.foreign`):

    system_unknown              the system prompt isn't in it; so with tools_unknown and messages_unknown (or not whole)
    request_rebuilt             the request was put together from a client's own record: not byte for byte
    headers_unknown             no headers are in it; a `user-agent` is put in by the client that wrote the record
    times_unknown               the times of the answer aren't in it, or not all of them
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mitmproxy import io
from mitmproxy.exceptions import FlowReadException
from mitmproxy.http import Headers, HTTPFlow, Message
from mitmproxy.http import Response as HttpResponse

from traces import jsonio, metrics, raw_body, redact
from traces.clients import ids_of
from traces.dialects import DEFAULT, FORMATS, dialect_of
from traces.dialects.base import LONGEST_SAMPLE
from traces.dialects.encodings import DecodeError, Decoder
from traces.dialects.ending import Ending
from traces.errors import TraceFormatError
from traces.model import Exchange, Failure, Json, Odd, Raw, Request, Response, Trace, Upstream
from traces.redact import Cleaner
from traces.servers import mode_of
from traces.storage import upstream, websocket
from traces.storage.times import IMPOSSIBLE, is_impossible
from traces.stream_reader import LARGEST_BODY, LONGEST_MESSAGE, StreamReader

_METADATA = "anyclaude"
_TOO_LARGE = "anyclaude_request_too_large"
_UNCHANGED = "anyclaude_request_unchanged"

CHANGED = "changed"
"""The mark of a trace with an `upstream`."""


@dataclass(frozen=True, slots=True)
class ProxyRecord:
    """What the proxy recorded beside the flow of an exchange; times in seconds since `t0`.

    chunks    arrival and size in bytes of each chunk of the response's body, as kept in the flow (still encoded)
    marks     what is missing from the record
    ending    what is kept of a longer body's end: see `traces.dialects.ending`
    failure   the kind of failure, where only the proxy knows it
    """

    headers: float | None = None
    total: float | None = None
    chunks: Sequence[tuple[float, int]] = ()
    marks: Sequence[str] = ()
    ending: tuple[bytes, bytes | None, bool] | None = None
    failure: str | None = None

    def store_in(self, flow: HTTPFlow) -> None:
        """Keep the record in the flow's metadata."""
        flow.metadata |= self.metadata()

    def metadata(self) -> dict[str, Any]:
        """Return what `store_in` keeps in a flow's metadata."""
        # Not `asdict`: it copies every number of every chunk, while the event loop waits.
        return {_METADATA: {name: getattr(self, name) for name in ProxyRecord.__slots__}}


def mark_too_large(flow: HTTPFlow) -> None:
    """Note that the request's body isn't kept, since it is too large to be recorded."""
    flow.metadata[_TOO_LARGE] = True


def is_too_large(flow: HTTPFlow) -> bool:
    """Return whether `mark_too_large` was called."""
    return _TOO_LARGE in flow.metadata


def mark_unchanged(flow: HTTPFlow) -> None:
    """Note that the request was to be changed on its way, and wasn't, since it is too large."""
    flow.metadata[_UNCHANGED] = True


def marks_of(flow: HTTPFlow) -> tuple[str, ...]:
    """Return the marks of a trace that other addons than the recorder left for it."""
    return ("not_changed",) if _UNCHANGED in flow.metadata else ()


def _record_of(flow: HTTPFlow) -> ProxyRecord:
    """Return what the addon left in the flow; mitmproxy's own times where the addon wasn't loaded."""
    kept = flow.metadata.get(_METADATA)
    if isinstance(kept, dict):
        return ProxyRecord(**kept)
    sent, response = flow.request.timestamp_end, flow.response
    if sent is None or response is None:
        return ProxyRecord()
    start = sent + opening_time(flow, sent)
    ended = response.timestamp_end
    return ProxyRecord(headers=response.timestamp_start - start, total=ended - start if ended else None)


def _without_impossible(record: ProxyRecord) -> tuple[ProxyRecord, bool]:
    """Return the record without impossible times, and whether all were possible: a clock may have been set."""
    arrivals = [at for at, _ in record.chunks]
    known = [at for at in (record.headers, *arrivals, record.total) if at is not None]
    if known == sorted(known) and not any(map(is_impossible, known)):
        return record, True
    return replace(record, headers=None, total=None, chunks=()), False


def chunk_sizes(flow: HTTPFlow) -> list[int]:
    """Return the sizes of the response's chunks, where the addon recorded them."""
    return [size for _, size in _record_of(flow).chunks]


def set_chunk_sizes(flow: HTTPFlow, sizes: Sequence[int]) -> None:
    """Record that the chunks of the response's body have other sizes now."""
    record = _record_of(flow)
    if len(sizes) == len(record.chunks):
        times = [at for at, _ in record.chunks]
        replace(record, chunks=tuple(zip(times, sizes, strict=True))).store_in(flow)


def mask_ending(flow: HTTPFlow, clean: Cleaner) -> None:
    """Take the secrets out of what is kept of a longer body's end."""
    record = _record_of(flow)
    if record.ending:
        last, head, forgot = record.ending
        texts = [None if part is None else part.decode("utf-8", "surrogateescape") for part in (last, head)]
        masked = [None if text is None else clean.text(text).encode("utf-8", "surrogateescape") for text in texts]
        replace(record, ending=(masked[0] or b"", masked[1], forgot)).store_in(flow)


def opening_time(flow: HTTPFlow, since: float) -> float:
    """Return the seconds from `since`, a time since the epoch, until the server connection was open; at least 0."""
    server = flow.server_conn
    return max(0.0, (server.timestamp_tls_setup or server.timestamp_tcp_setup or 0.0) - since)


def is_recorded(flow: HTTPFlow) -> bool:
    """Return whether the flow is an exchange with a model."""
    return flow.request.method == "POST" and dialect_of(flow.request.path) is not None


def cleaner_for(flow: HTTPFlow) -> Cleaner:
    """Return a cleaner that removes the flow's secrets from its bodies. Its headers must not be masked yet."""
    return cleaner_of(flow.request.headers, flow.request.path)


def cleaner_of(headers: Headers, path: str) -> Cleaner:
    """Return a cleaner for the secrets in the headers and the path of a request."""
    return redact.cleaner(redact.secrets_in(_joined(headers), path))


def start_trace(flow: HTTPFlow, mode: str, clean: Cleaner) -> Trace:
    """Return the trace of a flow whose request has arrived."""
    body, raw, marks = _request_body(flow, clean)
    headers = clean.headers(_headers(flow.request))
    return Trace(
        timestamp=_timestamp(flow.request.timestamp_start),
        mode=mode or mode_of(flow.request.host, flow.request.port),
        request=Request(flow.request.method, clean.text(redact.url(flow.request.url)), headers, body, raw),
        ids=ids_of(headers, body),
        marks=marks,
    )


def complete_trace(trace: Trace, flow: HTTPFlow, clean: Cleaner) -> Trace:
    """Return the trace of `start_trace`, completed with the response or the failure."""
    changed = _upstream(flow, trace.mode)
    completed = _complete(trace, flow, clean)
    return replace(completed, upstream=changed, marks=(*completed.marks, CHANGED)) if changed else completed


def _upstream(flow: HTTPFlow, mode: str) -> Upstream | None:
    """Return what went on at the server's side, where the proxy changed it."""
    found = upstream.flow_in(flow)
    if found is None:
        return None
    theirs, changes = found
    clean = cleaner_for(theirs)
    trace = _complete(start_trace(theirs, mode, clean), theirs, clean)
    exchange = Exchange(**{name: getattr(trace, name) for name in Exchange.__slots__})
    return Upstream(exchange, tuple(clean.text(change) for change in changes))


def _complete(trace: Trace, flow: HTTPFlow, clean: Cleaner) -> Trace:
    record, is_possible = _without_impossible(_record_of(flow))
    reader = StreamReader(FORMATS[dialect_of(flow.request.path) or DEFAULT].stream())
    marks = [*trace.marks, *([] if is_possible else [IMPOSSIBLE])]
    reader.marks += record.marks
    if flow.response:
        _read(reader, flow.response, record)
    marks += [*reader.marks, *(["odd_events"] if reader.odd else [])]
    failure = reader.failure(_connection_failure(flow, record)) if flow.response else _connection_failure(flow, record)
    if failure and failure.kind == "empty" and _asks_for_nothing(trace.request.body):
        failure = None
    return replace(
        trace,
        response=_response(reader, clean) if flow.response else None,
        error=failure and replace(failure, message=_clean_message(failure, clean)),
        events=tuple(reader.stream.events),
        timing=metrics.measure(reader.stream.events, record.headers, record.total),
        marks=tuple(dict.fromkeys(marks)),
        odd=reader.odd and Odd(reader.odd.count, _clean_cut(reader.odd.sample, LONGEST_SAMPLE, clean)),
    )


def _clean_message(failure: Failure, clean: Cleaner) -> str:
    """Return an error's message without secrets: cleaned as the body is that it stands in."""
    words = _clean_cut(failure.message, LONGEST_MESSAGE + 1, clean)
    return redact.url(words) if failure.status and 300 <= failure.status < 400 else words


def _clean_cut(text: str, length: int, clean: Cleaner) -> str:
    """Return a text without secrets, which was cut where it is so long: a word cut there may begin a secret."""
    if len(text) >= length:
        text = _LAST_WORD.sub("…", text, count=1)
    return clean.document(text) if text.lstrip()[:1] == "{" else clean.text(text)


_LAST_WORD = re.compile(r"[^\s\"'<>()]{0,512}$")


def read(path: Path) -> Iterator[Trace]:
    """Yield each exchange with a model in a .flow file. Raises TraceFormatError where the file ends badly."""
    try:
        with path.open("rb") as file:
            for flow in io.FlowReader(file).stream():
                for one in exchanges(flow) if isinstance(flow, HTTPFlow) else ():
                    clean = cleaner_for(one)
                    yield replace(complete_trace(start_trace(one, "", clean), one, clean), source=path)
    except OSError as error:
        raise TraceFormatError(f"{path}: {error.strerror or error}.") from error
    except FlowReadException as error:
        raise TraceFormatError(f"{path}: Not a mitmproxy flow file, or cut short: {error}") from error


def _asks_for_nothing(body: Json) -> bool:
    """Return whether a request only has its prompt read, before the turn that will need it (Codex does so)."""
    return isinstance(body, dict) and body.get("generate") is False


def exchanges(flow: HTTPFlow) -> Iterator[HTTPFlow]:
    """Yield the flow, where it is an exchange with a model, or those that a WebSocket holds."""
    if websocket.may_hold_exchanges(flow):
        for one, chunks, total in websocket.exchanges(flow):
            ProxyRecord(headers=chunks[0][0] if chunks else None, total=total, chunks=chunks).store_in(one)
            yield one
    elif is_recorded(flow):
        yield flow


def _timestamp(moment: float) -> str:
    """Return a time in UTC as ISO 8601, cut to the millisecond."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _headers(message: Message) -> dict[str, str]:
    return _joined(message.headers)


def _joined(headers: Headers) -> dict[str, str]:
    """Return the headers by their names in lower case; values of the same name in one, as HTTP allows it."""
    found: dict[str, str] = {}
    for name, value in headers.items(multi=True):  # without it mitmproxy searches them all for each name
        lower = name.lower()
        found[lower] = f"{found[lower]}, {value}" if lower in found else value
    return found


def _request_body(flow: HTTPFlow, clean: Cleaner) -> tuple[Json, Raw | None, tuple[str, ...]]:
    raw, marks = flow.request.raw_content, []
    if raw is None:
        return None, None, ("request_body_too_large" if is_too_large(flow) else "request_body_not_stored",)
    try:
        decoder = Decoder(flow.request.headers.get("content-encoding"), LARGEST_BODY)
        decoded = decoder.feed(raw)
        if decoder.is_cut:
            return None, None, ("request_body_too_large",)
        raw = decoded
    except DecodeError:
        marks.append("request_body_undecodable")
    if jsonio.written_size(raw) > LARGEST_BODY:
        return None, None, ("request_body_too_large",)
    sent, kept, is_simple = _parse_body(raw, clean)
    if not is_simple:
        marks.append("request_body_too_complex")
    return kept, raw_body.describe(raw, sent, kept, clean), tuple(marks)


def _read(reader: StreamReader, message: HttpResponse, record: ProxyRecord) -> None:
    """Feed the reader the whole response."""
    reader.begin(message.status_code, _headers(message))
    raw = message.raw_content
    if raw is None:
        if message.headers.get("content-length") != "0":
            reader.marks.append("response_body_not_stored")
        return
    times: list[tuple[float | None, int]] = list(record.chunks)
    if sum(size for _, size in times) != len(raw):
        times = [(None, len(raw))]
    start = 0
    for at, size in times:
        reader.feed(at, raw[start : start + size])
        start += size
    if record.ending:
        reader.pass_over(Ending(*record.ending))
    reader.close(times[-1][0] if times else None)


def _response(reader: StreamReader, clean: Cleaner) -> Response:
    """Return the response without secrets. These are searched in the message, as events may split them."""
    try:
        body = clean.value(reader.message)
    except RecursionError:
        body = clean.text(reader.text)
    raw = Raw(reader.sha256) if reader.is_stream else raw_body.describe(reader.data, reader.message, body, clean)
    return Response(reader.status, clean.headers(reader.headers), body, raw)


def _parse_body(raw: bytes, clean: Cleaner) -> tuple[Json, Json, bool]:
    """Return a body twice, as it was and without secrets: the value of JSON, else the text, or None where empty.

    The third is whether it isn't JSON with too many values to be parsed.
    """
    is_simple = True
    try:
        value = jsonio.loads(raw)
        return value, clean.value(value), is_simple
    except jsonio.TooManyValues:
        is_simple = False
    except (ValueError, RecursionError):
        pass
    text = raw.decode("utf-8", "replace") or None
    return text, text and clean.text(text), is_simple


def _connection_failure(flow: HTTPFlow, record: ProxyRecord) -> Failure | None:
    """Return what broke the connections; None where nothing did."""
    status = flow.response.status_code if flow.response else None
    if record.failure:
        words = flow.error.msg if flow.error else "The proxy was stopped in mid-exchange."
        return Failure(record.failure, words, status)
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
