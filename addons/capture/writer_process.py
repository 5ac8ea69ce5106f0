"""The process that writes traces, so that the one that passes tokens on has its interpreter for itself.

Standard input is a socket: frames come in (a length, a pickled call of `TraceWriter`), a line of JSON goes out for each
report. When the proxy ends, in whatever way, the other end closes: this process writes what is waiting, and ends.
"""

import json
import pickle
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from addons.capture.writer import TraceWriter

LENGTH = struct.Struct("!Q")


def main() -> None:
    """Serve the proxy that started this process, over its standard input."""
    serve(socket.socket(fileno=0))


def serve(connection: socket.socket) -> None:
    """Make the calls that arrive, until the other end closes, and send back what the writer reports."""

    def report(kind: str, key: str, text: str) -> None:
        with suppress(OSError):  # nobody listens any more; the traces still want to be written
            connection.sendall(json.dumps([kind, key, text]).encode() + b"\n")

    writer = TraceWriter(report)
    calls: dict[str, Callable[..., None]] = {"begin": writer.begin, "end": writer.end}
    with connection.makefile("rb") as frames:
        while frame := read_frame(frames):
            name, *arguments = pickle.loads(frame)  # noqa: S301 - from the proxy, over a socket pair of its own
            calls[name](*arguments)
    writer.close()


def read_frame(frames: BinaryIO) -> bytes:
    """Return the next frame; nothing at the end, also where that comes in the middle of a frame."""
    head = frames.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return b""
    size = LENGTH.unpack(head)[0]
    frame = frames.read(size)
    return frame if len(frame) == size else b""
