"""The channel from the proxy to the writer's process: a spool that both have, and a socket between them.

Converting and writing an exchange costs as much processor time as passing it on. In a thread that time would be taken
from the event loop, and so from the tokens of every stream. What was handed over is the system's to keep: it is written
though the proxy is killed, and written by another process if the writer is.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from addons.capture.handover import Begun, Body, Ended, Plain, values
from addons.capture.spool import Segment
from addons.capture.writer import LARGE, Report

LOOK = b"."
"""Wakes the writer; the handle of a segment comes with one, too."""

PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from addons.capture.writer_process import main; main()"
REPOSITORY = Path(__file__).resolve().parents[2]

CLOSE_TIMEOUT = 30.0
"""Seconds that the proxy waits at its end for what isn't written yet. The writer goes on after that."""

LARGE_TIMEOUT = 10.0
"""The same where a large exchange is among that: on a busy machine it alone may take longer."""

MEMORY = 256 * 2**20
"""Bytes that may wait in memory for the writer; what comes on top waits in temporary files."""

NICENESS = 10

MOST_DEATHS = 10
"""So many writers in a row may end before they are ready: then none can work here."""

PAUSE = 0.1
"""Seconds between two looks at what the writer reports, and two calls for it to look: not one for each exchange."""

GENTLE = 1.0
"""Seconds at the proxy's end after which a writer of low priority makes way for one of normal priority."""


@dataclass(slots=True)
class _Unsaved:
    """An exchange that the writer hasn't written whole: where it lies in the spool, and the file chosen for it."""

    places: list[tuple[Segment, int]] = field(default_factory=list)
    path: str = ""
    size: int = 0


class ProcessChannel:
    """A channel to a writer in a process of its own."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._unsaved: dict[str, _Unsaved] = {}
        self._size = 0  # bytes of all that is unsaved
        self._deaths = 0
        self._can_write = False
        self._call: asyncio.TimerHandle | None = None
        self._segment: Segment  # the last one, to which is appended
        self._untold: deque[Segment]  # that the writer hasn't been sent
        self._start_writer()

    def begin(self, key: str, begun: Begun, body: Body) -> None:
        """Hand over a request."""
        if self._can_write:
            self._unsaved[key] = _Unsaved()
            self._append(key, ("begin", key, body is not None, *values(begun)), body)

    def end(self, key: str, ended: Ended, body: Body) -> None:
        """Hand over what came of it."""
        if key in self._unsaved:
            self._append(key, ("end", key, body is not None, *values(ended)), body)
        else:
            self._report("lost", key, "Its request couldn't be handed over.")

    def close(self) -> None:
        """Wait until everything is written, but no longer than `CLOSE_TIMEOUT`, and report it."""
        start = time.monotonic()
        is_large = any(unsaved.size > LARGE for unsaved in self._unsaved.values())
        until = start + (LARGE_TIMEOUT if is_large else CLOSE_TIMEOUT)
        if self._call:
            self._call.cancel()
        if self._can_write and not self._finish(start + GENTLE):
            if time.monotonic() < start + GENTLE:
                self._on_writer_gone(hurry=True)
            else:
                self._end_writer()
                self._start_writer(hurry=True)
        while self._can_write and not self._finish(until):
            if time.monotonic() > until:
                self._report("unfinished", "", str(len(self._unsaved)))
                break
            self._on_writer_gone(hurry=True)
        self._socket.close()

    def _append(self, key: str, head: Plain, body: Body) -> None:
        unsaved, size = self._unsaved[key], len(body or b"")
        try:
            if self._segment.size >= self._segment.room:
                self._segment = Segment.create(in_memory=self._size + size < MEMORY)
                self._untold.append(self._segment)
                self._tell()
            unsaved.places.append((self._segment, self._segment.append(head, body or b"")))
        except OSError as error:
            self._forget(key)
            self._report("delayed" if head[0] == "begin" else "lost", key, f"The spool: {error.strerror}")
        else:
            unsaved.size += size
            self._size += size
            if self._call is None:
                self._call = self._loop.call_later(PAUSE, self._call_writer)

    def _forget(self, key: str) -> None:
        if unsaved := self._unsaved.pop(key, None):
            self._size -= unsaved.size

    def _call_writer(self) -> None:
        self._call = None
        self._tell(LOOK)

    def _end_writer(self) -> None:
        """End a writer, with what it has started."""
        self._stop_listening()
        self._socket.close()
        with suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _start_writer(self, hurry: bool = False) -> None:
        """Start a writer, and hand it what an earlier one left."""
        try:
            self._socket, theirs = socket.socketpair()
            self._socket.setblocking(False)
            with theirs:
                self._segment = self._with_what_is_left(theirs, 0 if hurry else NICENESS)
        except OSError:
            self._fail()
            return
        self._untold = deque([self._segment])
        self._can_write, self._is_ready = True, False
        self._incomplete_line = b""
        self._tell()
        self._listen()

    def _with_what_is_left(self, theirs: socket.socket, niceness: int) -> Segment:
        """Start a process at the other end, and return a segment that tells it what is left, and where."""
        places = (segment for unsaved in self._unsaved.values() for segment, _ in unsaved.places)
        earlier = {segment: number for number, segment in enumerate(dict.fromkeys(places))}
        handles = [segment.handle for segment in earlier]
        told = Segment.create(in_memory=self._size < MEMORY)
        for unsaved in self._unsaved.values():
            told.append(("left", unsaved.path, [(earlier[segment], at) for segment, at in unsaved.places]))
        self._process = subprocess.Popen(
            # -P: nothing of the user's folder is imported
            [sys.executable, "-P", "-c", PROGRAM, str(REPOSITORY), str(niceness), *map(str, handles)],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=handles,
            start_new_session=True,  # what ends the proxy, Ctrl-C for example, isn't meant for the writer
        )
        return told

    def _tell(self, word: bytes = b"") -> None:
        """Send the writer what it hasn't been sent. What it can't take now it gets the next time."""
        with suppress(OSError):  # if it is gone, `_receive` notices
            while self._untold:
                socket.send_fds(self._socket, [LOOK], [self._untold[0].handle])
                self._untold.popleft()
            if word:
                self._socket.send(word)

    def _listen(self) -> None:
        self._loop.add_reader(self._socket, self._receive)
        self._pause: asyncio.TimerHandle | None = None

    def _stop_listening(self) -> None:
        self._loop.remove_reader(self._socket)
        if self._pause:
            self._pause.cancel()

    def _receive(self) -> None:
        """Read what the writer has reported, and no more for a while."""
        self._stop_listening()
        try:
            while data := self._socket.recv(2**16):
                self._on_data(data)
        except BlockingIOError:
            self._pause = self._loop.call_later(PAUSE, self._listen)
            return
        except OSError:
            pass
        self._on_writer_gone()

    def _finish(self, until: float) -> bool:
        """Wait for the writer's end; return whether everything is written by then."""
        self._stop_listening()
        with suppress(OSError):
            self._tell()
            self._socket.shutdown(socket.SHUT_WR)
            while (left := until - time.monotonic()) > 0:
                self._socket.settimeout(left)
                if data := self._socket.recv(2**16):
                    self._on_data(data)
                else:
                    self._process.wait()
                    return not self._unsaved
        return False

    def _on_data(self, data: bytes) -> None:
        *lines, self._incomplete_line = (self._incomplete_line + data).split(b"\n")
        for line in lines:
            kind, key, text = json.loads(line)
            if kind == "ready":
                self._is_ready, self._deaths = True, 0
            elif kind == "named":
                self._unsaved[key].path = text
            else:
                if kind != "delayed":
                    self._forget(key)
                self._report(kind, key, text)

    def _on_writer_gone(self, hurry: bool = False) -> None:
        """Start another writer, unless none can work here."""
        self._end_writer()
        self._deaths += 1
        if self._is_ready:
            self._report("gone", "", "")
        if self._deaths < MOST_DEATHS:
            self._start_writer(hurry)
        else:
            self._fail()

    def _fail(self) -> None:
        self._can_write = False
        self._unsaved.clear()
        self._report("failed", "", "")
