"""What HTTP allows and clients may do, through a real mitmdump: it passes as it is, and the trace is whole."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import h2.config  # type: ignore[import-untyped]
import h2.connection  # type: ignore[import-untyped]
import h2.events  # type: ignore[import-untyped]
import pytest

from tests.support import answers
from tests.support.certificates import a_certificate_that_the_proxy_trusts
from tests.support.patience import PATIENCE
from tests.support.proxy import Proxy, recording
from tests.support.scripted import serving, whole

BODY = b'{"model": "m", "messages": [{"role": "user", "content": "Hi"}]}'
EVENTS = b"".join(answers.events(answers.text("Hello")))
ANSWER = whole(answers.message(answers.text("Hello")))


class Client:
    """A client that says exactly the bytes it is given."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=PATIENCE)
        self._file = self.socket.makefile("rb")

    def __del__(self) -> None:
        self._file.close()
        self.socket.close()

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.socket.sendall(piece)

    def head(self) -> tuple[int, dict[str, str]]:
        """Return the status and the headers of the next answer."""
        status = int(self._file.readline().split()[1])
        lines = iter(self._file.readline, b"\r\n")
        return status, {
            name.lower(): value.strip() for name, _, value in (line.decode().partition(":") for line in lines)
        }

    def answer(self) -> tuple[int, bytes]:
        """Return the status and the body of the next answer."""
        status, headers = self.head()
        if headers.get("transfer-encoding") != "chunked":
            return status, self._file.read(int(headers["content-length"]))
        body = b""
        while size := int(self._file.readline(), 16):
            body += self._file.read(size + 2)[:size]
        while self._file.readline().strip():
            pass
        return status, body

    def read(self, size: int) -> bytes:
        return self._file.read(size)


def head(*lines: str, path: str = "/v1/messages") -> bytes:
    given = ["host: model.example", "content-type: application/json", *lines]
    return "\r\n".join([f"POST {path} HTTP/1.1", *given, "", ""]).encode()


def post(body: bytes = BODY) -> bytes:
    return head(f"content-length: {len(body)}") + body


def finished(proxy: Proxy) -> list[tuple[str, object]]:
    """Return each trace's state, and what was asked."""
    proxy.stop()
    return [(trace.state, trace.request.body) for trace in proxy.traces()]


def test_a_client_that_waits_to_be_told_to_go_on_is_told(tmp_path: Path) -> None:
    with serving([ANSWER]) as server, recording(server.url, tmp_path) as proxy:
        client = Client(proxy.url)
        client.send(head(f"content-length: {len(BODY)}", "expect: 100-continue"))
        assert client.head()[0] == 100
        client.send(BODY)
        assert client.answer()[0] == 200

        assert finished(proxy) == [("complete", json.loads(BODY))]
    assert [request.body for request in server.posts] == [BODY]


def test_a_request_in_chunks_is_recorded(tmp_path: Path) -> None:
    chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (BODY[:1], BODY[1:20], BODY[20:])]
    with serving([ANSWER]) as server, recording(server.url, tmp_path) as proxy:
        client = Client(proxy.url)
        client.send(head("transfer-encoding: chunked"), *chunks, b"0\r\n\r\n")
        assert client.answer()[0] == 200

        assert finished(proxy) == [("complete", json.loads(BODY))]
    assert [request.body for request in server.posts] == [BODY]


def test_requests_that_are_sent_before_the_answers_come_are_recorded_in_order(tmp_path: Path) -> None:
    bodies = [BODY.replace(b"Hi", b"Hi %d" % number) for number in range(5)]
    with serving([ANSWER]) as server, recording(server.url, tmp_path) as proxy:
        client = Client(proxy.url)
        client.send(b"".join(map(post, bodies)))
        assert [client.answer()[0] for _ in bodies] == [200] * 5

        assert finished(proxy) == [("complete", json.loads(body)) for body in bodies]
    assert [request.body for request in server.posts] == bodies


@contextmanager
def answering(play: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve each connection by a function."""

    def serve(client: socket.socket) -> None:
        with suppress(OSError), tls.wrap_socket(client, server_side=True) if tls else client as connection:
            play(connection)

    def accept(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=[server.accept()[0]], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, args=[server], daemon=True).start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def test_a_websocket_passes_by_unrecorded_and_the_exchange_after_it_is_recorded(tmp_path: Path) -> None:
    accepted = b"HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    key = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="
    asked = ["GET /v1/responses HTTP/1.1", "host: model.example", "upgrade: websocket", "connection: upgrade", key]
    ping = b"\x81\x05hello"

    def play(client: socket.socket) -> None:
        if b"websocket" not in client.recv(2**16):
            body = json.dumps(answers.message(answers.text("Hello"))).encode()
            client.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
            return
        client.sendall(accepted + b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
        client.recv(2**16)
        client.sendall(ping)
        client.recv(2**16)

    with answering(play) as url, recording(url, tmp_path) as proxy:
        client = Client(proxy.url)
        client.send("\r\n".join([*asked, "sec-websocket-version: 13", "", ""]).encode())
        assert client.head()[0] == 101
        client.send(b"\x81\x85\0\0\0\0hello")
        assert client.read(len(ping)) == ping
        other = Client(proxy.url)
        other.send(post())
        assert other.answer()[0] == 200

        assert finished(proxy) == [("complete", json.loads(BODY))]


def h2_play(client: socket.socket) -> None:
    """Answer each request of an HTTP/2 connection with a stream, a frame for each event, and with trailers."""
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    connection.initiate_connection()
    client.sendall(connection.data_to_send())
    while data := client.recv(2**16):
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.DataReceived):
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if isinstance(event, h2.events.StreamEnded):
                connection.send_headers(event.stream_id, [(":status", "200"), ("content-type", "text/event-stream")])
                for piece in answers.events(answers.text("Hello")):
                    connection.send_data(event.stream_id, piece)
                connection.send_headers(event.stream_id, [("x-tokens", "7")], end_stream=True)
        client.sendall(connection.data_to_send())


def h2_ask(url: str, bodies: list[bytes], trusted: ssl.SSLContext) -> dict[int, bytes]:
    """Send all requests on one HTTP/2 connection at once; return what came back on each stream."""
    address = urlsplit(url)
    got: dict[int, bytes] = {}
    open_streams = set()
    plain = socket.create_connection((address.hostname, address.port), timeout=PATIENCE)
    with trusted.wrap_socket(plain, server_hostname="localhost") as client:
        assert client.selected_alpn_protocol() == "h2"
        connection = h2.connection.H2Connection()
        connection.initiate_connection()
        for body in bodies:
            number = connection.get_next_available_stream_id()
            line = [(":method", "POST"), (":path", "/v1/messages"), (":scheme", "https"), (":authority", "localhost")]
            connection.send_headers(number, [*line, ("content-type", "application/json")])
            connection.send_data(number, body, end_stream=True)
            got[number] = b""
            open_streams.add(number)
        client.sendall(connection.data_to_send())
        while open_streams:
            for event in connection.receive_data(client.recv(2**16)):
                if isinstance(event, h2.events.DataReceived):
                    got[event.stream_id] += event.data
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if isinstance(event, h2.events.StreamEnded):
                    open_streams.discard(event.stream_id)
            client.sendall(connection.data_to_send())
    return got


def test_streams_of_one_http2_connection_are_exchanges_of_their_own(tmp_path: Path) -> None:
    context, _ = a_certificate_that_the_proxy_trusts(tmp_path)
    context.set_alpn_protocols(["h2"])
    trusted = ssl.create_default_context()
    trusted.check_hostname, trusted.verify_mode = False, ssl.CERT_NONE
    trusted.set_alpn_protocols(["h2"])
    bodies = [BODY.replace(b"Hi", b"Hi %d" % number) for number in range(4)]

    with answering(h2_play, context) as url, recording(url, tmp_path, "--ssl-insecure") as proxy:
        got = h2_ask(proxy.url, bodies, trusted)
        states = finished(proxy)
        times = [trace.timing for trace in proxy.traces()]

    assert list(got.values()) == [EVENTS] * 4
    assert sorted(states, key=str) == [("complete", json.loads(body)) for body in bodies]
    assert all(timing.ttft is not None for timing in times)


@pytest.mark.parametrize(
    ("options", "recorded"),
    [
        ([], 1),
        (["--set", r"allow_hosts=^api\.anthropic\.com:443$"], 0),
        (["--set", r"allow_hosts=^127\.0\.0\.1:"], 1),
        (["--set", r"ignore_hosts=^127\.0\.0\.1:"], 0),
    ],
)
def test_a_forward_proxy_records_of_other_hosts_nothing_over_plain_http(
    tmp_path: Path, options: list[str], recorded: int
) -> None:
    with serving([ANSWER]) as server, recording(None, tmp_path, *options) as proxy:
        client = Client(proxy.url)
        client.send(post().replace(b"POST /v1", f"POST {server.url}/v1".encode()))
        assert client.answer()[0] == 200

        assert len(finished(proxy)) == recorded
