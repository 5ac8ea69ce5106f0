"""HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), as browsers, mitmproxy and this toolkit write it.

What this toolkit exports keeps in `_anyclaude` what HAR has no field for: that is a trace again as it was.

An entry's times: `wait` is from the end of the request to the first byte of the answer, `receive` from there to its
last. Bodies are texts, already decoded; those that are no text are in base64. Chrome and mitmproxy write what a
WebSocket carried to `_webSocketMessages`.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from traces import jsonio, redact
from traces.errors import TraceFormatError
from traces.model import Json, Trace
from traces.storage import codec
from traces.storage.foreign import accounts, pieces
from traces.storage.foreign.base import Notes, origin


class Har:
    """A HAR file: also what else a browser fetched is in it, and is passed by."""

    name = "har"
    title = "a HAR file"
    suffixes = (".har", ".json")
    lacks = "the times of the answer's parts"

    def recognises(self, path: Path, head: bytes) -> bool:
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return start.startswith(b"{") and start[1:].lstrip().startswith(b'"log"')

    def read(self, path: Path, notes: Notes) -> Iterator[Trace]:
        """Yield the exchanges with a model."""
        from traces.storage.foreign import pairs  # mitmproxy takes a third of a second to import

        for number, entry in pieces.items(path, "entries", notes):
            match entry:
                case {"request": {"url": str(), "method": str()}, "_anyclaude": dict(ours)}:
                    yield _ours(entry, ours, path)
                case {"request": {"url": str(), "method": str()}}:
                    found = list(pairs.traces(_pair(entry, pairs), path))
                    yield from found
                    notes.others += not found
                case _:
                    notes.skip(f"entry {number}", "it holds no request with a URL")


def _ours(entry: dict[str, Any], kept: dict[str, Any], path: Path) -> Trace:
    """Return the trace that this toolkit exported. Raises TraceFormatError where somebody changed it."""
    request, response = entry["request"], _object(entry.get("response"))
    sent, came = _text_of(_object(request.get("postData"))), _text_of(_object(response.get("content")))
    clean = redact.cleaner(frozenset())
    document = {
        **kept,
        "request": {
            "method": request["method"],
            "url": clean.text(redact.url(request["url"])),
            "headers": clean.headers(dict(_headers(request.get("headers")))),
            "body": clean.value(_value(sent)),
        },
        "response": {
            "statusCode": response.get("status"),
            "headers": clean.headers(dict(_headers(response.get("headers")))),
            "body": clean.value(_value(came)),
        }
        if response.get("status")
        else None,
    }
    try:
        trace = codec.trace_of(document, path)
    except ValueError as error:
        raise TraceFormatError(f"{path}: {error}") from error
    return replace(trace, origin=trace.origin or origin(Har.name, entry.get("startedDateTime"), request["url"], sent))


def _value(data: bytes | None) -> Json:
    """Return the JSON of a body, or its text."""
    if not data:
        return None
    try:
        return jsonio.loads(data)
    except ValueError:
        return data.decode("utf-8", "replace")


def _pair(entry: dict[str, Any], pairs: Any) -> Any:
    request, response = entry["request"], _object(entry.get("response"))
    timings = _object(entry.get("timings"))
    send, wait, receive = (_seconds(timings.get(name)) for name in ("send", "wait", "receive"))
    headers = None if wait is None else (send or 0.0) + wait
    at = accounts.utc(entry.get("startedDateTime"))
    begun = datetime.fromisoformat(at).timestamp() if at else 0.0
    opening = sum(_seconds(timings.get(name)) or 0.0 for name in ("blocked", "dns", "connect"))
    status = response.get("status")
    sent = _text_of(_object(request.get("postData")))
    return pairs.Pair(
        origin=origin(Har.name, entry.get("startedDateTime"), request["url"], sent),
        started=begun + opening,
        method=request["method"],
        url=request["url"],
        request_headers=_headers(request.get("headers")),
        request=sent,
        status=status if isinstance(status, int) and status > 0 else 0,
        response_headers=_headers(response.get("headers")),
        response=_text_of(_object(response.get("content"))),
        headers=headers,
        total=None if headers is None or receive is None else headers + receive,
        error=str(response.get("_error") or "") if response.get("_error") else "",
        messages=tuple(_messages(entry.get("_webSocketMessages"), pairs)),
    )


def _object(value: Json) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _seconds(milliseconds: Json) -> float | None:
    """Return a time; None where it is unknown, or doesn't apply (-1)."""
    known = isinstance(milliseconds, int | float) and not isinstance(milliseconds, bool) and milliseconds >= 0
    return milliseconds / 1000 if known else None  # type: ignore[operator]


def _headers(rows: Json) -> list[tuple[str, str]]:
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [(str(row.get("name", "")), str(row.get("value", ""))) for row in found]


def _text_of(body: dict[str, Any]) -> bytes | None:
    """Return the bytes of a body; None where it isn't in the file: browsers leave out large ones."""
    text = body.get("text")
    if not isinstance(text, str):
        return b"" if body.get("size") == 0 else None
    if body.get("encoding") == "base64":
        try:
            return base64.b64decode(text, validate=False)
        except binascii.Error:
            pass  # it is what it says it isn't
    return text.encode("utf-8", "surrogatepass")


def _messages(rows: Json, pairs: Any) -> Iterator[Any]:
    for row in rows if isinstance(rows, list) else ():
        match row:
            case {"type": "send" | "receive" as way, "data": str(data), "time": int() | float() as at}:
                yield pairs.Message(way == "send", float(at), data.encode("utf-8", "surrogatepass"))
