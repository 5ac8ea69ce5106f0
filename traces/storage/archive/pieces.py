"""A trace's file -> what of it other files repeat, and what is its own.

The places of the parts of a request are found by writing each again, and are used only where that gives the same bytes:
so whatever a file holds, it can be put together again.
"""

from collections.abc import Iterator
from typing import NamedTuple

from traces import jsonio
from traces.model import Json

LISTS = ("messages", "system", "tools", "input")
"""The fields of a request whose items are repeated by later ones."""

SHORTEST = 64
"""Bytes of a part that is worth an entry of its own."""


class Piece(NamedTuple):
    """Bytes of a file, and whether other files may repeat them."""

    data: bytes
    is_shared: bool


def split(data: bytes) -> list[Piece]:
    """Return the pieces of a trace's file; joined, they are the file."""
    pieces, start = [], 0
    for begin, end in sorted(_parts(data)):
        if begin < start:
            continue  # found within another one
        if start < begin:
            pieces.append(Piece(data[start:begin], False))
        pieces.append(Piece(data[begin:end], True))
        start = end
    return [*pieces, Piece(data[start:], False)] if start < len(data) else pieces


def _parts(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield beginning and end of each part of the request."""
    body = _body(data)
    for name in LISTS:
        items = body.get(name)
        if not isinstance(items, list) or not items:
            continue
        before = f'"{name}":['.encode()
        at = data.find(before + jsonio.dumps(items[0])) + len(before)
        if at < len(before):
            continue
        for number, item in enumerate(items):
            at += 1 if number else 0  # the comma
            part = jsonio.dumps(item)
            if not data.startswith(part, at):
                break
            if len(part) >= SHORTEST:
                yield at, at + len(part)
            at += len(part)


def _body(data: bytes) -> dict[str, Json]:
    """Return the request's body; an empty one where there is none, or none can be found."""
    start = data.find(b'\n"request":')
    end = data.find(b"\n", start + 1)
    try:
        request = jsonio.loads(b"{" + data[start:end].rstrip(b",") + b"}") if 0 <= start < end else None
        body = request["request"]["body"] if isinstance(request, dict) else None
        return body if isinstance(body, dict) else {}
    except (ValueError, KeyError, TypeError):
        return {}
