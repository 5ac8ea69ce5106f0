"""A trace as JSON, and back.

A file has one line for each of its four parts, so that `head -1` shows what it is and a listing needn't read it whole:

    {"version": 2, "timestamp": …, "mode": …, "state": …, "ids": …, "summary": …, "timing": …, "error": …, "marks": …,
    "odd_events": {"count", "sample"} or null, "cost": {"bytes", "seconds"} or missing,
    "origin": {"format", "id"} or missing,
    "request": {"method", "url", "headers", "body", "raw": {"sha256", "form", "text"}},
    "response": {"statusCode", "headers", "body", "raw"} or null,
    "upstream": {"changes", "timestamp", "mode", "timing", "error", "marks", "odd_events", "request", "response",
    "events"},
    "events": [[seconds, kind, content, characters], …]}

`upstream` is there only where the proxy changed what it passed on: what the server got and sent, in the same shape.
Version 1 has neither `odd_events` nor `raw`. Traces of anyclaude itself hold `timestamp`, `mode`, `request` and
`response` only; both are read as well.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from traces import jsonio
from traces.errors import TraceFormatError
from traces.model import (
    EARLIER_KINDS,
    STATE_OF,
    Cost,
    Event,
    Exchange,
    Failure,
    Ids,
    Json,
    Odd,
    Origin,
    Raw,
    Request,
    Response,
    Trace,
    Upstream,
)
from traces.storage import shapes, times, wrapped
from traces.storage.head import head_of, summary_of
from traces.storage.shapes import build, check, one_of

VERSION = 2

INCOMPLETE = "Incomplete trace (old format). Recapture with latest anyclaude version."


def encode(trace: Exchange, cost: Callable[[], Cost] | None = None) -> bytes:
    """Return the file of an exchange. `cost` is called last: nearly all of the work is in it then."""
    first, rest = document(trace)
    lines = [_line({name: value}) for name, value in rest.items()]
    if cost:
        first["cost"] = asdict(cost())
    return _object([_line(first), *lines])


def to_lines(parts: Sequence[Mapping[str, Json]]) -> bytes:
    """Return one JSON object with the fields of all parts, a line for each part."""
    return _object(list(map(_line, parts)))


def _line(part: Mapping[str, Json]) -> bytes:
    return jsonio.dumps(part)[1:-1]


def _object(lines: Sequence[bytes]) -> bytes:
    return b"{" + b",\n".join(lines) + b"}\n"


def document(trace: Exchange) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return the contents of a file: its first line, and the fields that have a line each."""
    upstream = trace.upstream if isinstance(trace, Trace) else None
    head = head_of(trace)
    first = {
        "version": VERSION,
        "timestamp": trace.timestamp,
        "mode": trace.mode,
        "state": trace.state,
        "ids": asdict(trace.ids),
        "summary": summary_of(head),
        **_record_json(trace),
    }
    if isinstance(trace, Trace) and trace.cost:
        first["cost"] = asdict(trace.cost)
    if isinstance(trace, Trace) and trace.origin:
        first["origin"] = asdict(trace.origin)
    rest: dict[str, Json] = {"request": _request_json(trace.request), "response": _response_json(trace.response)}
    if upstream:
        rest["upstream"] = _upstream_json(upstream)
    return first, {**rest, "events": _events_json(trace.events)}


def _record_json(trace: Exchange) -> dict[str, Json]:
    return {
        "timing": asdict(trace.timing),
        "error": {"kind": trace.error.kind, "message": trace.error.message} if trace.error else None,
        "marks": list(trace.marks),
        "odd_events": shapes.to_json(trace.odd),
    }


def _upstream_json(upstream: Upstream) -> dict[str, Json]:
    exchange = upstream.exchange
    return {
        "changes": list(upstream.changes),
        "timestamp": exchange.timestamp,
        "mode": exchange.mode,
        **_record_json(exchange),
        "request": _request_json(exchange.request),
        "response": _response_json(exchange.response),
        "events": _events_json(exchange.events),
    }


def _request_json(request: Request) -> dict[str, Json]:
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "body": request.body,
        "raw": shapes.to_json(request.raw),
    }


def _events_json(events: Sequence[Event]) -> list[Json]:
    return [[event.at, event.kind, event.content, event.size] for event in events]


def _response_json(response: Response | None) -> Json:
    if response is None:
        return None
    return {
        "statusCode": response.status,
        "headers": dict(response.headers),
        "body": response.body,
        "raw": shapes.to_json(response.raw),
    }


def decode(
    data: bytes, source: Path, events: bool = True, fill: Callable[[Json], None] = lambda document: None
) -> Trace:
    """Return the trace in a file. Raises TraceFormatError, naming `source` and what is wrong in it.

    Without `events` they are skipped where they have a line of their own: reading them is half the work. `fill` puts
    into the parsed file what `data` doesn't hold.
    """
    if not data or data.isspace():
        raise TraceFormatError(f"{source}: Empty file, not a trace.")
    raw = _parse(data if events else _without_events(data), source)
    fill(raw)
    try:
        return trace_of(raw, source)
    except ValueError as error:
        raise TraceFormatError(f"{source}: {error}") from error


def _without_events(data: bytes) -> bytes:
    """Return the file without its last line, if that holds all events: one that is cut short must be reported."""
    rest, found, last = data.rpartition(b',\n"events":')
    return rest + b"}" if found and last.endswith(b"]}\n") and last.count(b"\n") == 1 else data


def _parse(data: bytes, source: str | Path) -> Json:
    try:
        return jsonio.loads(data, trusted=True)
    except ValueError as error:
        raise TraceFormatError(f"{source}: {wrapped.advice(data) or f'Invalid JSON: {error}'}") from error


def trace_of(raw: Json, source: Path) -> Trace:
    """Return the trace of a parsed document. Raises ValueError, which says what is wrong and where."""
    if isinstance(raw, dict) and "schema_version" in raw and "request" not in raw:
        raise ValueError("A replay's result that holds no request: of an older version, or nothing was sent.")
    if not isinstance(raw, dict) or "request" not in raw:
        raise ValueError("Not a trace: it holds no request.")
    request = check(dict, raw["request"], "request")
    ours = "version" in raw
    if ours and raw["version"] not in range(1, VERSION + 1):
        raise ValueError(
            f"Trace format {raw['version']!r} is unknown here (this version reads up to {VERSION}). Update the toolkit."
        )
    body = request.get("body")
    if not ours and not (isinstance(body, dict) and ("messages" in body or "input" in body)):
        raise ValueError(INCOMPLETE)
    return Trace(
        **_fields(raw),
        source=source,
        replayed="schema_version" in raw,
        upstream=_upstream(raw.get("upstream")),
        cost=build(Cost | None, raw.get("cost"), "cost"),
        origin=build(Origin | None, raw.get("origin"), "origin"),
    )


def _fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an exchange, as a whole file holds them, and its `upstream`."""
    request = check(dict, raw.get("request"), "request")
    timing, events = times.timing(raw.get("timing")), _events(raw.get("events"))
    return {
        "timestamp": build(str, raw.get("timestamp", ""), "timestamp"),
        "mode": build(str, raw.get("mode", "local"), "mode"),
        "request": Request(
            method=build(str, request.get("method", "POST"), "request.method"),
            url=build(str, request.get("url", ""), "request.url"),
            headers=_headers(request.get("headers"), "request.headers"),
            body=request.get("body"),
            raw=build(Raw | None, request.get("raw"), "request.raw"),
        ),
        "response": _response(raw.get("response")),
        "error": failure_of(raw.get("error")),
        "timing": timing[0],
        "events": events[0],
        "ids": build(Ids, _or_default(raw.get("ids"), {}), "ids"),
        "marks": times.marks(raw.get("marks"), timing[1] and events[1]),
        "odd": build(Odd | None, raw.get("odd_events"), "odd_events"),
    }


def _upstream(raw: Json) -> Upstream | None:
    if raw is None:
        return None
    kept = check(dict, raw, "upstream")
    changes = build(tuple[str, ...], _or_default(kept.get("changes"), []), "upstream.changes")
    try:
        return Upstream(Exchange(**_fields(kept)), changes)
    except ValueError as error:
        raise ValueError(f"upstream: {error}") from error


def failure_of(raw: Json) -> Failure | None:
    """Return the failure of a trace or a result of any version."""
    if raw is None:
        return None
    error = check(dict, raw, "error")
    kind = error.get("kind")
    if isinstance(kind, str):
        error = {**error, "kind": one_of(tuple(STATE_OF), EARLIER_KINDS.get(kind, kind), "error.kind")}
    failure: Failure = build(Failure, error, "error")
    return failure


def _response(raw: Json) -> Response | None:
    if raw is None:
        return None
    response = check(dict, raw, "response")
    return Response(
        status=build(int, response.get("statusCode"), "response.statusCode"),
        headers=_headers(response.get("headers"), "response.headers"),
        body=response.get("body"),
        raw=build(Raw | None, response.get("raw"), "response.raw"),
    )


def _events(raw: Json) -> tuple[tuple[Event, ...], bool]:
    rows = check(list, _or_default(raw, []), "events")
    impossible = [
        number for number, row in enumerate(rows) if isinstance(row, list) and row and times.is_impossible(row[0])
    ]
    if impossible:
        rows = list(rows)
        for number in impossible:
            rows[number] = [None, *rows[number][1:]]
    return shapes.events(rows, "events"), not impossible


def _headers(raw: Json, where: str) -> dict[str, str]:
    """Return headers with their names in lower case, as readers expect them. Values that are lists are joined."""
    pairs = check(dict, _or_default(raw, {}), where)
    return {name.lower(): _header(value, f"{where}.{name}") for name, value in pairs.items()}


def _header(raw: Json, where: str) -> str:
    return ", ".join(build(tuple[str, ...], raw if isinstance(raw, list) else [raw], where))


def _or_default(raw: Json, default: Json) -> Json:
    return default if raw is None else raw
