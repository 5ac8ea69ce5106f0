"""A model server with known times: it answers each POST with a stream in which each delta holds the time it was sent.

The request's header `x-bench-script` says how: "<ms to the first token> <deltas> <ms between them> <number of the
request>". It reads a body only to count its bytes, so that it doesn't limit a measurement. The model's name in its
answer is when the whole request had been received. At a path of OpenAI's it answers as a chat completion.

    python -m benchmarks.capture.server      serves on a free loopback port and prints it
"""

import asyncio
import json
import re
import time

HEADERS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
HEADERS += b"request-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
SCRIPT = re.compile(rb"\r\nx-bench-script: *(\d+) (\d+) (\d+) (\d+)", re.IGNORECASE)


def event(kind: str, **fields: object) -> bytes:
    """Return one server-sent event, as one chunk of the body."""
    data = f"event: {kind}\ndata: {json.dumps({'type': kind, **fields}, separators=(',', ':'))}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(data), data)


def chunk(**fields: object) -> bytes:
    """Return one server-sent event of a chat completion, as one chunk of the body."""
    data = f"data: {json.dumps(fields, separators=(',', ':'))}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(data), data)


def delta() -> bytes:
    return event("content_block_delta", index=0, delta={"type": "text_delta", "text": f"{time.monotonic_ns()} word "})


def opening(received: int) -> bytes:
    """Return the events before the first token."""
    message: dict[str, object] = {
        "id": f"msg_{received}",
        "type": "message",
        "role": "assistant",
        "model": f"bench_{received}",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 30_000, "cache_read_input_tokens": 0, "output_tokens": 1},
    }
    block = {"type": "text", "text": ""}
    return event("message_start", message=message) + event("content_block_start", index=0, content_block=block)


def closing(deltas: int) -> bytes:
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    ending = event("content_block_stop", index=0)
    ending += event("message_delta", delta=stop, usage={"output_tokens": deltas})
    return ending + event("message_stop") + b"0\r\n\r\n"


class Messages:
    """An answer in Anthropic's format."""

    opening = staticmethod(opening)
    delta = staticmethod(delta)
    closing = staticmethod(closing)


class Chat:
    """The same as a chat completion."""

    @staticmethod
    def opening(received: int) -> bytes:
        return chunk(model=f"bench_{received}", choices=[{"index": 0, "delta": {"role": "assistant"}}])

    @staticmethod
    def delta() -> bytes:
        return chunk(choices=[{"index": 0, "delta": {"content": f"{time.monotonic_ns()} word "}}])

    @staticmethod
    def closing(deltas: int) -> bytes:
        usage = {"prompt_tokens": 30_000, "completion_tokens": deltas}
        ending = chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
        ending += chunk(choices=[], usage=usage)
        return ending + b"e\r\ndata: [DONE]\n\n\r\n" + b"0\r\n\r\n"


class Answer(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.head = b""
        self.format: type[Messages | Chat] = Messages
        self.missing = 0  # bytes of the body still to come

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.missing:
            self.missing -= len(data)
        else:
            self.head += data
            head, blank, body = self.head.partition(b"\r\n\r\n")
            if not blank:
                return
            length, script = LENGTH.search(head), SCRIPT.search(head)
            if length is None or script is None:
                raise ValueError("not a request of this benchmark")
            self.head = b""
            self.format = Chat if head.split(b" ", 2)[1].startswith(b"/v1/chat/") else Messages
            self.delay, self.deltas, self.gap, self.number = (int(number) for number in script.groups())
            self.missing = int(length[1]) - len(body)
        if not self.missing:
            self.begin()

    def begin(self) -> None:
        received = time.monotonic_ns()
        if self.delay == self.gap == 0:
            stream = [self.format.delta() for _ in range(self.deltas)]
            whole = self.format.opening(received) + b"".join(stream) + self.format.closing(self.deltas)
            self.transport.write(HEADERS + whole)
            return
        self.transport.write(HEADERS)
        loop = asyncio.get_running_loop()
        start, begun = self.delay / 1000, self.format.opening(received)
        loop.call_later(start, self.tick, begun, self.deltas, loop.time() + start)

    def tick(self, before: bytes, left: int, at: float) -> None:
        """Send one delta, and schedule the next from when this one was due, so that delays don't add up."""
        if self.transport.is_closing():
            return
        if left == 0:
            self.transport.write(self.format.closing(self.deltas))
            return
        self.transport.write(before + self.format.delta())
        at += self.gap / 1000
        asyncio.get_running_loop().call_at(at, self.tick, b"", left - 1, at)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Answer, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
