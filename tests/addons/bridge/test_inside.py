"""Connections within the process behave as those over loopback do."""

import asyncio

import pytest

from addons.bridge import inside
from addons.bridge.loopback import Loopback, Reply

pytestmark = pytest.mark.io

BIG = b"x" * (300 * 1024)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()
    await writer.wait_closed()


def test_what_is_written_at_one_end_is_read_at_the_other_until_it_ends() -> None:
    async def talk() -> None:
        reader, writer = inside.connect(echo, 1)
        writer.write(b"one\ntwo\n")
        assert await reader.readline() == b"ONE\n"
        assert writer.get_extra_info("peername") == ("127.0.0.1", 1)
        writer.write_eof()
        assert await reader.read() == b"TWO\n"
        writer.close()

    asyncio.run(talk())


def test_who_writes_waits_while_nobody_reads() -> None:
    async def talk() -> None:
        wrote = asyncio.Event()

        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(BIG)
            await writer.drain()
            wrote.set()
            writer.close()

        reader, writer = inside.connect(serve, 1)
        for _ in range(5):
            await asyncio.sleep(0)
        assert not wrote.is_set()
        assert await reader.read() == BIG
        assert wrote.is_set()
        writer.close()

    asyncio.run(talk())


def test_one_end_that_closes_ends_the_other() -> None:
    async def talk() -> None:
        left = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert await reader.read() == b""
            writer.write(b"nobody reads this")
            with pytest.raises(ConnectionError):
                await writer.drain()
            left.set()

        _, writer = inside.connect(serve, 1)
        writer.close()
        await asyncio.wait_for(left.wait(), 30)

    asyncio.run(talk())


@pytest.mark.parametrize("is_inside", [True, False], ids=["within the process", "over loopback"])
def test_the_loopback_server_answers_in_both_ways_alike(is_inside: bool) -> None:
    async def talk() -> bytes:
        async def answer(key: str, writer: asyncio.StreamWriter) -> bool:
            reply = Reply()
            reply.connect(writer)
            await reply.send(200, {"x-key": key}, b"Hello")
            return reply.is_whole

        loopback = Loopback(answer)
        await loopback.start()
        if not is_inside:
            inside.lead_outside(loopback.port)
        reader, writer = await asyncio.open_connection("127.0.0.1", loopback.port)
        assert (writer.get_extra_info("socket") is None) == is_inside
        for _ in range(2):  # the connection stays open
            writer.write(b"POST %b HTTP/1.1\r\n\r\n" % loopback.path("a").encode())
            answered = await reader.readuntil(b"\r\n0\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        async with asyncio.timeout(60):
            while loopback._tasks:  # it closes its own end
                await asyncio.sleep(0.01)
        loopback.close()
        return answered

    assert asyncio.run(talk()) == (
        b"HTTP/1.1 200 OK\r\nx-key: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n"
    )


def test_other_connections_go_to_the_network_and_all_do_in_the_end() -> None:
    async def talk() -> None:
        served = asyncio.open_connection
        inside.lead_inside(1, echo)
        assert asyncio.open_connection is not served
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"out\n")
        assert await reader.readline() == b"OUT\n"
        assert writer.get_extra_info("socket") is not None
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()
        inside.lead_outside(1)
        assert asyncio.open_connection is served

    asyncio.run(talk())


def test_an_answer_that_begins_before_it_is_asked_for_waits_and_comes_whole() -> None:
    async def talk() -> bytes:
        reply = Reply()
        answering = asyncio.create_task(reply.send(200, {}, b"Hello"))
        await asyncio.sleep(0)
        assert reply.has_begun
        assert not reply.is_whole

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            reply.connect(writer)
            await answering
            writer.close()

        reader, _ = inside.connect(serve, 1)
        answered = await reader.read()
        assert reply.is_whole
        return answered

    assert asyncio.run(talk()) == b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n"
