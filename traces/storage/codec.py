"""A trace as JSON, and back.

A file has one line for each of its four parts, so that `head -1` shows what it is and a listing needn't read it whole:

    {"version": 1, "timestamp": …, "mode": …, "state": …, "ids": …, "summary": …, "timing": …, "error": …, "marks": …,
    "request": {"method", "url", "headers", "body"},
    "response": {"statusCode", "headers", "body"} or null,
    "events": [[seconds, kind, content, characters], …]}

Traces of anyclaude itself hold `timestamp`, `mode`, `request` and `response` only; they are read as well.
Knows nothing of where files lie.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast, get_args

from traces import jsonio, metrics
from traces.content import answers
from traces.errors import TraceFormatError
from traces.model import (
    EARLIER_KINDS,
    STATE_OF,
    Content,
    Event,
    Failure,
    Ids,
    Json,
    Request,
    Response,
    State,
    Timing,
    Trace,
)

VERSION = 1

INCOMPLETE = "Incomplete trace (old format). Recapture with latest anyclaude version."

_LONGEST = 1e9
"""Seconds: thirty years. What is longer was no measurement."""

_CONTENTS = (None, *get_args(Content))


@dataclass(frozen=True, slots=True)
class Head:
    """What the first line of a trace file tells: enough for a list.

    kind               the request type, see `traces.content.answers`
    input_tokens       all the server counted, cached or not; output_tokens likewise its count; None if it said none
    ttft, total        seconds
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


def head_of(trace: Trace) -> Head:
    body = trace.response.body if trace.response else None
    usage = metrics.input_usage(body)
    return Head(
        timestamp=trace.timestamp,
        mode=trace.mode,
        state=trace.state,
        ids=trace.ids,
        model=trace.model,
        kind=answers.kind_of(trace),
        input_tokens=usage.total if usage else None,
        output_tokens=metrics.output_tokens(body),
        ttft=trace.timing.ttft,
        total=trace.timing.total,
    )


def encode(trace: Trace) -> bytes:
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
    }
    request = trace.request
    rest = {
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": dict(request.headers),
            "body": request.body,
        },
        "response": _response_json(trace.response),
        "events": [[event.at, event.kind, event.content, event.size] for event in trace.events],
    }
    lines = [jsonio.dumps(first)[:-1], *(b'"%s":%s' % (key.encode(), jsonio.dumps(rest[key])) for key in rest)]
    return b",\n".join(lines) + b"}\n"


def _response_json(response: Response | None) -> Json:
    if response is None:
        return None
    return {"statusCode": response.status, "headers": dict(response.headers), "body": response.body}


def decode(data: bytes, source: Path, events: bool = True) -> Trace:
    """Raises TraceFormatError, naming `source` and what is wrong in it.

    Without `events` they are left out where they have a line to themselves: they are half the work of reading a trace.
    """
    if not data or data.isspace():
        raise TraceFormatError(f"{source}: Empty file, not a trace.")
    return _Reader(source).trace(_parsed(data if events else _without_events(data), source))


def _without_events(data: bytes) -> bytes:
    """All but the last line, where that holds the events and is whole; what was cut short must still be told."""
    rest, found, last = data.rpartition(b',\n"events":')
    return rest + b"}" if found and last.endswith(b"]}\n") and last.count(b"\n") == 1 else data


def decode_head(line: bytes, source: Path) -> Head | None:
    """The head from a file's first line; None where the file isn't of this version and must be read whole."""
    if not line.startswith(b'{"version":') or not line.endswith(b",\n"):
        return None
    raw = _parsed(line[:-2] + b"}", source)
    read = _Reader(source)
    first = read.table(raw, "the first line")
    summary = read.table(first.get("summary", {}), "summary")
    clock = read.timing(first.get("timing"))
    return Head(
        timestamp=read.text(first.get("timestamp"), "timestamp"),
        mode=read.text(first.get("mode"), "mode"),
        state=read.one_of(first.get("state"), get_args(State), "state"),
        ids=read.ids(first.get("ids")),
        model=read.optional(summary.get("model"), str, "summary.model"),
        kind=read.text(summary.get("kind"), "summary.kind"),
        input_tokens=read.optional(summary.get("input_tokens"), int, "summary.input_tokens"),
        output_tokens=read.optional(summary.get("output_tokens"), int, "summary.output_tokens"),
        ttft=clock.ttft,
        total=clock.total,
    )


def _parsed(data: bytes, source: Path) -> Json:
    try:
        return jsonio.loads(data)
    except ValueError as error:
        raise TraceFormatError(f"{source}: Invalid JSON: {error}") from error


class _Reader:
    """Takes parsed JSON apart; every complaint names the file, the key, and what was found there."""

    def __init__(self, source: Path) -> None:
        self.source = source

    def trace(self, raw: Json) -> Trace:
        if not isinstance(raw, dict) or "request" not in raw:
            raise TraceFormatError(f"{self.source}: Not a trace: it holds no request.")
        request = self.table(raw["request"], "request")
        ours = "version" in raw
        if ours and raw["version"] != VERSION:
            raise TraceFormatError(
                f"{self.source}: Trace format {raw['version']!r} is unknown here (this version reads {VERSION}). "
                "Update the toolkit."
            )
        body = request.get("body")
        if not ours and not (isinstance(body, dict) and ("messages" in body or "input" in body)):
            raise TraceFormatError(f"{self.source}: {INCOMPLETE}")
        headers = self.headers(request.get("headers"), "request.headers")
        return Trace(
            timestamp=self.text(raw.get("timestamp", ""), "timestamp"),
            mode=self.text(raw.get("mode", "local"), "mode"),
            request=Request(
                method=self.text(request.get("method", "POST"), "request.method"),
                url=self.text(request.get("url", ""), "request.url"),
                headers=headers,
                body=body,
            ),
            response=self.response(raw.get("response")),
            error=self.failure(raw.get("error")),
            timing=self.timing(raw.get("timing")),
            events=self.events(raw.get("events")),
            ids=self.ids(raw.get("ids")),
            marks=self.marks(raw.get("marks")),
            source=self.source,
        )

    def response(self, raw: Json) -> Response | None:
        if raw is None:
            return None
        response = self.table(raw, "response")
        return Response(
            status=self.typed(response.get("statusCode"), int, "response.statusCode"),
            headers=self.headers(response.get("headers"), "response.headers"),
            body=response.get("body"),
        )

    def failure(self, raw: Json) -> Failure | None:
        if raw is None:
            return None
        error = self.table(raw, "error")
        kind = error.get("kind")
        if isinstance(kind, str):
            kind = EARLIER_KINDS.get(kind, kind)
        kind = self.one_of(kind, tuple(STATE_OF), "error.kind")
        return Failure(kind, self.text(error.get("message"), "error.message"))

    def timing(self, raw: Json) -> Timing:
        times = {} if raw is None else self.table(raw, "timing")
        return Timing(**{name: self.seconds(times.get(name), f"timing.{name}") for name in Timing.__dataclass_fields__})

    def events(self, raw: Json) -> tuple[Event, ...]:
        if raw is None:
            return ()
        return tuple(self.event(row, f"events[{i}]") for i, row in enumerate(self.typed(raw, list, "events")))

    def event(self, raw: Json, where: str) -> Event:
        if not (isinstance(raw, list) and len(raw) == 4):
            raise self.complaint(where, "[seconds, kind, content, characters]", raw)
        at, kind, content, size = raw
        return Event(
            at=self.seconds(at, where),
            kind=self.text(kind, where),
            content=self.one_of(content, _CONTENTS, where),
            size=self.typed(size, int, where),
        )

    def ids(self, raw: Json) -> Ids:
        ids = {} if raw is None else self.table(raw, "ids")
        return Ids(**{name: self.optional(ids.get(name), str, f"ids.{name}") for name in Ids.__dataclass_fields__})

    def marks(self, raw: Json) -> tuple[str, ...]:
        return tuple(self.text(mark, "marks") for mark in (self.typed(raw, list, "marks") if raw is not None else ()))

    def headers(self, raw: Json, where: str) -> dict[str, str]:
        """Header names in lower case, so that every reader finds them. Values that are lists are joined."""
        pairs = {} if raw is None else self.table(raw, where)
        return {name.lower(): self.header(value, f"{where}.{name}") for name, value in pairs.items()}

    def header(self, raw: Json, where: str) -> str:
        return ", ".join(self.text(part, where) for part in raw) if isinstance(raw, list) else self.text(raw, where)

    def table(self, raw: Json, where: str) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], self.typed(raw, dict, where))

    def text(self, raw: Json, where: str) -> str:
        return cast(str, self.typed(raw, str, where))

    def seconds(self, raw: Json, where: str) -> float | None:
        if raw is None:
            return None
        number = self.typed(raw, (int, float), where)
        if not 0 <= number < _LONGEST:  # NaN is in no range
            raise TraceFormatError(f"{self.source}: {where}: expected seconds from 0 to {_LONGEST:g}.")
        return float(number)

    def optional(self, raw: Json, kind: type, where: str) -> Any:
        return None if raw is None else self.typed(raw, kind, where)

    def one_of(self, raw: Json, allowed: tuple[Any, ...], where: str) -> Any:
        if not isinstance(raw, str | None) or raw not in allowed:
            raise self.complaint(where, "one of " + ", ".join(str(value) for value in allowed if value), raw)
        return raw

    def typed(self, raw: Json, kind: type | tuple[type, ...], where: str) -> Any:
        if not isinstance(raw, kind) or isinstance(raw, bool):
            raise self.complaint(where, _names(kind), raw)
        return raw

    def complaint(self, where: str, expected: str, raw: Json) -> TraceFormatError:
        return TraceFormatError(f"{self.source}: {where}: expected {expected}, found {_names(type(raw))}.")


_NAMES = {
    dict: "an object",
    list: "a list",
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


def _names(kind: type | tuple[type, ...]) -> str:
    return "a number" if isinstance(kind, tuple) else _NAMES.get(kind, "null")
