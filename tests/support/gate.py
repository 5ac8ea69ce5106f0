"""A gate before a model server that closes off one path: what is behind it looks like an older server."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

NOT_FOUND = b'{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}'


@contextmanager
def closing_off(path: str, server: str) -> Iterator[str]:
    """Yield the address of a gate that passes all requests on to `server` but those to `path`.

    It looks at the first request of a connection alone, and lets each connection carry one.
    """
    target = urlsplit(server)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if head.split(b" ")[1].startswith(path.encode()):
                length = b"content-length: %d\r\nconnection: close\r\n\r\n" % len(NOT_FOUND)
                writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\n" + length + NOT_FOUND)
                await writer.drain()
                return
            behind_reader, behind = await asyncio.open_connection(target.hostname, target.port)
            behind.write(head.replace(b"\r\n", b"\r\nconnection: close\r\n", 1))
            await asyncio.gather(_pump(reader, behind), _pump(behind_reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opening = asyncio.run_coroutine_threadsafe(asyncio.start_server(serve, "127.0.0.1", 0), loop)
    gate = opening.result(10)
    try:
        yield f"http://127.0.0.1:{gate.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_end(gate), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until one end closes, then close the other."""
    try:
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
