"""A trace as JSON, and back.

A file has one line for each of its four parts, so that `head -1` shows what it is and a listing needn't read it whole:

    {"version": 2, "timestamp": …, "mode": …, "state": …, "ids": …, "summary": …, "timing": …, "error": …, "marks": …,
    "odd_events": {"count", "sample"} or null,
    "request": {"method", "url", "headers", "body", "raw": {"sha256", "form", "text"}},
    "response": {"statusCode", "headers", "body", "raw"} or null,
    "events": [[seconds, kind, content, characters], …]}

Version 1 has neither `odd_events` nor `raw`. Traces of anyclaude itself hold `timestamp`, `mode`, `request` and
`response` only; both are read as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from traces import counts, jsonio
from traces.content import answers
from traces.errors import TraceFormatError
from traces.model import (
    EARLIER_KINDS,
    STATE_OF,
    Event,
    Exchange,
    Failure,
    Ids,
    Json,
    Odd,
    Raw,
    Request,
    Response,
    State,
    Timing,
    Trace,
)
from traces.storage import shapes
from traces.storage.shapes import built, checked, one_of

VERSION = 2

INCOMPLETE = "Incomplete trace (old format). Recapture with latest anyclaude version."

LONGEST = 1e9
"""Seconds: thirty years. What is longer was no measurement."""

IMPOSSIBLE = "impossible_times"
"""The mark of a trace of which times are left out that can't be so."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the first line of a trace file tells: enough for a list.

    kind               the request type, see `traces.content.answers`
    input_tokens       all the server counted, cached or not; output_tokens likewise its count; None if it said none, or
                       one that can't be true (see `traces.counts`)
    ttft, total        seconds
    marks              what is missing from the record or odd in it
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


def head_of(trace: Exchange) -> Head:
    body = trace.response.body if trace.response else None
    usage = counts.given(body, trace.request.body)
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
    )


def encode(trace: Exchange) -> bytes:
    """Return the file of an exchange."""
    first, rest = document(trace)
    return in_lines([first, *({name: value} for name, value in rest.items())])


def in_lines(parts: Sequence[Mapping[str, Json]]) -> bytes:
    """Return one JSON object with all these fields, a line for each part."""
    return b"{" + b",\n".join(jsonio.dumps(part)[1:-1] for part in parts) + b"}\n"


def document(trace: Exchange) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return what a file holds: its first line, and the fields that have a line each."""
    head = head_of(trace)
    first = {
        "version": VERSION,
        "timestamp": trace.timestamp,
        "mode": trace.mode,
        "state": trace.state,
        "ids": asdict(trace.ids),
        "summary": {
            "model": head.model,
            "kind": head.kind,
            "input_tokens": head.input_tokens,
            "output_tokens": head.output_tokens,
        },
        "timing": asdict(trace.timing),
        "error": {"kind": trace.error.kind, "message": trace.error.message} if trace.error else None,
        "marks": list(trace.marks),
        "odd_events": shapes.plain(trace.odd),
    }
    request = trace.request
    rest = {
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": dict(request.headers),
            "body": request.body,
            "raw": shapes.plain(request.raw),
        },
        "response": _response_json(trace.response),
        "events": [[event.at, event.kind, event.content, event.size] for event in trace.events],
    }
    return first, rest


def _response_json(response: Response | None) -> Json:
    if response is None:
        return None
    return {
        "statusCode": response.status,
        "headers": dict(response.headers),
        "body": response.body,
        "raw": shapes.plain(response.raw),
    }


def decode(data: bytes, source: Path, events: bool = True) -> Trace:
    """Raises TraceFormatError, naming `source` and what is wrong in it.

    Without `events` they are left out where they have a line to themselves: they are half the work of reading a trace.
    """
    if not data or data.isspace():
        raise TraceFormatError(f"{source}: Empty file, not a trace.")
    raw = _parsed(data if events else _without_events(data), source)
    try:
        return trace_of(raw, source)
    except ValueError as error:
        raise TraceFormatError(f"{source}: {error}") from error


def _without_events(data: bytes) -> bytes:
    """All but the last line, where that holds the events and is whole; what was cut short must still be told."""
    rest, found, last = data.rpartition(b',\n"events":')
    return rest + b"}" if found and last.endswith(b"]}\n") and last.count(b"\n") == 1 else data


def decode_head(line: bytes, source: Path) -> Head | None:
    """The head from a file's first line; None where the file isn't of this version and must be read whole."""
    if not line.startswith(b'{"version":') or not line.endswith(b",\n"):
        return None
    raw = _parsed(line[:-2] + b"}", source)
    try:
        return _head(checked(dict, raw, "the first line"))
    except ValueError as error:
        raise TraceFormatError(f"{source}: {error}") from error


def _head(first: Mapping[str, Any]) -> Head:
    summary = checked(dict, first.get("summary", {}), "summary")
    clock, is_possible = _timing(first.get("timing"))
    return Head(
        timestamp=built(str, first.get("timestamp"), "timestamp"),
        mode=built(str, first.get("mode"), "mode"),
        state=one_of(get_args(State), first.get("state"), "state"),
        ids=built(Ids, first.get("ids") or {}, "ids"),
        model=built(str | None, summary.get("model"), "summary.model"),
        kind=built(str, summary.get("kind"), "summary.kind"),
        input_tokens=built(int | None, summary.get("input_tokens"), "summary.input_tokens"),
        output_tokens=built(int | None, summary.get("output_tokens"), "summary.output_tokens"),
        ttft=clock.ttft,
        total=clock.total,
        marks=_marks(first.get("marks"), is_possible),
    )


def _parsed(data: bytes, source: Path) -> Json:
    try:
        return jsonio.loads(data)
    except ValueError as error:
        raise TraceFormatError(f"{source}: Invalid JSON: {error}") from error


def trace_of(raw: Json, source: Path) -> Trace:
    """Return the trace of a parsed document. Raises ValueError, which says what is wrong and where."""
    if isinstance(raw, dict) and "schema_version" in raw and "request" not in raw:
        raise ValueError("A replay's result that holds no request: of an older version, or nothing was sent.")
    if not isinstance(raw, dict) or "request" not in raw:
        raise ValueError("Not a trace: it holds no request.")
    request = checked(dict, raw["request"], "request")
    ours = "version" in raw
    if ours and raw["version"] not in range(1, VERSION + 1):
        raise ValueError(
            f"Trace format {raw['version']!r} is unknown here (this version reads up to {VERSION}). Update the toolkit."
        )
    body = request.get("body")
    if not ours and not (isinstance(body, dict) and ("messages" in body or "input" in body)):
        raise ValueError(INCOMPLETE)
    timing, events = _timing(raw.get("timing")), _events(raw.get("events"))
    return Trace(
        timestamp=built(str, raw.get("timestamp", ""), "timestamp"),
        mode=built(str, raw.get("mode", "local"), "mode"),
        request=Request(
            method=built(str, request.get("method", "POST"), "request.method"),
            url=built(str, request.get("url", ""), "request.url"),
            headers=_headers(request.get("headers"), "request.headers"),
            body=body,
            raw=built(Raw | None, request.get("raw"), "request.raw"),
        ),
        response=_response(raw.get("response")),
        error=failure_of(raw.get("error")),
        timing=timing[0],
        events=events[0],
        ids=built(Ids, _given(raw.get("ids"), {}), "ids"),
        marks=_marks(raw.get("marks"), timing[1] and events[1]),
        odd=built(Odd | None, raw.get("odd_events"), "odd_events"),
        source=source,
        replayed="schema_version" in raw,
    )


def failure_of(raw: Json) -> Failure | None:
    """Return the failure of a trace or a result of any version."""
    if raw is None:
        return None
    error = checked(dict, raw, "error")
    kind = error.get("kind")
    if isinstance(kind, str):
        error = {**error, "kind": one_of(tuple(STATE_OF), EARLIER_KINDS.get(kind, kind), "error.kind")}
    failure: Failure = built(Failure, error, "error")
    return failure


def _response(raw: Json) -> Response | None:
    if raw is None:
        return None
    response = checked(dict, raw, "response")
    return Response(
        status=built(int, response.get("statusCode"), "response.statusCode"),
        headers=_headers(response.get("headers"), "response.headers"),
        body=response.get("body"),
        raw=built(Raw | None, response.get("raw"), "response.raw"),
    )


def _timing(raw: Json) -> tuple[Timing, bool]:
    """The measures, and whether all of them can be so: one that can't is left out."""
    times = checked(dict, _given(raw, {}), "timing")
    possible = {name: None if is_impossible(at) else at for name, at in times.items()}
    return built(Timing, possible, "timing"), not any(map(is_impossible, times.values()))


def _events(raw: Json) -> tuple[tuple[Event, ...], bool]:
    events, are_possible = [], True
    for number, row in enumerate(checked(list, _given(raw, []), "events")):
        if isinstance(row, list) and row and is_impossible(row[0]):
            row, are_possible = [None, *row[1:]], False
        events.append(shapes.event(row, f"events[{number}]"))
    return tuple(events), are_possible


def is_impossible(at: Json) -> bool:
    """Return whether a time was no measurement: a clock that was set back makes negative ones, for example."""
    return isinstance(at, int | float) and not isinstance(at, bool) and not 0 <= at < LONGEST  # NaN is in no range


def _marks(raw: Json, times_are_possible: bool) -> tuple[str, ...]:
    marks: tuple[str, ...] = built(tuple[str, ...], _given(raw, []), "marks")
    return marks if times_are_possible or IMPOSSIBLE in marks else (*marks, IMPOSSIBLE)


def _headers(raw: Json, where: str) -> dict[str, str]:
    """Header names in lower case, so that every reader finds them. Values that are lists are joined."""
    pairs = checked(dict, _given(raw, {}), where)
    return {name.lower(): _header(value, f"{where}.{name}") for name, value in pairs.items()}


def _header(raw: Json, where: str) -> str:
    return ", ".join(built(tuple[str, ...], raw if isinstance(raw, list) else [raw], where))


def _given(raw: Json, otherwise: Json) -> Json:
    return otherwise if raw is None else raw
