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
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, get_args

from traces import counts, jsonio
from traces.content import answers
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
    State,
    Timing,
    Trace,
    Upstream,
)
from traces.money.billed import UNSEEN, Billed, billed
from traces.storage import shapes
from traces.storage.shapes import build, check, one_of

VERSION = 2

INCOMPLETE = "Incomplete trace (old format). Recapture with latest anyclaude version."

LONGEST = 1e9
"""Seconds: thirty years. A longer time can't be a measurement."""

IMPOSSIBLE = "impossible_times"
"""The mark of a trace whose impossible times are left out."""


@dataclass(frozen=True, slots=True)
class Head:
    """The summary in the first line of a trace file: enough for a list.

    kind               the kind of the exchange, see `traces.content.answers`
    input_tokens       all that the server counted, cached or not; None without a count, or where it can't be true
                       (see `traces.counts`)
    output_tokens      the same for the output
    ttft, total        seconds
    marks              what is missing or odd in the record
    billed             what of it costs money
    """

    timestamp: str
    mode: str
    state: State
    ids: Ids
    model: str | None
    kind: str
    input_tokens: int | None
    output_tokens: int | None
    ttft: float | None
    total: float | None
    marks: tuple[str, ...] = ()
    billed: Billed = field(default=UNSEEN, compare=False)


def head_of(trace: Exchange) -> Head:
    """Return the head of an exchange."""
    body = trace.response.body if trace.response else None
    usage = counts.credible_input(body, trace.request.body)
    return Head(
        timestamp=trace.timestamp,
        mode=trace.mode,
        state=trace.state,
        ids=trace.ids,
        model=trace.model,
        kind=answers.kind_of(trace),
        input_tokens=usage.total if usage else None,
        output_tokens=counts.output(body, trace.events).known,
        ttft=trace.timing.ttft,
        total=trace.timing.total,
        marks=trace.marks,
        billed=billed(trace),
    )


def summary_of(head: Head) -> dict[str, Json]:
    """Return what the first line of a file sums up."""
    return {
        "model": head.model,
        "kind": head.kind,
        "input_tokens": head.input_tokens,
        "output_tokens": head.output_tokens,
        "billed": head.billed.to_json(),
    }


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


def decode_head(line: bytes, source: str | Path) -> Head | None:
    """Return the head from a file's first line; None where a file must be read whole, as an older one."""
    if not line.startswith(b'{"version":') or not line.endswith(b",\n"):
        return None
    raw = _parse(line[:-2] + b"}", source)
    if isinstance(raw, dict) and not (isinstance(summary := raw.get("summary"), dict) and "billed" in summary):
        return None
    try:
        return _head(check(dict, raw, "the first line"))
    except ValueError as error:
        raise TraceFormatError(f"{source}: {error}") from error


def _head(first: Mapping[str, Any]) -> Head:
    summary = check(dict, first.get("summary", {}), "summary")
    timing, is_possible = _timing(first.get("timing"))
    return Head(
        timestamp=build(str, first.get("timestamp"), "timestamp"),
        mode=build(str, first.get("mode"), "mode"),
        state=one_of(get_args(State), first.get("state"), "state"),
        ids=build(Ids, first.get("ids") or {}, "ids"),
        model=build(str | None, summary.get("model"), "summary.model"),
        kind=build(str, summary.get("kind"), "summary.kind"),
        input_tokens=build(int | None, summary.get("input_tokens"), "summary.input_tokens"),
        output_tokens=build(int | None, summary.get("output_tokens"), "summary.output_tokens"),
        ttft=timing.ttft,
        total=timing.total,
        marks=_marks(first.get("marks"), is_possible),
        billed=_billed(summary.get("billed")),
    )


def _billed(raw: Json) -> Billed:
    try:
        return Billed.from_json(check(dict, raw, "summary.billed"))
    except TypeError as error:
        raise ValueError(f"summary.billed: {error}") from error


def _parse(data: bytes, source: str | Path) -> Json:
    try:
        return jsonio.loads(data, trusted=True)
    except ValueError as error:
        raise TraceFormatError(f"{source}: Invalid JSON: {error}") from error


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
    timing, events = _timing(raw.get("timing")), _events(raw.get("events"))
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
        "marks": _marks(raw.get("marks"), timing[1] and events[1]),
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


def _timing(raw: Json) -> tuple[Timing, bool]:
    """Return the times without impossible ones, and whether all are possible."""
    times = check(dict, _or_default(raw, {}), "timing")
    impossible = [name for name, at in times.items() if is_impossible(at)]
    timing: Timing = build(Timing, {**times, **dict.fromkeys(impossible)} if impossible else times, "timing")
    if not _in_order(timing):
        return Timing(), False  # which of them is wrong can't be told
    return timing, not impossible


def _in_order(timing: Timing) -> bool:
    """Return whether nothing came before what it followed."""
    ways = (
        (timing.headers, timing.ttft, timing.first_answer, timing.last_content, timing.total),
        (timing.ttft, timing.first_tool_call, timing.total),
    )
    known = [[at for at in way if at is not None] for way in ways]
    return all(way == sorted(way) for way in known)


def _events(raw: Json) -> tuple[tuple[Event, ...], bool]:
    rows = check(list, _or_default(raw, []), "events")
    impossible = [number for number, row in enumerate(rows) if isinstance(row, list) and row and is_impossible(row[0])]
    if impossible:
        rows = list(rows)
        for number in impossible:
            rows[number] = [None, *rows[number][1:]]
    return shapes.events(rows, "events"), not impossible


def is_impossible(at: Json) -> bool:
    """Return whether a time can't be a measurement: a timing that was set back makes negative ones, for example."""
    if type(at) is float:
        return not 0 <= at < LONGEST  # NaN is in no range
    return isinstance(at, int | float) and not isinstance(at, bool) and not 0 <= at < LONGEST


def _marks(raw: Json, times_are_possible: bool) -> tuple[str, ...]:
    marks: tuple[str, ...] = build(tuple[str, ...], _or_default(raw, []), "marks")
    return marks if times_are_possible or IMPOSSIBLE in marks else (*marks, IMPOSSIBLE)


def _headers(raw: Json, where: str) -> dict[str, str]:
    """Return headers with their names in lower case, as readers expect them. Values that are lists are joined."""
    pairs = check(dict, _or_default(raw, {}), where)
    return {name.lower(): _header(value, f"{where}.{name}") for name, value in pairs.items()}


def _header(raw: Json, where: str) -> str:
    return ", ".join(build(tuple[str, ...], raw if isinstance(raw, list) else [raw], where))


def _or_default(raw: Json, default: Json) -> Json:
    return default if raw is None else raw
