"""The channel from the proxy to the writer, which is a process of its own, or a thread where there can be none.

Converting and writing an exchange costs as much processor time as passing it on. In a thread that time is taken from
the event loop, and so from the tokens of every stream.
"""

import asyncio
import json
import pickle
import socket
import subprocess
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from addons.capture.writer import Report, TraceWriter
from addons.capture.writer_process import LENGTH

PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from addons.capture.writer_process import main; main()"
REPOSITORY = Path(__file__).resolve().parents[2]
CLOSE_TIMEOUT = 30.0
"""Seconds that the writer gets for what is still waiting when the proxy stops."""

BUFFER = 4 * 2**20


class Channel(Protocol):
    """Passes calls on to a `TraceWriter`, in order; what that reports is reported in the event loop."""

    def call(self, name: str, key: str, *arguments: Any) -> None:
        """Call the writer's method of this name; `key` names the exchange.

        Where the writer is gone, the exchange is reported as lost, at once.
        """

    def close(self) -> None:
        """Wait until all calls have been made, and report what the writer has reported by then."""


def open_channel(report: Report) -> Channel:
    """Return a channel to a new writer. Must be called in the event loop."""
    has_python = not getattr(sys, "frozen", False)  # mitmproxy's standalone binaries can't start another Python
    return ProcessChannel(report) if has_python and hasattr(socket, "AF_UNIX") else ThreadChannel(report)


class ThreadChannel:
    """A channel to a writer in a thread of this process."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trace writer")
        self._writer = TraceWriter(self._pass_on)
        self._reports: deque[tuple[str, str, str]] = deque()

    def call(self, name: str, key: str, *arguments: Any) -> None:
        self._thread.submit(getattr(self._writer, name), key, *arguments)

    def close(self) -> None:
        self._thread.shutdown(wait=True)
        self._writer.close()
        self._report_all()  # the loop waits here, and won't turn again

    def _pass_on(self, kind: str, key: str, text: str) -> None:
        self._reports.append((kind, key, text))
        self._loop.call_soon_threadsafe(self._report_all)

    def _report_all(self) -> None:
        while self._reports:
            self._report(*self._reports.popleft())


class ProcessChannel:
    """A channel to a writer in a process of its own, over a socket."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", PROGRAM, str(REPOSITORY)],  # -P: nothing of the user's folder is imported
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the proxy, which closes the channel
            )
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket, self._receive)
        self._unsent: deque[memoryview] = deque()
        self._incomplete_line = b""
        self._is_open = True

    def call(self, name: str, key: str, *arguments: Any) -> None:
        if not self._is_open:
            self._report("lost", key, "")
            return
        data = pickle.dumps((name, key, *arguments), protocol=5)
        waiting = bool(self._unsent)
        self._unsent += (memoryview(LENGTH.pack(len(data))), memoryview(data))
        if not waiting:
            self._send()

    def close(self) -> None:
        if self._is_open:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.settimeout(CLOSE_TIMEOUT)
            try:
                for piece in self._unsent:
                    self._socket.sendall(piece)
                self._socket.shutdown(socket.SHUT_WR)
                while data := self._socket.recv(2**16):
                    self._on_data(data)
            except OSError:
                self._on_writer_gone()
        self._socket.close()
        self._process.kill()  # it has ended, or won't
        self._process.wait()

    def _send(self) -> None:
        """Send as much as goes without waiting; the event loop calls again when there is room for the rest."""
        try:
            while self._unsent:
                sent = self._socket.sendmsg(self._unsent)
                while self._unsent and sent >= len(self._unsent[0]):
                    sent -= len(self._unsent.popleft())
                if sent:
                    self._unsent[0] = self._unsent[0][sent:]
        except BlockingIOError:
            self._loop.add_writer(self._socket, self._send)
        except OSError:
            self._on_writer_gone()
        else:
            self._loop.remove_writer(self._socket)

    def _receive(self) -> None:
        try:
            data = self._socket.recv(2**16)
        except OSError:
            data = b""
        if data:
            self._on_data(data)
        else:
            self._on_writer_gone()

    def _on_data(self, data: bytes) -> None:
        *lines, self._incomplete_line = (self._incomplete_line + data).split(b"\n")
        for line in lines:
            self._report(*json.loads(line))

    def _on_writer_gone(self) -> None:
        """Stop using the process, which is gone, so that nobody waits for its reports."""
        self._is_open = False
        self._unsent.clear()
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._report("gone", "", "")
