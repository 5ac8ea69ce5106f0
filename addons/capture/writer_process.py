"""The process that writes traces, so that the one that passes tokens on has its interpreter for itself.

Standard input is a socket: frames come in (a length, a pickled call of `TraceWriter`), a line of JSON goes out for each
thing there is to tell. The other end closes, in whatever way the proxy ended: then what is waiting has been written,
and this process ends.
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
    serve(socket.socket(fileno=0))


def serve(connection: socket.socket) -> None:
    def tell(kind: str, key: str, text: str) -> None:
        with suppress(OSError):  # nobody listens any more; the traces still want to be written
            connection.sendall(json.dumps([kind, key, text]).encode() + b"\n")

    writer = TraceWriter(tell)
    calls: dict[str, Callable[..., None]] = {"begin": writer.begin, "end": writer.end}
    with connection.makefile("rb") as frames:
        while frame := read_frame(frames):
            name, *arguments = pickle.loads(frame)
            calls[name](*arguments)
    writer.close()


def read_frame(frames: BinaryIO) -> bytes:
    """The next frame; nothing at the end, also where that comes in the middle of one."""
    head = frames.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return b""
    size = LENGTH.unpack(head)[0]
    frame = frames.read(size)
    return frame if len(frame) == size else b""
