"""Short questions to a model server, each bounded in time: what goes wrong is in the reply."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import certifi

from addons.bridge.connections import Connections
from addons.bridge.upstream import NoAnswer, Upstream
from addons.launcher import login
from traces import jsonio
from traces.model import Json
from traces.servers import ServerKind, split_address
from traces.surveys import OPENAI_LIST, Served, Survey

LARGEST = 8 * 2**20
"""Bytes of an answer; more is no answer to a question of ours."""

HANGS = "it accepts connections, but doesn't answer"


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer.

    status    None where there was none
    body      None where it was no JSON
    problem   why there was no answer, "" where there was one
    data      the body as it came
    """

    status: int | None = None
    body: Json = None
    problem: str = ""
    data: bytes = b""
    seconds: float = 0.0

    @property
    def hangs(self) -> bool:
        return self.problem == HANGS


@dataclass(frozen=True, slots=True)
class Server:
    """Where to ask: the URL before `/v1`, and the key's header."""

    url: str
    headers: Mapping[str, str]

    async def ask(
        self, path: str, body: Json = None, timeout: float = 3.0, more: Mapping[str, str] | None = None
    ) -> Reply:
        """Send GET, or POST where there is a body, and return the reply within these seconds, whatever happens."""
        connections = Connections(time.perf_counter, tls)
        connection = Upstream(time.perf_counter, connections)
        headers = {"content-type": "application/json", "accept-encoding": "identity", **self.headers, **(more or {})}
        sent = b"" if body is None else jsonio.dumps(body)
        started = time.perf_counter()
        data = bytearray()
        try:
            async with asyncio.timeout(timeout):
                await connection.send(self.url + path, headers, sent, "GET" if body is None else "POST")
                async for _, piece in connection.chunks():
                    data += piece
                    if len(data) > LARGEST:
                        return Reply(problem="its answer never ends")
        except TimeoutError:
            return Reply(problem=HANGS if connection.sent is not None else "it can't be reached in time")
        except NoAnswer as error:
            return Reply(problem=self._words(error))
        finally:
            connection.close()
            connections.close()
        return Reply(connection.status, _parse(bytes(data)), "", bytes(data), time.perf_counter() - started)

    def _words(self, error: NoAnswer) -> str:
        """Return what went wrong, without the address: whoever shows it says that, too."""
        host, port = split_address(self.url)
        return str(error).removeprefix(f"{host}:{port}: ").removeprefix(f"{host}: ")

    async def survey(self, survey: Survey, timeout: float) -> tuple[Served | None, Reply]:
        """Return a server's report, and the last answer; no report where it lets even its list of models wait.

        Some let only a question hang that they don't know.
        """
        reply = Reply()
        try:
            path = next(survey)
            while True:
                reply = await self.ask(path, timeout=timeout)
                if reply.problem and (not reply.hangs or (await self.ask(OPENAI_LIST, timeout=timeout)).problem):
                    return None, reply
                path = survey.send(reply)
        except StopIteration as end:
            return end.value, reply


def server_at(url: str, kind: ServerKind, key: str, header: str = "") -> Server:
    """Return where to ask a server of this kind.

    `header` is the `Authorization` that says a user name and password; those in the URL are sent, too.
    """
    url, in_url = login.split(url)
    value = f"Bearer {key}" if kind.key_header == "authorization" else key
    headers = {kind.key_header: value} if key else {}
    return Server(url, headers | ({"authorization": said} if (said := header or in_url) else {}))


def tls() -> ssl.SSLContext:
    """Return the settings for servers with TLS."""
    return ssl.create_default_context(cafile=certifi.where())


def _parse(data: bytes) -> Json:
    try:
        return jsonio.loads(data)
    except (ValueError, RecursionError):
        return None
