"""Connections within this process: what one end writes, the other has got at once, past the system's network.

mitmproxy opens its connections with `asyncio.open_connection`, and here that gets one to our own server without asking
the system. Sending a piece over loopback, waking up for it and reading it would take longer than all else that is
done with it. Where mitmproxy should open them in another way, they go over loopback: our server listens there, too.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

HOST = "127.0.0.1"

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_servers: dict[int, Serve] = {}
"""By the port of loopback at which each listens as well."""

_open_outside = asyncio.open_connection


def lead_inside(port: int, serve: Serve) -> None:
    """Let connections to this port of loopback be made within the process from now on."""
    _servers[port] = serve
    asyncio.open_connection = _open_connection


def lead_outside(port: int) -> None:
    """Let them go to the network again."""
    _servers.pop(port, None)
    if not _servers:
        asyncio.open_connection = _open_outside


async def _open_connection(
    host: Any = None, port: Any = None, **options: Any
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if host == HOST and port in _servers and not options.get("ssl"):
        await asyncio.sleep(0)  # mitmproxy 12 begins tasks at once, and expects that this one waits
        return connect(_servers[port], port)
    return await _open_outside(host, port, **options)


def connect(serve: Serve, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a client's end of a new connection; the other one is served by a task of its own."""
    loop = asyncio.get_running_loop()
    client, server = _End(port), _End(port)
    client.peer, server.peer = server, client
    reader, writer = _streams(client, loop)
    serving = loop.create_task(_serve(serve, *_streams(server, loop)))
    client.serving = serving  # asyncio itself holds no task
    return reader, writer


async def _serve(serve: Serve, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await serve(reader, writer)


def _streams(end: "_End", loop: asyncio.AbstractEventLoop) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader = asyncio.StreamReader(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    end.set_protocol(protocol)
    protocol.connection_made(end)
    return reader, asyncio.StreamWriter(end, protocol, reader, loop)


class _End(asyncio.Transport):
    """One end of a connection. Who writes waits in `drain` while the other end has too much that it hasn't read."""

    peer: "_End"
    serving: "asyncio.Task[None] | None" = None

    def __init__(self, port: int) -> None:
        super().__init__({"peername": (HOST, port), "sockname": (HOST, port)})
        self._loop = asyncio.get_running_loop()
        self._is_closing = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol: asyncio.Protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if data and not self._is_closing:
            self.peer._protocol.data_received(bytes(data))

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        if not self._is_closing:
            self.peer._protocol.eof_received()

    def pause_reading(self) -> None:
        self.peer._protocol.pause_writing()

    def resume_reading(self) -> None:
        self.peer._protocol.resume_writing()

    def is_reading(self) -> bool:
        return not self._is_closing

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        for end in (self, self.peer):
            if not end._is_closing:
                end._is_closing = True
                self._loop.call_soon(end._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()
