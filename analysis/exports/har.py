"""Exchanges as a HAR 1.2 file, which browsers, proxies and HTTP clients open. Each session is a page.

A trace holds a stream as the message assembled from it, and its events by time, type and size: so the content of a
streamed answer is that message as JSON, and says so in its comment. What HAR has no field for is in `_anyclaude` of
each entry, as a trace's file has it: ids, measured times, failure, marks, and the events of the stream.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qsl

from analysis.exports.recorded import Recorded, clean, recorded
from traces import jsonio, raw_body, redact
from traces.model import Json, Raw, Request, Response, Trace
from traces.sessions.grouping import Session
from traces.storage import codec

Fields = dict[str, Any]

UNKNOWN_TIME = "1970-01-01T00:00:00.000Z"
"""HAR demands a time of each entry."""

ASSEMBLED = "The message assembled from a stream of {} events; the text of the stream isn't recorded."
UNMEASURED = "Its times weren't measured."
UNENDED = "When its answer ended wasn't measured: its time is until the headers."
UNFINISHED = "The time of its headers wasn't measured: all of it counts as waiting."

_ALREADY_IN_HAR = ("request", "response", "upstream")
_UNKNOWN_PHASES = {"blocked": -1, "dns": -1, "connect": -1, "ssl": -1}


def pieces(sessions: Sequence[Session]) -> Iterator[bytes]:
    """Yield a HAR file of the sessions' exchanges."""
    creator = {"name": "anyclaude-toolkit", "version": version("anyclaude-toolkit")}
    head = jsonio.dumps({"version": "1.2", "creator": creator, "pages": list(map(_page, sessions))})
    yield b'{"log":' + head[:-1] + b',"entries":['
    for number, one in enumerate(recorded(sessions)):
        yield b",\n" if number else b"\n"
        yield jsonio.dumps(entry(one))
    yield b"\n]}}\n"


def entry(one: Recorded) -> Fields:
    """Return an exchange as an entry of a HAR file."""
    trace = one.trace
    timings, remark = _timings(trace)
    first, rest = codec.document(trace)
    beside = {name: value for name, value in rest.items() if name not in _ALREADY_IN_HAR}
    return {
        "pageref": one.session.id,
        "startedDateTime": trace.timestamp or UNKNOWN_TIME,
        "time": round(sum(time for time in timings.values() if time > 0), 3),
        "request": _request(trace.request),
        "response": _response(trace),
        "cache": {},
        "timings": timings,
        **({"comment": remark} if remark else {}),
        "_anyclaude": clean({**first, **beside, "turn": one.place.number, "agent": one.place.agent}),
    }


def _page(session: Session) -> Fields:
    return {
        "startedDateTime": session.turns[0].timestamp or UNKNOWN_TIME,
        "id": session.id,
        "title": f"Session {session.short_id}",
        "pageTimings": {"onContentLoad": -1, "onLoad": -1},
    }


def _timings(trace: Trace) -> tuple[dict[str, float], str]:
    """Return the phases in milliseconds, and what is to be said of them. HAR has no unknown `wait` or `receive`."""
    headers, total = trace.timing.headers, trace.timing.total
    known = [at for at in (headers, total) if at is not None]
    wait = known[0] if known else 0.0
    receive = max(known[-1] - wait, 0.0) if known else 0.0
    remark = UNMEASURED if not known else UNFINISHED if headers is None else UNENDED if total is None else ""
    return {**_UNKNOWN_PHASES, "send": 0, "wait": round(1000 * wait, 3), "receive": round(1000 * receive, 3)}, remark


def _request(request: Request) -> Fields:
    text = _text(request.body, request.raw)
    sent = {} if text is None else {"postData": {"mimeType": _mime_type(request.headers), "text": text}}
    url = redact.cleaner(frozenset()).text(redact.url(request.url))
    return {
        "method": request.method,
        "url": url,
        **_message(request.headers),
        "queryString": _pairs(parse_qsl(url.partition("?")[2].partition("#")[0], keep_blank_values=True)),
        "bodySize": _size(text),
        **sent,
    }


def _response(trace: Trace) -> Fields:
    response = trace.response or Response(0, {}, None)
    text = _text(response.body, response.raw)
    is_assembled = bool(trace.events) and not isinstance(response.body, str)
    mime_type = "application/json" if is_assembled else _mime_type(response.headers)
    content: Fields = {"size": max(_size(text), 0), "mimeType": mime_type}
    if text is not None:
        content["text"] = text
    if is_assembled:
        content["comment"] = ASSEMBLED.format(len(trace.events))
    failure = {"_error": f"{trace.error.kind}: {trace.error.message}"} if trace.error else {}
    return {
        "status": response.status,
        "statusText": "",
        **_message(response.headers),
        "content": content,
        "redirectURL": response.headers.get("location", ""),
        "bodySize": -1,  # as it came, perhaps compressed: not recorded
        **failure,
    }


def _message(headers: Mapping[str, str]) -> Fields:
    """Return what requests and responses share. Cookies are secrets; the version of HTTP isn't recorded."""
    named = _pairs(redact.cleaner(frozenset()).headers(headers).items())
    return {"httpVersion": "unknown", "cookies": [], "headers": named, "headersSize": -1}


def _pairs(pairs: Any) -> list[Fields]:
    return [{"name": name, "value": value} for name, value in pairs]


def _mime_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "x-unknown")


def _text(body: Json, raw: Raw | None) -> str | None:
    """Return a body as it was sent where that is known, else as compact JSON; None where there is none."""
    if body is None:
        return None
    cleaned = clean(body)
    written = raw_body.rebuild(body, raw) if raw and cleaned == body else None
    if written is None:
        written = cleaned.encode("utf-8", "replace") if isinstance(cleaned, str) else jsonio.dumps(cleaned)
    return written.decode("utf-8", "replace")


def _size(text: str | None) -> int:
    """Return the bytes of a text; -1, HAR's unknown, where there is none."""
    return -1 if text is None else len(text.encode("utf-8", "replace"))
