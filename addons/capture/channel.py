"""The way from the proxy to the writer: to a process of its own, or to a thread where there can be none.

Converting and writing an exchange costs as much processor time as passing it on. In a thread that time is taken from
the event loop, and so from the tokens of every stream. Knows nothing of flows or of traces.
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

from addons.capture.writer import Tell, TraceWriter
from addons.capture.writer_process import LENGTH

PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from addons.capture.writer_process import main; main()"
REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
"""Seconds that the writer gets for what is still waiting, when the proxy stops."""

BUFFER = 4 * 2**20


class Channel(Protocol):
    """Takes calls of a `TraceWriter` and makes them one after the other; what it tells is told in the event loop."""

    def call(self, name: str, key: str, *arguments: Any) -> None:
        """`key` names the exchange. Where nobody is left to make the call, it is told to be lost, at once."""

    def close(self) -> None:
        """Returns when all calls have been made. What is told by then is told at once."""


def open_channel(tell: Tell) -> Channel:
    """To be called in the event loop."""
    has_python = not getattr(sys, "frozen", False)  # mitmproxy's standalone binaries can't start another Python
    return ToProcess(tell) if has_python and hasattr(socket, "AF_UNIX") else ToThread(tell)


class ToThread:
    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trace writer")
        self._writer = TraceWriter(self._pass_on)
        self._news: deque[tuple[str, str, str]] = deque()

    def call(self, name: str, key: str, *arguments: Any) -> None:
        self._thread.submit(getattr(self._writer, name), key, *arguments)

    def close(self) -> None:
        self._thread.shutdown(wait=True)
        self._writer.close()
        self._tell_all()  # the loop waits here, and won't turn again

    def _pass_on(self, kind: str, key: str, text: str) -> None:
        self._news.append((kind, key, text))
        self._loop.call_soon_threadsafe(self._tell_all)

    def _tell_all(self) -> None:
        while self._news:
            self._tell(*self._news.popleft())


class ToProcess:
    def __init__(self, tell: Tell) -> None:
        self._tell = tell
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
        self._loop.add_reader(self._socket, self._readable)
        self._unsent: deque[memoryview] = deque()
        self._heard = b""
        self._is_open = True

    def call(self, name: str, key: str, *arguments: Any) -> None:
        if not self._is_open:
            self._tell("lost", key, "")
            return
        data = pickle.dumps((name, key, *arguments), protocol=5)
        waiting = bool(self._unsent)
        self._unsent += (memoryview(LENGTH.pack(len(data))), memoryview(data))
        if not waiting:
            self._writable()

    def close(self) -> None:
        if self._is_open:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.settimeout(PATIENCE)
            try:
                for piece in self._unsent:
                    self._socket.sendall(piece)
                self._socket.shutdown(socket.SHUT_WR)
                while data := self._socket.recv(2**16):
                    self._hear(data)
            except OSError:
                self._lose()
        self._socket.close()
        self._process.kill()  # it has ended, or won't
        self._process.wait()

    def _writable(self) -> None:
        """Sends as much as goes without waiting; comes again when there is room for the rest."""
        try:
            while self._unsent:
                sent = self._socket.sendmsg(self._unsent)
                while self._unsent and sent >= len(self._unsent[0]):
                    sent -= len(self._unsent.popleft())
                if sent:
                    self._unsent[0] = self._unsent[0][sent:]
        except BlockingIOError:
            self._loop.add_writer(self._socket, self._writable)
        except OSError:
            self._lose()
        else:
            self._loop.remove_writer(self._socket)

    def _readable(self) -> None:
        try:
            data = self._socket.recv(2**16)
        except OSError:
            data = b""
        if data:
            self._hear(data)
        else:
            self._lose()

    def _hear(self, data: bytes) -> None:
        *lines, self._heard = (self._heard + data).split(b"\n")
        for line in lines:
            self._tell(*json.loads(line))

    def _lose(self) -> None:
        """The process is gone: nobody shall wait for what it won't tell."""
        self._is_open = False
        self._unsent.clear()
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._tell("gone", "", "")
