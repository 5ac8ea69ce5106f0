"""A short question to a model server: JSON there, JSON back. This module knows nothing of what is asked."""

import asyncio
import time

from replay.connection import connect, failure, reader
from replay.exchange import ReplayError, Reply
from replay.http import NotHttp, ResponseReader
from replay.model import Target
from replay.served import ANTHROPIC_VERSION
from traces import jsonio
from traces.model import Json

HEADERS = {"content-type": "application/json", "anthropic-version": ANTHROPIC_VERSION}


async def ask(target: Target, method: str, path: str, body: Json = None, timeout: float = 10.0) -> Reply:
    """What goes wrong is in the reply."""
    data = b"" if body is None else jsonio.dumps(body)
    try:
        sink = _Whole(reader(target, method, path, data, HEADERS))
        async with asyncio.timeout(timeout):
            connection = await connect(target, time.perf_counter, timeout)
            try:
                connection.request(sink.reader.request, sink)
                await connection.over
            finally:
                connection.transport.abort()
    except TimeoutError:
        return Reply(error=ReplayError("timeout", f"no answer within {timeout:g} s"))
    except (NotHttp, OSError) as error:
        return Reply(error=failure(error, timeout))
    return sink.reply()


class _Whole:
    """Reads a short answer in one piece."""

    def __init__(self, reader: ResponseReader) -> None:
        self.reader = reader
        self.finished = False
        self.patient = False
        self._body: list[bytes] = []
        self._error: ReplayError | None = None

    def take(self, at: float, data: bytes) -> None:
        try:
            self._body.append(self.reader.feed(data))
            self.finished = self.reader.ended
        except NotHttp as error:
            self.finished, self._error = True, ReplayError("malformed", str(error))

    def closed(self, at: float, error: Exception | None) -> None:
        self.finished = True
        if not self.reader.close():
            self._error = self._error or ReplayError("reset", str(error or "the server closed the connection"))

    def reply(self) -> Reply:
        try:
            body = jsonio.loads(b"".join(self._body))
        except ValueError:
            body = None
        return Reply(None if self._error else self.reader.status, self.reader.headers, body, self._error)
