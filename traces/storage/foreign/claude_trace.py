"""claude-trace's logs: `.claude-trace/log-<time>.jsonl`, and the page beside it that holds the same.

A line has a `request`, and a `response` with its headers' time of arrival and its body: JSON, or the text of a stream.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from traces import jsonio
from traces.errors import TraceFormatError
from traces.model import Json, Trace
from traces.storage.foreign import pieces
from traces.storage.foreign.base import Notes, origin

_DATA = re.compile(rb"atob\('([A-Za-z0-9+/=]+)'\)")


class ClaudeTrace:
    """A log of claude-trace."""

    name = "claude-trace"
    title = "claude-trace's log"
    suffixes = (".jsonl",)
    lacks = "the times of the answer's parts, and its end"

    def recognises(self, path: Path, head: bytes) -> bool:
        return re.match(rb'\s*\{\s*"request"\s*:\s*\{\s*"timestamp"\s*:\s*[\d.]+\s*,\s*"method"', head) is not None

    def read(self, path: Path, notes: Notes) -> Iterator[Trace]:
        """Yield the exchanges with a model."""
        yield from _read(path, ((f"line {number}", record) for number, record in pieces.lines(path, notes)), notes)


class ClaudeTracePage:
    """A page of claude-trace, in which the same is written as base64."""

    name = ClaudeTrace.name
    title = "claude-trace's page"
    suffixes = (".html",)
    lacks = ClaudeTrace.lacks

    def recognises(self, path: Path, head: bytes) -> bool:
        return b"window.claudeData" in head

    def read(self, path: Path, notes: Notes) -> Iterator[Trace]:
        """Yield the exchanges with a model. Raises TraceFormatError where the page doesn't hold any data."""
        size = path.stat().st_size
        if size > pieces.LARGEST_PIECE:
            raise TraceFormatError(f"{path}: larger than {pieces.LARGEST_PIECE >> 20} MiB. Use the .jsonl beside it.")
        found = _DATA.search(path.read_bytes())
        try:
            data: Json = jsonio.loads(base64.b64decode(found[1])) if found else None
        except ValueError as error:
            raise TraceFormatError(f"{path}: The data in this page can't be read: {error}") from error
        pairs = data.get("rawPairs") if isinstance(data, dict) else None
        if not isinstance(pairs, list):
            raise TraceFormatError(f"{path}: This page holds no exchanges of claude-trace's.")
        yield from _read(path, ((f"pair {number}", pair) for number, pair in enumerate(pairs, 1)), notes)


def _read(path: Path, records: Iterable[tuple[str, Json]], notes: Notes) -> Iterator[Trace]:
    from traces.storage.foreign import pairs  # mitmproxy takes a third of a second to import

    for place, record in records:
        match record:
            case {"request": {"url": str(url), "timestamp": int() | float() as started} as request, **rest}:
                found = list(pairs.traces(_pair(request, url, started, rest.get("response"), pairs), path))
                yield from found
                notes.others += not found
            case _:
                notes.skip(place, "no request of claude-trace's", jsonio.dumps(record)[:200])


def _pair(request: dict[str, Any], url: str, started: float, response: Json, pairs: Any) -> Any:
    answer = response if isinstance(response, dict) else {}
    came, status = answer.get("timestamp"), answer.get("status_code")
    sent = pairs.body(request.get("body"))
    return pairs.Pair(
        origin=origin(ClaudeTrace.name, url, started, sent),
        started=started,
        method=str(request.get("method", "POST")),
        url=url,
        request_headers=pairs.header_list(request.get("headers")),
        request=sent,
        status=status if isinstance(status, int) else 0,
        response_headers=pairs.header_list(answer.get("headers")),
        response=pairs.body(answer.get("body_raw", answer.get("body"))),
        headers=came - started if isinstance(came, int | float) and came >= started else None,
        error="" if answer else "The log holds no answer: server or client broke off.",
    )
