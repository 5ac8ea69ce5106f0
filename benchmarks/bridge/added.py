"""Time that a translator adds to each event of a stream: the server writes into each when it was sent."""

import asyncio
import http.client
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from benchmarks.bridge.translators import KEY

EVENTS, GAP = 100, 0.01
"""Of one stream, and the seconds between them."""

_SENT = re.compile(rb"at (\d+) ns")


@contextmanager
def clocked_server() -> Iterator[str]:
    """Serve chat completions on loopback, each delta with the time of its sending."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(_serve, "127.0.0.1", 0), loop).result(10)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: *(\d+)", head, re.I)
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
            for _ in range(EVENTS):
                await asyncio.sleep(GAP)
                _write(writer, _chunk({"content": f"at {time.perf_counter_ns()} ns "}))
                await writer.drain()
            _write(writer, _chunk({}, "stop") + b"data: [DONE]\n\n")
            writer.write(b"0\r\n\r\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def _chunk(delta: Mapping[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"%x\r\n%b\r\n" % (len(data), data))


def delays(url: str, path: str, streams: int) -> list[float]:
    """Return the milliseconds from each event's sending to its arrival, of so many streams at once."""
    found: list[list[float]] = [[] for _ in range(streams)]
    threads = [threading.Thread(target=_read, args=(url, path, each)) for each in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [delay for each in found for delay in each]


def _read(url: str, path: str, found: list[float]) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    message = {"role": "user", "content": "word " * 1000}
    body = {"model": "m", "max_tokens": 500, "stream": True, "messages": [message]}
    headers = {"content-type": "application/json", "x-api-key": KEY, "authorization": f"Bearer {KEY}"}
    connection.request("POST", path, json.dumps(body), headers)
    answer = connection.getresponse()
    while data := answer.read1(65536):
        now = time.perf_counter_ns()
        found += [(now - int(sent)) / 1e6 for sent in _SENT.findall(data)]
    connection.close()


def percentile(values: Sequence[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]
