"""A model server whose every answer is a script: bytes, pauses, break-offs, in the order in which they shall happen.

What a client must have noticed before the script goes on is a step, too: so that no test depends on how fast it is.

For faults and known timings only; where an answer's meaning matters, a real model server speaks. It knows HTTP/1.1 and
nothing of models: the bodies come from `tests.support.answers`.
"""

import asyncio
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import count
from typing import Any

from tests.support.encoders import ENCODERS


class Cut(Enum):
    """How a server breaks off. What stands before it in the script has been sent."""

    HANG_UP = "closes the connection in good order, the body unfinished"
    RESET = "resets the connection"


Step = bytes | float | Cut | Callable[[], object]
"""Bytes to send at once, seconds of silence, a break-off, or what must be true before it goes on."""

FOREVER = 60.0
"""Silence that no client waits for; when the block of `serving` ends, so does it."""


@dataclass(frozen=True)
class Answer:
    """What the server does about one request. The head goes out first, then the steps, one after the other."""

    steps: Sequence[Step]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None  # gzip, br or zstd: every step is compressed and flushed on its own

    @property
    def never_begins(self) -> bool:
        """The server breaks off before it has sent a status."""
        return bool(self.steps) and isinstance(self.steps[0], Cut)


def stream(steps: Iterable[Step], **more: Any) -> Answer:
    """Server-sent events."""
    return Answer(tuple(steps), headers={"content-type": "text/event-stream; charset=utf-8"}, **more)


def whole(body: object, status: int = 200, **headers: str) -> Answer:
    """Return an answer with a JSON body in one piece."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer((json.dumps(body).encode(),), status, {"content-type": "application/json", **named})


def cut(how: Cut) -> Answer:
    """No answer at all."""
    return Answer((how,))


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Script = Callable[[Received], Answer]


def in_order(answers: Sequence[Answer]) -> Script:
    """Return a script that gives each POST the next of these answers, and then always the last one."""
    given = iter(answers)

    def script(request: Received) -> Answer:
        return whole({}) if request.method != "POST" else next(given, answers[-1])

    return script


def holding(answer: Answer, go_on: Callable[[], object], held_from: int = 1) -> Script:
    """Return a script that answers all recorded requests alike, from the N-th on (from 0) only when it may go on.

    A request that is shorter than any recording is a question about the server.
    """
    asked = count()

    def script(request: Received) -> Answer:
        if request.method != "POST" or len(request.body) < 500:
            return whole({}, status=404)
        return answer if next(asked) < held_from else replace(answer, steps=(go_on, *answer.steps))

    return script


class ScriptedServer:
    """Where it listens, and what it was asked so far."""

    def __init__(self, url: str, received: list[Received]) -> None:
        self.url = url
        self.received = received

    @property
    def posts(self) -> list[Received]:
        return [request for request in self.received if request.method == "POST"]


@contextmanager
def serving(
    script: Script | Sequence[Answer], tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[ScriptedServer]:
    """Serve on a free loopback port, in a thread of its own."""
    respond = script if callable(script) else in_order(script)
    received: list[Received] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                received.append(request)
                if not await _play(respond(request), writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, which some scripts are about; or the block of `serving` has ended
        finally:
            writer.close()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(10)

    server = run(asyncio.start_server(serve, host, 0, ssl=tls, backlog=256))
    port, place = server.sockets[0].getsockname()[1], f"[{host}]" if ":" in host else host
    try:
        yield ScriptedServer(f"{'https' if tls else 'http'}://{place}:{port}", received)
    finally:
        run(_end(server))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Received | None:
    """One request, or None when the client has closed its connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    start, *lines = head.decode("latin-1").strip().split("\r\n")
    method, path, _ = start.split(" ")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    request = Received(method, path, headers, b"")
    if request.header("transfer-encoding") == "chunked":
        pieces = []
        while size := int(await reader.readline(), 16):
            pieces.append((await reader.readexactly(size + 2))[:size])
        body = b"".join(pieces)
        while (await reader.readline()).strip():
            pass  # trailers
    else:
        body = await reader.readexactly(int(request.header("content-length") or 0))
    return Received(method, path, headers, body)


async def _play(answer: Answer, writer: asyncio.StreamWriter) -> bool:
    """Perform the script; return False when the connection ends with it."""
    compress, finish = ENCODERS[answer.encoding]()
    if not answer.never_begins:
        headers = {**answer.headers, "transfer-encoding": "chunked"}
        if answer.encoding:
            headers["content-encoding"] = answer.encoding
        head = f"HTTP/1.1 {answer.status} Scripted\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        writer.write(head.encode("latin-1") + b"\r\n")
    for step in answer.steps:
        match step:
            case bytes():
                _write_chunk(writer, compress(step))
                await writer.drain()
            case Cut():
                await writer.drain()
                if step is Cut.RESET:
                    _reset_on_close(writer)
                return False
            case float() | int():
                await asyncio.sleep(step)
            case _:
                while not step():
                    await asyncio.sleep(0.002)
    _write_chunk(writer, finish())
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


def _write_chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    if data:
        writer.write(b"%x\r\n%b\r\n" % (len(data), data))


def _reset_on_close(writer: asyncio.StreamWriter) -> None:
    linger_for_zero_seconds = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_zero_seconds)
    writer.transport.abort()
