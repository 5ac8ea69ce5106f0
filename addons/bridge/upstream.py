"""One request to the model server, and its answer piece by piece, each stamped when it is read from the socket.

mitmproxy can't do this for us: once it has asked a server, it neither asks again nor tells the client to wait.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from urllib.parse import urlsplit

from traces.http1 import NotHttp, ResponseReader

Clock = Callable[[], float]
TlsSettings = Callable[[], ssl.SSLContext]

BUFFER = 64 * 1024
MOST_WAITING = 4 * 2**20
"""Bytes of an answer that wait to be passed on; then nothing more is read, until the client has taken them."""


class NoAnswer(Exception):
    """The server gave no answer, or broke off within it. `kind` is one of `traces.model.STATE_OF`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Upstream:
    """One request. Times are on `clock`; `sent` is when it went out on an open connection, `headers_at` is later.

    There is no limit of time: a long prompt may prefill for an hour, and the client knows how long it waits.
    """

    def __init__(self, clock: Clock, tls: TlsSettings) -> None:
        self._clock = clock
        self._tls = tls
        self._transport: asyncio.Transport | None = None
        self.sent: float | None = None
        self.headers_at: float | None = None
        self.status = 0
        self.headers: Mapping[str, str] = {}

    async def send(self, url: str, headers: Mapping[str, str], body: bytes, method: str = "POST") -> None:
        """Send a request and wait for the head of the answer. Raises NoAnswer."""
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        own = {"host": parts.netloc.rpartition("@")[2], "content-length": str(len(body))}
        try:
            reader = ResponseReader(method, target, list({**headers, **own}.items()), body)
        except NotHttp as error:
            raise NoAnswer("malformed", str(error)) from error
        self._reader = reader
        self._socket = await self._connect(parts.hostname or "", parts.port, parts.scheme == "https")
        self.sent = self._clock()
        for piece in reader.request:
            self._socket.transport.write(piece)
        self._rest: list[tuple[float, bytes]] = []
        while not reader.status:
            at, data = await self._read()
            if rest := self._feed(data):
                self._rest.append((at, rest))
        self.headers_at, self.status = at, reader.status
        self.headers = {name.lower(): value for name, value in reader.headers.items()}

    async def chunks(self) -> AsyncIterator[tuple[float, bytes]]:
        """Yield the pieces of the body, with their times. Raises NoAnswer where the server breaks off."""
        for piece in self._rest:
            yield piece
        while not self._reader.ended:
            at, data = await self._read()
            if not data:
                break
            if body := self._feed(data):
                yield at, body

    def close(self) -> None:
        """Close the connection: where the answer isn't whole, a good server stops its work."""
        if self._transport:
            self._transport.close()

    async def _connect(self, host: str, port: int | None, secure: bool) -> "_Socket":
        loop = asyncio.get_running_loop()
        try:
            transport, connection = await loop.create_connection(
                lambda: _Socket(self._clock),
                host,
                port or (443 if secure else 80),
                ssl=self._tls() if secure else None,
            )
        except ConnectionRefusedError as error:
            raise NoAnswer("refused", f"{host}:{port}: connection refused: nothing listens there") from error
        except OSError as error:
            refused = "Connect call failed" in str(error)  # at each of several addresses
            raise NoAnswer("refused" if refused else "unreachable", f"{host}: {error.strerror or error}") from error
        self._transport = transport
        return connection

    async def _read(self) -> tuple[float, bytes]:
        """Return what arrived next; nothing at an end that completes the answer. Raises NoAnswer at any other."""
        at, data = await self._socket.read()
        if not data and not self._reader.close():
            how = "reset" if isinstance(self._socket.error, OSError) else "closed"
            where = "within the answer" if self.status else "before any answer"
            raise NoAnswer("server_disconnected", f"The server {how} the connection {where}.")
        return at, data

    def _feed(self, data: bytes) -> bytes:
        try:
            return self._reader.feed(data)
        except NotHttp as error:
            raise NoAnswer("malformed", str(error)) from error


class _Socket(asyncio.BufferedProtocol):
    """Keeps what arrives, with its time, until it is read. It has one buffer: asyncio's would be new for each read."""

    transport: asyncio.Transport

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._view = memoryview(bytearray(BUFFER))
        self._arrived: deque[tuple[float, bytes]] = deque()
        self._waiting = 0
        self._news = asyncio.Event()
        self._lost_at: float | None = None
        self.error: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        self._arrived.append((self._clock(), bytes(self._view[:nbytes])))
        self._waiting += nbytes
        if self._waiting > MOST_WAITING:
            self.transport.pause_reading()
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost_at, self.error = self._clock(), exc
        self._news.set()

    async def read(self) -> tuple[float, bytes]:
        """Return the next piece and its time; an empty one once the connection is closed."""
        while not self._arrived:
            if self._lost_at is not None:
                return self._lost_at, b""
            self._news.clear()
            await self._news.wait()
        at, data = self._arrived.popleft()
        self._waiting -= len(data)
        if self._waiting <= MOST_WAITING and not self.transport.is_closing():
            self.transport.resume_reading()
        return at, data
