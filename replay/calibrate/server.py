"""A model server whose times are known: it writes into every chunk when it was sent. For calibration and for tests.

    python -m replay.calibrate.server [MODEL]   serves on a free loopback port, prints its address, lists this one model

The model's name says how it answers, so that any client can ask it: `known-times/300/10/20` sends the first of 10
chunks after 300 ms, and the others 20 ms apart. Of a body it reads only that name, so that it never is what limits a
measurement. Its times are nanoseconds of the machine's monotonic clock. It numbers its answers, in their ids, and
`GET /known-times/answers` tells the times of each, and the processor time that the server has used.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from urllib.parse import unquote_to_bytes

from traces.dialects import FORMATS, dialect_of
from traces.dialects.format import CannedAnswer
from traces.model import Json

MODEL = "known-times"
LOG = f"/{MODEL}/answers"

_HEAD = b"HTTP/1.1 %d Known\r\ncontent-type: %b\r\ntransfer-encoding: chunked\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_NAME = re.compile(rb'["/]%b/(\d+)/(\d+)/(\d+)[":]' % MODEL.encode())
_STAMP = re.compile(r"(\d{6,}) ")


@dataclass(frozen=True, slots=True)
class Plan:
    """How to answer: milliseconds to the first chunk, number of chunks, milliseconds between them."""

    delay: int = 300
    chunks: int = 10
    gap: int = 20

    @property
    def model(self) -> str:
        return f"{MODEL}/{self.delay}/{self.chunks}/{self.gap}"


@dataclass(frozen=True, slots=True)
class Truth:
    """When the server sent each chunk, in seconds since the whole request had arrived there."""

    sent: tuple[float, ...]

    @property
    def gaps(self) -> tuple[float, ...]:
        return tuple(after - before for before, after in pairwise(self.sent))


@dataclass(slots=True)
class Answered:
    """The server's own record of an answer: nanoseconds, 0 for what hasn't been yet.

    number     from 1, in the order of requests; the answer's id ends with it
    size       bytes of the request
    received   when the whole request had arrived
    due        when the first chunk was to be sent
    first      when it was sent
    last       when the last one was
    """

    number: int
    size: int
    received: int
    due: int
    first: int = 0
    last: int = 0


def truth_in(text: str) -> Truth:
    """Read the times in an answer's text: when the request had arrived, then when each chunk was sent."""
    received, *sent = (int(stamp) for stamp in _STAMP.findall(text))
    return Truth(tuple((moment - received) / 1e9 for moment in sent))


class _Connection(asyncio.Protocol):
    """A client's connection, which answers one request at a time."""

    transport: asyncio.Transport

    def __init__(self, listed: str, log: list[Answered]) -> None:
        self._listed = listed
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._read: list[bytes] = []
        self._missing: int | None = None  # bytes of the request still to come; None before its head is whole
        self._path = ""
        self._first = ""  # the first chunk also says when the request had arrived

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._read.append(data)
        if self._missing is None:
            head, blank, body = b"".join(self._read).partition(b"\r\n\r\n")
            if not blank:
                return
            length = _LENGTH.search(head)
            self._path = head.split(b" ", 2)[1].decode("latin-1")
            self._missing = (int(length[1]) if length else 0) - len(body)
        else:
            self._missing -= len(data)
        if self._missing <= 0:
            received, request = time.monotonic_ns(), b"".join(self._read)
            self._read, self._missing = [], None
            self._answer(received, request)

    def _answer(self, received: int, request: bytes) -> None:
        dialect = dialect_of(self._path)
        found = _NAME.search(request) or _NAME.search(unquote_to_bytes(self._path))
        plan = Plan(*(int(number) for number in found.groups())) if found else Plan()
        canned = FORMATS[dialect].canned_answer(plan.model, len(self._log) + 1) if dialect else None
        if self._path == LOG:
            self._respond(200, {"cpu": time.process_time(), "answers": [asdict(each) for each in self._log]})
            return
        if canned is None:
            models = [{"id": self._listed, "object": "model", "owned_by": "replay"}]
            self._respond(200, {"object": "list", "data": models})
            return
        if found is None:
            self._respond(400, {"error": {"message": f"no such model; there is {Plan().model}, in any numbers"}})
            return
        self._first = f"{received} "
        self.transport.write(_HEAD % (200, b"text/event-stream") + _frame(canned.opening))
        due = self._loop.time() + plan.delay / 1000
        answered = Answered(len(self._log) + 1, len(request), received, received + plan.delay * 1_000_000)
        self._log.append(answered)
        self._loop.call_at(due, self._next, canned, plan, answered, plan.chunks, due)

    def _next(self, canned: CannedAnswer, plan: Plan, answered: Answered, left: int, due: float) -> None:
        """Send what is due, and schedule the next from when this was due, so that delays don't add up."""
        while left and not self.transport.is_closing():
            now = answered.last = time.monotonic_ns()
            answered.first = answered.first or now
            words, self._first = f"{self._first}{now} ", ""
            self.transport.write(_frame(canned.words(words)))
            left -= 1
            if plan.gap and left:
                due += plan.gap / 1000
                self._loop.call_at(due, self._next, canned, plan, answered, left, due)
                return
        self.transport.write(_frame(canned.closing(plan.chunks)) + b"0\r\n\r\n")

    def _respond(self, status: int, body: Json) -> None:
        self.transport.write(_HEAD % (status, b"application/json") + _frame(json.dumps(body).encode()) + b"0\r\n\r\n")


def _frame(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def serve(announce: Callable[[str], None], listed: str = Plan().model) -> None:
    """Serve until it is cancelled."""
    loop = asyncio.get_running_loop()
    log: list[Answered] = []
    server = await loop.create_server(lambda: _Connection(listed, log), "127.0.0.1", 0, backlog=256)
    announce(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await server.serve_forever()


@contextmanager
def start(listed: str = Plan().model) -> Iterator[str]:
    """Run the server in a process of its own until the block ends, and yield its address."""
    argv = (sys.executable, "-m", "replay.calibrate.server", listed)
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(serve(lambda address: print(address, flush=True), *sys.argv[1:]))
