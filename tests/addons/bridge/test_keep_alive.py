"""A client that is told to wait while the server says nothing."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from addons.bridge.addon import Bridge
from addons.bridge.loopback import Reply
from addons.bridge.translate import Translate
from tests.addons.bridge.test_translate import BODY, read
from tests.support import answers, chat_answers
from traces.repairs import Outgoing

PING = b'event: ping\ndata: {"type":"ping"}\n\n'
CHUNKS = chat_answers.chunks(answers.text("Hello to you."))


class Written:
    """What a reply writes, in place of a connection; `pinged` is set when a ping is in it."""

    def __init__(self) -> None:
        self.data = b""
        self.pinged = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.data += data
        if PING in data:
            self.pinged.set()

    async def drain(self) -> None:
        pass

    def body(self) -> bytes:
        """Return the body without its chunks' sizes."""
        body, rest = b"", self.data.partition(b"\r\n\r\n")[2]
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
        return body


class Silent:
    """An answer that goes on when the client has been told to wait."""

    def __init__(self, written: Written, status: int, before: list[bytes], behind: list[bytes]) -> None:
        self.status = status
        self.headers: Mapping[str, str] = {"content-type": "text/event-stream"}
        self._written, self._before, self._behind = written, before, behind

    async def chunks(self) -> AsyncIterator[bytes]:
        for data in self._before:
            yield data
        self._written.pinged.clear()
        await self._written.pinged.wait()
        for data in self._behind:
            yield data

    decoded = chunks

    async def read(self) -> bytes:
        return b"".join([data async for data in self.chunks()])


def waited(status: int, before: list[bytes], behind: list[bytes]) -> bytes:
    """Return what a client gets of an answer with a silence in it."""

    async def play() -> bytes:
        written: Any = Written()
        notes: list[str] = []
        reply, way = Reply(), Translate("chat", notes.append, ping=0.01)
        reply.connect(written)
        way.request(Outgoing("/v1/messages", {}, dict(BODY)))
        waiting = asyncio.ensure_future(way.keep_alive(reply))
        await way.relay(Silent(written, status, before, behind), reply)
        waiting.cancel()
        data: bytes = written.body()
        return data

    return asyncio.run(play())


def test_pings_come_before_the_first_token_and_within_the_answer() -> None:
    for at in range(len(CHUNKS) - 2):  # behind the usage, the client's answer is whole
        data = waited(200, CHUNKS[:at], CHUNKS[at:])
        assert PING in data
        assert read(data)["content"] == [{"type": "text", "text": "Hello to you."}]


def test_an_error_after_a_ping_comes_as_an_event() -> None:
    data = waited(503, [], [b'{"error": {"message": "Overloaded"}}'])
    assert PING in data
    assert data.endswith(b"\n\n")
    assert b'event: error\ndata: {"type":"error"' in data
    assert b"Overloaded" in data


def test_an_error_of_our_own_is_told_to_the_client_and_to_the_user(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def __init__(self, writer: Any) -> None:
            self.reply = Reply()
            self.reply.connect(writer)

        async def answer(self) -> None:
            raise KeyError("choices")

    async def play() -> bytes:
        written = Written()
        await Bridge()._answer(Broken(written))  # type: ignore[arg-type]
        return written.data

    data = asyncio.run(play())
    assert data.startswith(b"HTTP/1.1 500 ")
    assert b"KeyError('choices')" in data
    assert "An error in the toolkit, please report it: KeyError('choices')" in caplog.text
