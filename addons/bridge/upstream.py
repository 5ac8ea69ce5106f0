"""One request to the model server, and its answer piece by piece, each stamped when it is read from the socket.

mitmproxy can't do this for us: once it has asked a server, it neither asks again nor tells the client to wait.
"""

from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

from mitmproxy.http import Request
from mitmproxy.net.http import url

from addons.bridge.connections import Clock, Connection, Connections, Key, TlsSettings
from traces.http1 import NotHttp, ResponseReader


class NoAnswer(Exception):
    """The server gave no answer, or broke off within it. `kind` is one of `traces.model.STATE_OF`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def url_at(request: Request, path: str = "") -> str:
    """Return the URL of a path at a request's server. mitmproxy's own lacks the brackets of an IPv6 address."""
    host = f"[{request.host}]" if ":" in request.host else request.host
    return url.unparse(request.scheme, host, request.port, path)


class Upstream:
    """One request. Times are on `clock`; `sent` is when it went out on an open connection, `headers_at` is later.

    There is no limit of time: a long prompt may prefill for an hour, and the client knows how long it waits.
    """

    def __init__(self, clock: Clock, connections: Connections) -> None:
        self._clock = clock
        self._connections = connections
        self._connection: Connection | None = None
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
        self._rest: list[tuple[float, bytes]] = []
        self._key = self._connections.key(parts.hostname or "", parts.port, parts.scheme == "https")
        kept = self._connections.idle(self._key)
        first = await self._ask(kept, reader) if kept else None
        if first is None or not first[1]:  # the server closed it in the moment in which it was to be used
            first = await self._ask(await self._connect(self._key), reader)
        at, data = first
        while True:
            if not data:
                self._end()
            if rest := self._feed(data):
                self._rest.append((at, rest))
            if reader.status:
                break
            at, data = await self._read()
        self.headers_at, self.status = at, reader.status
        self.headers = {name.lower(): value for name, value in reader.headers.items()}

    async def _ask(self, connection: Connection, reader: ResponseReader) -> tuple[float, bytes]:
        """Send the request; return what arrives first, and when: nothing where the server hangs up."""
        self._connection = connection
        self.sent = self._clock()
        for piece in reader.request:
            connection.transport.write(piece)
        return await connection.read()

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
        """Let the connection go. It is closed where the answer isn't whole: a good server then stops its work."""
        connection, self._connection = self._connection, None
        if connection and self._reader.is_reusable:
            self._connections.keep(self._key, connection)
        elif connection:
            connection.transport.close()

    async def _connect(self, key: Key) -> Connection:
        host, port, _ = key
        try:
            return await self._connections.open(key)
        except ConnectionRefusedError as error:
            raise NoAnswer("refused", f"{host}:{port}: connection refused: nothing listens there") from error
        except OSError as error:
            refused = "Connect call failed" in str(error)  # at each of several addresses
            raise NoAnswer("refused" if refused else "unreachable", f"{host}: {error.strerror or error}") from error

    async def _read(self) -> tuple[float, bytes]:
        """Return what arrived next; nothing at an end that completes the answer. Raises NoAnswer at any other."""
        assert self._connection
        at, data = await self._connection.read()
        if not data:
            self._end()
        return at, data

    def _end(self) -> None:
        """Take the end of the connection. Raises NoAnswer where it doesn't complete the answer."""
        if not self._reader.close():
            assert self._connection
            how = "reset" if isinstance(self._connection.error, OSError) else "closed"
            where = "within the answer" if self.status else "before any answer"
            raise NoAnswer("server_disconnected", f"The server {how} the connection {where}.")

    def _feed(self, data: bytes) -> bytes:
        try:
            return self._reader.feed(data)
        except NotHttp as error:
            raise NoAnswer("malformed", str(error)) from error


__all__ = ["Clock", "NoAnswer", "TlsSettings", "Upstream", "url_at"]
