"""One exchange on the bridge without a proxy or a socket: what a client gets of the bytes that a server sends."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mitmproxy.http import Request
from mitmproxy.test import tflow

from addons.bridge.connections import Connection, Connections, Key
from addons.bridge.exchange import Exchange
from addons.bridge.loopback import Reply
from addons.bridge.plan import Options
from traces.repairs import Learned
from traces.storage import upstream


@dataclass(frozen=True)
class Got:
    """What the client got, and what the trace notes of the way there. `is_whole`: the answer wasn't broken off."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool
    notes: tuple[str, ...]


class _Wire(asyncio.Transport):
    """A connection to a server that sends the same bytes, whatever it is asked."""

    def write(self, data: object) -> None:
        pass

    def close(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class _Server(Connections):
    def __init__(self, pieces: Sequence[bytes], error: Exception | None) -> None:
        super().__init__(time.perf_counter, lambda: NotImplemented)
        self._pieces, self._error = pieces, error

    async def open(self, key: Key) -> Connection:
        connection = Connection(time.perf_counter)
        connection.connection_made(_Wire())
        for piece in self._pieces:
            for at in range(0, len(piece), 2**15):
                part = piece[at : at + 2**15]
                connection.get_buffer(-1)[: len(part)] = part
                connection.buffer_updated(len(part))
        connection.connection_lost(self._error)
        return connection


class _Client:
    """What a reply writes."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        self.data += data

    async def drain(self) -> None:
        pass


def bridged(
    pieces: Sequence[bytes],
    body: dict[str, Any],
    to: str = "chat",
    *,
    path: str = "/v1/messages?beta=true",
    error: Exception | None = None,
    **options: str,
) -> Got:
    """Return what a client gets that sends a request to a server whose answer, head and all, comes in these pieces.

    Then the server closes the connection; with `error`, it is lost.
    """
    flow = tflow.tflow()
    flow.request = Request.make("POST", f"http://server{path}", json.dumps(body))
    values = {"anyclaude_translate": to, "anyclaude_repair": "", "anyclaude_tool_parser": "", "anyclaude_thinking": ""}
    plan = Options.parse({**values, **options}).plan(path, to)
    assert plan is not None
    client: Any = _Client()

    async def play() -> Reply:
        server = _Server(pieces, error)
        exchange = Exchange(flow, plan, Learned(plan.repairs), lambda names: None, time.perf_counter, server)
        exchange.connect(client)
        await exchange.answer()
        exchange.settle()
        return exchange.reply

    reply = asyncio.run(play())
    head, _, rest = bytes(client.data).partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    answer = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        answer, rest = answer + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    headers = dict(line.split(": ", 1) for line in lines)
    _, notes = upstream.flow_in(flow) or (None, ())
    return Got(int(status.split(" ")[1]) if head else 0, headers, answer, reply.is_whole, notes)
