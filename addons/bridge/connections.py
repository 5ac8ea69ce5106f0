"""Connections to model servers: opened when they are needed, and kept for the next request.

What arrives is stamped when it is read from the socket, and waits until it is asked for.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable

Clock = Callable[[], float]
TlsSettings = Callable[[], ssl.SSLContext]

BUFFER = 64 * 1024
MOST_WAITING = 4 * 2**20
"""Bytes of an answer that wait to be passed on; then nothing more is read, until the client has taken them."""

KEPT = 20.0
"""Seconds for which an idle connection is kept. What stands between may forget it later, and tell nobody."""

Key = tuple[str, int, ssl.SSLContext | None]
"""A server's host and port, and the settings of its TLS, if it has any."""


class Connection(asyncio.BufferedProtocol):
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

    def eof_received(self) -> None:
        self._lost_at = self._clock()
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost_at, self.error = self._clock(), exc
        self._news.set()

    @property
    def is_idle(self) -> bool:
        """Whether it is open, and nothing came that nobody has asked for."""
        return self._lost_at is None and not self._arrived and not self.transport.is_closing()

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


class Connections:
    """Opens connections, and keeps those that are idle. One that is kept is used by one request at a time."""

    def __init__(self, clock: Clock, tls: TlsSettings) -> None:
        self._clock = clock
        self._tls = tls
        self._idle: dict[Key, list[Connection]] = {}

    def key(self, host: str, port: int | None, secure: bool) -> Key:
        """Return what connections to a server are kept under."""
        return host, port or (443 if secure else 80), self._tls() if secure else None

    def idle(self, key: Key) -> Connection | None:
        """Return a connection that was kept; None where there is none that is still open."""
        kept = self._idle.get(key, [])
        while kept:
            connection = kept.pop()
            if connection.is_idle:
                return connection
            connection.transport.close()
        return None

    async def open(self, key: Key) -> Connection:
        """Return a new connection. Raises OSError."""
        host, port, tls = key
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(self._clock), host, port, ssl=tls)
        return connection

    def keep(self, key: Key, connection: Connection) -> None:
        """Keep a connection whose answer is whole, for a while."""
        if connection.is_idle:
            self._idle.setdefault(key, []).append(connection)
            asyncio.get_running_loop().call_later(KEPT, self._drop, key, connection)
        else:
            connection.transport.close()

    def close(self) -> None:
        """Close what is kept."""
        for kept in self._idle.values():
            for connection in kept:
                connection.transport.close()
        self._idle.clear()

    def _drop(self, key: Key, connection: Connection) -> None:
        kept = self._idle.get(key, [])
        if connection in kept:  # though it may have been in use meanwhile: then it is opened anew
            kept.remove(connection)
            connection.transport.close()
