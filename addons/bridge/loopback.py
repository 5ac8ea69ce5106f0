"""The small HTTP server that mitmproxy is pointed at in the model server's place, within the same process.

It listens on loopback, though connections to it are made within the process (`inside`).

mitmproxy sends it a request without a body, whose path is a secret of this run and the key of an exchange: whoever else
finds the port gets nothing. What answers takes the request itself from the exchange, and may have begun to answer.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus

from addons.bridge import inside


class Reply:
    """The answer to one request, written piece by piece. A body is chunked, so that each piece arrives at once.

    It may begin before mitmproxy has asked for it: then it waits until `connect` is called.
    """

    def __init__(self) -> None:
        self._writer: asyncio.StreamWriter | None = None
        self._connected = asyncio.Event()
        self._early: list[bytes] = []
        self.has_begun = False
        self.is_whole = False
        self._wrote = time.monotonic()

    def connect(self, writer: asyncio.StreamWriter) -> None:
        """Write to this connection what there is, and what comes."""
        self._writer = writer
        for data in self._early:
            writer.write(data)
        self._connected.set()

    @property
    def is_connected(self) -> bool:
        return self._writer is not None

    @property
    def silence(self) -> float:
        """The seconds since something was written."""
        return time.monotonic() - self._wrote

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the head."""
        self.has_begun = True
        reason = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"
        lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
        self._put("\r\n".join([*lines, "transfer-encoding: chunked", "", ""]).encode("latin-1", "replace"))

    async def write(self, data: bytes) -> None:
        """Send a piece of the body, and wait while the client has too much to take. Raises ConnectionError."""
        if data:
            self._wrote = time.monotonic()
            self._put(b"%x\r\n%b\r\n" % (len(data), data))
            await self._drain()

    async def finish(self) -> None:
        """End the body."""
        self.is_whole = True
        self._put(b"0\r\n\r\n")
        await self._drain()

    async def send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Send a whole answer."""
        self.begin(status, headers)
        await self.write(body)
        await self.finish()

    def _put(self, data: bytes) -> None:
        if self._writer:
            self._writer.write(data)
        else:
            self._early.append(data)

    async def _drain(self) -> None:
        await self._connected.wait()
        assert self._writer
        await self._writer.drain()


Answer = Callable[[str, asyncio.StreamWriter], Awaitable[bool]]
"""Answers the exchange of this key; returns whether its answer is whole. Is cancelled when the client leaves."""


class Loopback:
    """Serves on a free port of 127.0.0.1."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._secret = secrets.token_urlsafe(24)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, inside.HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        inside.lead_inside(self.port, self._serve)

    def close(self) -> None:
        """Stop listening, and cancel what is being answered."""
        inside.lead_outside(self.port)
        if self._server:
            self._server.close()
        for task in self._tasks:
            task.cancel()

    def path(self, key: str) -> str:
        """Return the path at which the exchange of this key is answered."""
        return f"/{self._secret}/{key}"

    def url(self, key: str) -> str:
        """Return the URL of the same."""
        return f"http://{inside.HOST}:{self.port}{self.path(key)}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                while key := self._key(await reader.readuntil(b"\r\n\r\n")):
                    if not await self._answer_one(key, reader, writer):
                        break
        except asyncio.CancelledError:
            pass  # the proxy stops; a task that ends as cancelled would be logged as an error by asyncio's server
        finally:
            self._tasks.discard(task)
            writer.close()

    def _key(self, head: bytes) -> str:
        """Return the key in a request's path; "" where it isn't one of ours."""
        _, _, path = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        _, secret, key = [*path.partition(" ")[0].split("/"), "", ""][:3]
        return key if secrets.compare_digest(secret.encode(), self._secret.encode()) else ""

    async def _answer_one(self, key: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer a request, unless its sender leaves first; return whether the connection can be used again."""
        answering = asyncio.ensure_future(self._answer(key, writer))
        leaving = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (answering, leaving):
                each.cancel()
            is_whole, _ = await asyncio.gather(answering, leaving, return_exceptions=True)
        return is_whole is True
