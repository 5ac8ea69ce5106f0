"""Connections to a model server, which take the time of each read before its bytes are parsed.

What arrives of a stream is stored with its time, and delivered when the answer is over: a token costs one read and
little else, and with many streams, the parsing of one hardly delays the times of another. All network I/O of `replay`
is here.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, cast
from urllib.parse import urlsplit

from replay.exchange import ReplayError
from replay.request import Target
from traces.http1 import NotHttp, ResponseReader
from traces.servers import kind_of

Clock = Callable[[], float]

BUFFER = 16 * 1024
"""The most bytes of one read."""


MAX_BATCH = 1000
"""The most reads that are stored before they are delivered."""

SLICE = 25
"""The most reads that are delivered at once: between two slices, what arrives on other connections gets its time."""

LAST_CHUNK = b"0\r\n\r\n"
"""How most answers end. Bytes that only look like that are delivered sooner than they need be."""


class Sink(Protocol):
    """A reader of an answer.

    finished    nothing more of the answer is needed
    may_batch   what arrives may be stored until `deliver` is called, or until the answer ends
    """

    finished: bool
    may_batch: bool

    def take(self, at: float, data: bytes) -> None: ...

    def close(self, at: float, error: Exception | None) -> None: ...


class Connection(asyncio.BufferedProtocol):
    """Takes the time of what arrives, and delivers it to a sink.

    It reads into a buffer of its own: asyncio would ask for 256 KiB of new memory for every token.
    """

    transport: asyncio.Transport

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._view = memoryview(bytearray(BUFFER))
        self._arrived: list[tuple[float, bytes]] = []
        self._sink: Sink | None = None
        self._start = self._last = 0.0
        self._lost: tuple[float, Exception | None] | None = None
        self.over = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        self._last = at = self._clock()
        data = bytes(self._view[:nbytes])
        self._arrived.append((at, data))
        if (
            self._sink is None
            or not self._sink.may_batch
            or len(self._arrived) >= MAX_BATCH
            or data.endswith(LAST_CHUNK)
        ):
            self._loop.call_soon(self._deliver_slice)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = (self._clock(), exc)
        self._loop.call_soon(self._deliver_slice)

    def request(self, pieces: Sequence[bytes], sink: Sink) -> float:
        """Send a request, in pieces, and return `t0`."""
        self._sink = sink
        self._start = self._clock()
        for piece in pieces:
            self.transport.write(piece)
        return self._start

    @property
    def last_at(self) -> float:
        """When something last arrived, in seconds since `t0`; 0 before anything has."""
        return self._last - self._start if self._last > self._start else 0.0

    def deliver(self) -> None:
        """Give the sink all that has arrived so far."""
        self._deliver(len(self._arrived))

    def _deliver_slice(self) -> None:
        self._deliver(SLICE)
        if self._arrived:
            self._loop.call_soon(self._deliver_slice)

    def _deliver(self, count: int) -> None:
        arrived, self._arrived = self._arrived[:count], self._arrived[count:]
        if self._sink is None:
            return  # no request was sent yet, so this is no answer
        for at, data in arrived:
            self._sink.take(at - self._start, data)
        if self._lost is not None and not self._arrived:
            self._sink.close(self._lost[0] - self._start, self._lost[1])
        if self._sink.finished:
            self.end()

    def end(self) -> None:
        """Wake up whatever waits for the answer: nothing more of it is needed."""
        if not self.over.done():
            self.over.set_result(None)


def reader(target: Target, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> ResponseReader:
    """Return the HTTP request to this server, with a reader of its answer. Raises NotHttp."""
    parts = urlsplit(target.url)
    own = {"host": parts.netloc.rpartition("@")[2], "accept-encoding": "identity", "content-length": str(len(body))}
    sent = {name.lower(): value for name, value in headers.items()} | own | _key(target)
    return ResponseReader(method, parts.path.rstrip("/") + path, list(sent.items()), body)


def _key(target: Target) -> dict[str, str]:
    """Return the header with the key, as this kind of server expects it."""
    if not target.key:
        return {}
    header = kind_of(target.name).key_header
    return {header: f"Bearer {target.key}" if header == "authorization" else target.key}


async def connect(target: Target, clock: Clock, timeout: float) -> Connection:
    """Connect to the first address of the host that accepts. Raises the first address's OSError where none does."""
    parts = urlsplit(target.url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    tls = ssl.create_default_context() if secure else None
    loop = asyncio.get_running_loop()
    errors: list[OSError] = []
    async with asyncio.timeout(timeout):
        for address in await _addresses(host, port):
            try:
                _, connection = await loop.create_connection(
                    lambda: Connection(clock), address, port, ssl=tls, server_hostname=host if tls else None
                )
                return connection
            except OSError as error:
                errors.append(error)
    raise errors[0]


async def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:  # a name: to look it up may take long, and happens in a thread
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def failure(error: Exception, timeout: float) -> ReplayError:
    """Return why nothing was sent."""
    match error:
        case NotHttp():
            return ReplayError("malformed", str(error))
        case ConnectionRefusedError():
            return ReplayError("refused", "connection refused: nothing listens there")
        case TimeoutError():
            return ReplayError("timeout", f"no connection within {timeout:g} s")
        case ConnectionResetError():
            return ReplayError("server_disconnected", "the server reset the connection before it was used")
    return ReplayError("unreachable", str(error.strerror or error) if isinstance(error, OSError) else str(error))
