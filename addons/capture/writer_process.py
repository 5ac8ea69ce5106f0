"""The process that writes traces, so that the one that passes tokens on has its interpreter for itself.

Standard input is a socket. Over it the proxy sends the segments of the spool, and a byte when this process should look
into the last one; a line of JSON goes back for each report. When the proxy ends, in whatever way, the other end closes:
this process writes what is waiting, and ends.
"""

import json
import os
import select
import socket
import sys
import time
from collections import deque
from contextlib import suppress
from functools import partial
from pathlib import Path

from addons.capture.aside import Aside
from addons.capture.backlog import Backlog, Waiting
from addons.capture.spool import Frame, Segment
from addons.capture.writer import is_large, write

GLANCE = 0.25
"""Seconds between two looks into the spool while answers are under way: the proxy doesn't call for each."""

MOST_TRIES = 5
"""So many writers may die over an exchange; then it is lost."""


def main() -> None:
    """Serve the proxy that started this process.

    The arguments are how nice to be, and the handles of segments that an earlier writer left.
    """
    niceness, *handles = map(int, sys.argv[2:])
    if niceness:
        _lower_priority(niceness)
    Writer(socket.socket(fileno=0), list(map(Segment, handles))).serve()


class Writer:
    """Writes what comes into the spool, until the proxy has closed the connection and nothing waits."""

    def __init__(self, connection: socket.socket, earlier: list[Segment]) -> None:
        self._connection = connection
        self._earlier = earlier
        self._segments: deque[Segment] = deque()  # that aren't read to their end; only the last one grows
        self._backlog = Backlog()
        self._aside = Aside(connection.close)

    def serve(self) -> None:
        """Write until there is nothing more to come."""
        self._report("ready", "", "")
        while True:
            self._read_spool()
            waiting = self._backlog.next(time.monotonic())
            if waiting:
                self._write(waiting)
            elif self._backlog.is_closing and not self._aside.pipes:
                return
            self._listen(0.0 if waiting else self._pause())

    def _pause(self) -> float | None:
        delay = self._backlog.delay(time.monotonic())
        return None if delay is None else min(delay, GLANCE)

    def _listen(self, timeout: float | None) -> None:
        """Wait for the proxy, or for what is written aside."""
        proxy = [] if self._backlog.is_closing else [self._connection.fileno()]
        ready, _, _ = select.select([*proxy, *self._aside.pipes], [], [], timeout)
        if self._connection.fileno() in ready:
            self._backlog.is_closing = not self._hear_proxy()
        if again := self._aside.hear(ready):
            self._write(again)

    def _hear_proxy(self) -> bytes:
        """Take a segment, or only a word; return nothing at the end."""
        try:
            data, handles, _, _ = socket.recv_fds(self._connection, 2**12, 1)
        except ConnectionError:
            return b""
        self._segments += map(Segment, handles)
        return data

    def _read_spool(self) -> None:
        while self._segments:
            for frame in self._segments[0].frames():
                self._take(frame)
            if len(self._segments) == 1:
                return
            self._segments.popleft()

    def _take(self, frame: Frame, path: str = "") -> None:
        match frame.head():
            case ("begin", key, *_):
                self._backlog.begin(key, frame, time.monotonic(), path)
            case ("end", key, *_):
                self._backlog.end(key, frame, time.monotonic())
            case ("left", path, places):  # an exchange that an earlier writer hasn't written whole
                for number, at in places:
                    self._take(self._earlier[number].frame(at), path)

    def _write(self, waiting: Waiting) -> None:
        report = partial(self._note, waiting)
        if waiting.begun.count_try() > MOST_TRIES:
            report("broken", waiting.key, f"{MOST_TRIES} processes ended while they wrote one exchange.")
        elif is_large(work := waiting.work()):
            self._aside.add(waiting, report)
        else:
            write(work, report)

    def _note(self, waiting: Waiting, kind: str, key: str, text: str) -> None:
        if kind == "named":
            waiting.path = Path(text)
        self._report(kind, key, text)

    def _report(self, kind: str, key: str, text: str) -> None:
        with suppress(OSError):  # nobody listens any more; the traces still want to be written
            self._connection.sendall(json.dumps([kind, key, text]).encode() + b"\n")


def _lower_priority(niceness: int) -> None:
    """Let whatever else runs go first, as far as the system can be told."""
    os.nice(niceness)
    with suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    with suppress(OSError):  # Linux may share out the processor by session first, and this is one of its own
        Path("/proc/self/autogroup").write_text(str(niceness))
