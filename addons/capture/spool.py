"""The spool: where the proxy leaves what it recorded for the writer, in memory of the system's that outlives both.

It is a row of segments, files without a name. The proxy appends frames to the last one, each of a head (plain values)
and a body (bytes as they are), and never waits for a reader. Writer and proxy have a handle each: what was appended is
read though the proxy is killed, and read again though the writer is.
"""

import os
import pickle
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

IN_MEMORY, ON_DISK = 4 * 2**20, 64 * 2**20
"""Bytes after which another segment begins. One is given back when nothing in it is needed any more."""

_START = struct.Struct("!IQB")  # bytes of the head, bytes of the body, tries
_TRIES_AT = _START.size - 1


class Segment:
    """A file without a name, which is closed when nothing refers to it any more."""

    def __init__(self, handle: int, room: int = IN_MEMORY) -> None:
        self.handle = handle
        self.room = room
        self.size = 0  # bytes of what was appended, or of the frames that were read

    def __del__(self) -> None:
        os.close(self.handle)

    @classmethod
    def create(cls, in_memory: bool) -> "Segment":
        """Return a new segment: in memory if that is asked for and the system can, else in a temporary file."""
        if in_memory and hasattr(os, "memfd_create"):
            return cls(os.memfd_create("anyclaude"))
        with tempfile.TemporaryFile() as file:
            return cls(os.dup(file.fileno()), ON_DISK)

    def append(self, head: tuple[Any, ...], body: bytes | memoryview = b"") -> int:
        """Append a frame; return where. Raises OSError where there is no room."""
        plain = pickle.dumps(head, protocol=5)
        start = _START.pack(len(plain), len(body), 0) + plain
        at = self.size
        try:
            self._write(start, at)
            self._write(body, at + len(start))
        except OSError:
            os.ftruncate(self.handle, at)
            raise
        self.size += len(start) + len(body)
        return at

    def frames(self) -> Iterator["Frame"]:
        """Yield the frames that have been appended since the last call."""
        end = os.fstat(self.handle).st_size
        while self.size + _START.size <= end and (frame := self.frame(self.size)).end <= end:
            self.size = frame.end
            yield frame

    def frame(self, at: int) -> "Frame":
        """Return the frame that begins here; it may not be whole yet, or never be, if the proxy was killed."""
        head, body, _ = _START.unpack(self.read(at, _START.size))
        start = at + _START.size
        return Frame(self, at, start, start + head, start + head + body)

    def read(self, at: int, size: int) -> bytes:
        """Return bytes that were appended."""
        pieces = []
        while size and (piece := os.pread(self.handle, size, at)):
            pieces.append(piece)
            at, size = at + len(piece), size - len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def write_byte(self, at: int, value: int) -> None:
        """Replace one byte of what was appended."""
        os.pwrite(self.handle, bytes([value]), at)

    def _write(self, data: bytes | memoryview, at: int) -> None:
        done = os.pwrite(self.handle, data, at)
        while done < len(data):
            done += os.pwrite(self.handle, memoryview(data)[done:], at + done)


@dataclass(frozen=True, slots=True)
class Frame:
    """What was appended at once, by its places in the segment, where it stays until it is asked for."""

    segment: Segment
    at: int
    head_at: int
    body_at: int
    end: int

    @property
    def size(self) -> int:
        """Return the bytes of the body."""
        return self.end - self.body_at

    def head(self) -> Any:
        """Return the head."""
        return pickle.loads(self.segment.read(self.head_at, self.body_at - self.head_at))  # noqa: S301 - the proxy's own

    def body(self) -> bytes:
        """Return the body."""
        return self.segment.read(self.body_at, self.size)

    def count_try(self) -> int:
        """Count a try to write what is in the frame; return how many there were. The count outlives the writer."""
        tries = self.segment.read(self.at + _TRIES_AT, 1)[0] + 1
        self.segment.write_byte(self.at + _TRIES_AT, min(tries, 255))
        return tries
