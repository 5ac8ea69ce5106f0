"""The load: requests of 130 KiB, shaped as Claude Code shapes them, over connections that are open or opened anew.

Every piece of a response is timestamped as it is read. The times are evaluated when the load is over, so that this
delays no other stream.
"""

import asyncio
import bisect
import itertools
import json
import random
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

BODY_BYTES = 130 * 1024
PATIENCE = 60.0  # seconds for one answer; only a broken path needs more
SESSION = "0b3c1f0e-5a0d-4d0e-9c53-c7a1f0de0001"
RECEIVED = re.compile(rb'"model":"bench_(\d+)"')
SENT = re.compile(rb'"text":"(\d+) word ')
WORDS = ("the", "file", "reads", "path", "line", "edit", "test", "run", "when", "a", "tool", "result", "holds", "code")
NUMBER = b"00000000"  # in the body, replaced by the number of each request

HEADERS = f"""POST /v1/messages?beta=true HTTP/1.1
host: localhost
accept: application/json
accept-encoding: gzip, deflate, br, zstd
anthropic-beta: interleaved-thinking-2025-05-14
anthropic-dangerous-direct-browser-access: true
anthropic-version: 2023-06-01
connection: keep-alive
content-type: application/json
user-agent: claude-cli/2.1.330 (external, sdk-cli)
x-api-key: sk-made-up
x-app: cli
x-claude-code-session-id: {SESSION}
x-stainless-lang: js
x-stainless-retry-count: 0
x-stainless-timeout: 600
""".replace("\n", "\r\n")


@dataclass(frozen=True, slots=True)
class Script:
    """How the server is to answer: milliseconds to the first token, deltas, milliseconds between them."""

    delay: int
    deltas: int
    gap: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What one exchange cost on its way, in milliseconds: the server's own time is not in it."""

    request: float  # from the client's first byte to the server's last
    events: tuple[float, ...]  # from each delta's sending to its arrival

    @property
    def ttft(self) -> float:
        return self.request + self.events[0]


def body() -> bytes:
    """Return a request with twelve tools in 31 KB, three system blocks, and messages that fill the rest.

    It is the same in every run.
    """
    prose = iter(random.Random(2).choices(WORDS, k=40_000))

    def text(size: int) -> str:
        return " ".join(itertools.islice(prose, size // 5))

    properties = {name: {"type": "string", "description": text(300)} for name in ("path", "pattern", "limit")}
    schema = {"type": "object", "properties": properties, "required": ["path"], "additionalProperties": False}
    request = {
        "model": "bench",
        "messages": [{"role": "user", "content": [{"type": "text", "text": text(2_000)}]}],
        "system": [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.330; cc_entrypoint=sdk-cli;"},
            {"type": "text", "text": "You are a synthetic agent.", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": text(14_000), "cache_control": {"type": "ephemeral"}},
        ],
        "tools": [{"name": f"Tool{n}", "description": text(1_500), "input_schema": schema} for n in range(12)],
        "metadata": {"user_id": json.dumps({"device_id": "bench", "account_uuid": "", "session_id": SESSION})},
        "max_tokens": 32_000,
        "stream": True,
    }
    messages = request["messages"]
    assert isinstance(messages, list)
    turns = 0
    while (room := BODY_BYTES - len(json.dumps(request))) > 3_000:
        call = {"type": "tool_use", "id": f"toolu_{turns}", "name": "Tool0", "input": {"path": f"/src/{turns}.py"}}
        result = {"type": "tool_result", "tool_use_id": f"toolu_{turns}", "content": text(min(2_000, room - 1_000))}
        messages += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
        turns += 1
    question = {"type": "text", "text": f"Request {NUMBER.decode()}: "}
    messages[-1]["content"].append(question)
    question["text"] += "x" * (BODY_BYTES - len(json.dumps(request)))
    return json.dumps(request).encode()


class Connection(asyncio.Protocol):
    """One stream's connection; it keeps each piece that it reads with its time."""

    pieces: list[tuple[int, bytes]]
    tail: bytes
    answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.pieces.append((time.monotonic_ns(), data))
        self.tail = (self.tail + data)[-5:]
        if self.tail == b"0\r\n\r\n":
            assert self.answered
            self.answered.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.answered and not self.answered.done():  # None where the proxy was killed before the first request
            self.answered.set_exception(ConnectionError(f"the answer broke off: {exc}"))

    async def exchange(self, request: bytes) -> tuple[int, list[tuple[int, bytes]]]:
        """Send a request; return when it was sent, and the pieces of the response."""
        self.pieces = []
        self.tail = b""
        self.answered = asyncio.get_running_loop().create_future()
        sent = time.monotonic_ns()
        self.transport.write(request)
        async with asyncio.timeout(PATIENCE):
            await self.answered
        return sent, self.pieces


def sample(sent: int, pieces: list[tuple[int, bytes]], deltas: int) -> Sample:
    """Compare the times at both ends, which share the machine's monotonic clock."""
    answer = b"".join(data for _, data in pieces)
    ends = list(accumulate(len(data) for _, data in pieces))
    received = RECEIVED.search(answer)
    if received is None:
        raise RuntimeError(f"no answer of the benchmark's server: {answer[:200]!r}")
    events = tuple(
        (pieces[bisect.bisect_left(ends, match.end())][0] - int(match[1])) / 1e6 for match in SENT.finditer(answer)
    )
    if len(events) != deltas:
        raise RuntimeError(f"{len(events)} of {deltas} events arrived")
    return Sample((int(received[1]) - sent) / 1e6, events)


class Load:
    """Requests to one port, numbered consecutively."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sent = 0
        self.body = body()

    def request(self, script: Script) -> bytes:
        self.sent += 1
        head = HEADERS + f"x-bench-script: {script.delay} {script.deltas} {script.gap} {self.sent}\r\n"
        head += f"content-length: {len(self.body)}\r\n\r\n"
        return head.encode() + self.body.replace(NUMBER, b"%08d" % self.sent, 1)

    async def connect(self, streams: int) -> list[Connection]:
        """Open connections, and make an exchange on each: a proxy connects to the server in the first one."""
        loop = asyncio.get_running_loop()
        made = [await loop.create_connection(Connection, "127.0.0.1", self.port) for _ in range(streams)]
        connections = [connection for _, connection in made]
        for connection in connections:
            await connection.exchange(self.request(Script(0, 1, 0)))
        return connections

    async def fresh_bursts(self, streams: int, script: Script, count: int) -> list[Sample]:
        """Begin all streams at once, `count` times, each on a connection that it opens, which counts."""
        answers = []
        for _ in range(count):
            requests = [self.request(script) for _ in range(streams)]
            answers += await asyncio.gather(*map(self._exchange_anew, requests))
        return [sample(began, pieces, script.deltas) for began, pieces in answers]

    async def _exchange_anew(self, request: bytes) -> tuple[int, list[tuple[int, bytes]]]:
        began = time.monotonic_ns()
        _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", self.port)
        _, pieces = await connection.exchange(request)
        connection.transport.close()
        return began, pieces

    async def bursts(self, streams: int, script: Script, count: int) -> list[Sample]:
        """Begin all streams at once, `count` times, on connections that are open."""
        connections = await self.connect(streams)
        answers = []
        for _ in range(count):
            requests = [self.request(script) for _ in connections]
            answers += await asyncio.gather(*map(Connection.exchange, connections, requests))
        for connection in connections:
            connection.transport.close()
        return [sample(sent, pieces, script.deltas) for sent, pieces in answers]

    async def closed_loop(self, streams: int, script: Script, turns: Iterable[object]) -> float:
        """Send the next request of a stream once it is answered, until `turns` run out; return requests per second."""
        connections = await self.connect(streams)
        shared, before, start = iter(turns), self.sent, time.monotonic()

        async def ask(connection: Connection) -> None:
            for _ in shared:
                await connection.exchange(self.request(script))

        await asyncio.gather(*map(ask, connections))
        rate = (self.sent - before) / (time.monotonic() - start)
        for connection in connections:
            connection.transport.close()
        return rate
