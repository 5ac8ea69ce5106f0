"""Streams in `tests/data/streams`, and how they are read here. A file's name begins with its dialect."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from traces.dialects import FORMATS
from traces.dialects.base import Stream
from traces.dialects.sse import ServerEvent, SseParser

FOLDER = Path(__file__).parents[1] / "data" / "streams"


def files(dialect: str = "*") -> list[Path]:
    return sorted(FOLDER.glob(f"{dialect}-*.sse"))


def chunked(body: bytes, *cuts: int) -> list[bytes]:
    """Return the body in pieces, cut at these positions."""
    return [body[start:end] for start, end in zip((0, *cuts), (*cuts, len(body)), strict=True)]


def parse(chunks: Iterable[bytes]) -> list[ServerEvent]:
    parser = SseParser()
    return [event for chunk in chunks for event in parser.feed(chunk)] + parser.close()


def read(name: str, chunks: Iterable[bytes] | None = None) -> Stream:
    """Read a file, or other bytes instead, in the API format that its name begins with."""
    stream = FORMATS[name.partition("-")[0]].stream()
    for event in parse([(FOLDER / f"{name}.sse").read_bytes()] if chunks is None else chunks):
        stream.feed(event, at=None)
    return stream


def message(name: str) -> Any:
    return read(name).message()


def wire(name: str) -> list[tuple[str, str | None, int]]:
    """Return the events of a file's stream, in order: of each its kind, its content and its size."""
    return [(event.kind, event.content, event.size) for event in read(name).events]
