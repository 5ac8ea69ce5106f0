"""What the proxy changed between client and server: notes, the times of both sides, and the parts that were sent."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from traces.content.part import Part
from traces.content.parts import parts
from traces.dialects import DEFAULT, FORMATS, dialect_of
from traces.dialects.translation.notes import Notes
from traces.model import Exchange, Json, Trace, Upstream
from traces.servers import identify
from ui.sections import Line, Section

TIMES = {"headers": "Headers", "ttft": "Time to First Token", "total": "Total Time"}
"""The times that are compared, and their names."""


def section(trace: Trace) -> Iterator[Section]:
    """Yield the section on what was changed, where anything was."""
    if trace.upstream:
        yield Section("ON THE WAY (the server got something else than what the client sent)", list(_lines(trace)))


def _lines(trace: Trace) -> Iterator[Line]:
    upstream = trace.upstream
    assert upstream is not None
    server = upstream.exchange
    yield Line("Sent To", server.request.url)
    yield Line("Answered", f"{server.response.status}" if server.response else None)
    if server.error:
        yield Line("Server's State", f"{server.state}: {server.error.message}")
    for number, change in enumerate(upstream.changes, 1):
        yield Line(f"Change {number}", change)
    for name, title in TIMES.items():
        at_client, at_server = getattr(trace.timing, name), getattr(server.timing, name)
        if at_server is not None:
            late = "" if at_client is None else f"from the server; {at_client:.3f} s at the client"
            yield Line(title, at_server, "s", note=late)


def document(upstream: Upstream | None) -> dict[str, Any] | None:
    """Return what was changed as JSON; times in seconds since the request went out to the server."""
    if upstream is None:
        return None
    server = upstream.exchange
    return {
        "url": server.request.url,
        "status": server.response.status if server.response else None,
        "state": server.state,
        "error": {"kind": server.error.kind, "message": server.error.message} if server.error else None,
        "changes": list(upstream.changes),
        "timing": asdict(server.timing),
    }


def sent_parts(trace: Trace, known: Sequence[Part]) -> list[Part]:
    """Return the parts of the request that the server got, read as one of the client's format.

    What is as the client sent it is the same part as in `known`, wherever it stands.
    """
    if trace.upstream is None:
        return []
    exchange = trace.upstream.exchange
    answered = exchange.response.headers if exchange.response else {}
    found = parts(_as_common(exchange), identify(exchange.mode, answered))
    same = {_without_place(part): part for part in reversed(known)}
    return [same.get(_without_place(part), part) for part in found]


def _without_place(part: Part) -> Part:
    return part._replace(index=0)


def _as_common(exchange: Exchange) -> Json:
    """Return a request in Anthropic's format, where it can be written so: then its tools and blocks can be compared."""
    body = exchange.request.body
    dialect = dialect_of(exchange.request.url)
    if dialect in (None, DEFAULT) or not isinstance(body, dict):
        return body
    try:
        return FORMATS[dialect].to_common(body, Notes())
    except (AttributeError, KeyError, TypeError, ValueError):
        return body
