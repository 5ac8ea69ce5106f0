"""Reads large files piece by piece: the lines of a JSONL file, or the items of a list in a JSON document.

A file may be larger than memory; one line, or one item, may not be larger than `LARGEST_PIECE`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from traces import jsonio
from traces.model import Json
from traces.storage.foreign.base import Notes

LARGEST_PIECE = 192 * 2**20
"""Bytes: both bodies of an exchange, recorded up to 64 MiB each, with room for how JSON or base64 writes them."""

_CHUNK = 2**20


def lines(path: Path, notes: Notes, largest: int = LARGEST_PIECE) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the JSON object in each line, with the line's number from 1. What can't be read goes to the notes."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(largest + 1):
            number += 1
            if len(line) > largest and not line.endswith(b"\n"):
                notes.skip(f"line {number}", f"longer than {largest >> 20} MiB")
                while line and not line.endswith(b"\n"):
                    line = file.readline(_CHUNK)
                continue
            # A client that was killed may have left zeros before what it wrote next.
            if (value := _object(line.strip(b"\0 \t\r\n"), f"line {number}", notes)) is not None:
                yield number, value


def _object(data: bytes, place: str, notes: Notes) -> dict[str, Any] | None:
    if not data:
        return None
    try:
        value: Json = jsonio.loads(data)
    except ValueError as error:
        notes.skip(place, "not JSON" if not isinstance(error, jsonio.TooManyValues) else str(error), data)
        return None
    if not isinstance(value, dict):
        notes.skip(place, "no JSON object", data)
        return None
    return value


_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(")?|[{}\[\]]', re.DOTALL)
"""A string, whole where its group matched, or a bracket: what tells how deep a document is at a place."""


def items(path: Path, name: str, notes: Notes, largest: int = LARGEST_PIECE) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each object in the first list with this name in a JSON document, with its number from 1."""
    found = re.compile(rb'"' + name.encode() + rb'"\s*:\s*\[')
    with path.open("rb") as file:
        buffer = b""
        while (start := found.search(buffer)) is None:
            chunk = file.read(_CHUNK)
            if not chunk:
                notes.skip("the document", f'it holds no list "{name}"')
                return
            buffer = buffer[-len(name) - 64 :] + chunk
        for number, data in enumerate(_items(buffer[start.end() :], file, notes, largest), 1):
            if data is not None and (value := _object(data, f"entry {number}", notes)) is not None:
                yield number, value


def _items(buffer: bytes, file: BinaryIO, notes: Notes, largest: int) -> Iterator[bytes | None]:
    """Yield the bytes of each item; None for one that is too large. `buffer` is what follows the opening bracket."""
    depth, begin, at, number, is_dropped = 0, 0, 0, 1, False
    while True:
        token = _TOKEN.search(buffer, at)
        if token is None or (token[0][:1] == b'"' and not token[1]):
            seen = token.start() if token else len(buffer)
            if depth and seen - begin > largest and not is_dropped:
                notes.skip(f"entry {number}", f"longer than {largest >> 20} MiB")
                is_dropped = True
            kept = begin if depth and not is_dropped else seen
            more = file.read(max(_CHUNK, len(buffer) - kept))
            if not more:
                if depth:
                    notes.skip(f"entry {number}", "the file ends within it", buffer[begin : begin + 100])
                else:
                    notes.skip(f"entry {number}", "the file ends before the list does")
                return
            buffer, begin, at = buffer[kept:] + more, 0, seen - kept
            continue
        at = token.end()
        if token[0] in (b"{", b"["):
            begin = begin if depth else token.start()
            depth += 1
        elif token[0] in (b"}", b"]"):
            if depth == 0:
                return
            depth -= 1
            if depth == 0:
                if at - begin > largest and not is_dropped:
                    notes.skip(f"entry {number}", f"longer than {largest >> 20} MiB")
                    is_dropped = True
                yield None if is_dropped else buffer[begin:at]
                number, is_dropped = number + 1, False
