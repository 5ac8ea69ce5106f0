"""Connections: the bytes and keys that go out, refused connections, TLS."""

import asyncio
import socket
from pathlib import Path

import pytest

from replay.exchange import Sent
from replay.request import Prepared, Target
from replay.transport.send import send
from tests.support.certificates import a_certificate_that_the_proxy_trusts
from tests.support.scripted import serving, stream
from tests.support.sending import BODY, HELLO, KEY, prepared, texts


def test_the_body_goes_out_byte_for_byte() -> None:
    with serving([stream(HELLO)]) as server:
        asyncio.run(send(prepared(f"{server.url}/below", key=KEY)))

    [request] = server.posts
    assert (request.path, request.body) == ("/below/v1/messages", BODY)
    assert request.header("authorization") == f"Bearer {KEY}"
    assert request.header("accept-encoding") == "identity"


def test_anthropics_own_service_gets_the_key_in_its_own_header() -> None:
    with serving([stream(HELLO)]) as server:
        asyncio.run(send(Prepared(Target(server.url, "claude", key=KEY), "/v1/messages", {}, BODY, "m", "anthropic")))

    [request] = server.posts
    assert (request.header("x-api-key"), request.header("authorization")) == (KEY, None)


def test_a_refused_connection_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    came = asyncio.run(send(prepared(f"http://localhost:{port}")))

    assert came.error is not None
    assert came.error.kind == "refused"


def test_a_server_that_speaks_no_http() -> None:
    async def talk() -> Sent:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"220 mail.example ESMTP\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            return await send(prepared(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))

    came = asyncio.run(talk())

    assert came.error is not None
    assert (came.error.kind, "no HTTP answer" in came.error.message) == ("malformed", True)


def test_a_self_signed_certificate_is_not_trusted(tmp_path: Path) -> None:
    context, _ = a_certificate_that_the_proxy_trusts(tmp_path)
    with serving([stream(HELLO)], tls=context) as server:
        came = asyncio.run(send(prepared(server.url, key=KEY)))

    assert came.error is not None
    assert (came.error.kind, "certificate verify failed" in came.error.message) == ("unreachable", True)
    assert server.received == []


def test_a_stream_comes_over_tls_from_a_server_that_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, _ = a_certificate_that_the_proxy_trusts(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority" / "upstream-ca-cert.pem"))
    with serving([stream([HELLO[0], 0.1, *HELLO[1:]])], tls=context) as server:
        came = asyncio.run(send(prepared(server.url)))

    assert (came.error, texts(came.message)) == (None, "Hello")
