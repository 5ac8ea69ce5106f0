"""Bodies that are too large to be recorded, through a real mitmdump: they pass whole, and cost it no memory."""

import http.client
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import answers
from tests.support.patience import PATIENCE
from tests.support.proxy import Proxy, recording
from tests.support.scripted import Answer, Received, serving, stream, whole
from traces.model import Trace

MB = 10**6
SIZE = 200 * MB
CHAT = ("--set", "anyclaude_translate=chat")
UNCHANGED = ("request_body_too_large", "not_changed")
ANSWER = whole(answers.message(answers.text("Hello")))


def body() -> Iterator[bytes]:
    yield b'{"model": "m", "text": "'
    yield from [b"x" * MB] * (SIZE // MB)
    yield b'"}'


def ask(proxy: Proxy, data: bytes | Iterable[bytes], **headers: str) -> tuple[int, int]:
    """Return the status and how many bytes came back."""
    connection = http.client.HTTPConnection(proxy.url.removeprefix("http://"), timeout=PATIENCE)
    connection.request("POST", "/v1/messages", data, {"content-type": "application/json", **headers})
    answer = connection.getresponse()
    size = sum(map(len, iter(lambda: answer.read(MB), b"")))
    connection.close()
    return answer.status, size


def peak(proxy: Proxy) -> int:
    """Return the most memory that the proxy has had so far, in bytes."""
    found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{proxy.process.pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


def recorded(proxy: Proxy, exchanges: int) -> list[Trace]:
    """Return the traces once all are whole: on a busy machine the writer takes its time over these."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        traces = proxy.traces()
        if len(traces) == exchanges and all(trace.response for trace in traces):
            return traces
        time.sleep(0.1)
    raise AssertionError(proxy.log.read_text())


def test_a_large_request_passes_whole_and_is_not_held(tmp_path: Path) -> None:
    with serving([ANSWER]) as server, recording(server.url, tmp_path) as proxy:
        ask(proxy, b"{}")
        before = peak(proxy)
        assert ask(proxy, body(), **{"content-length": str(SIZE + 26)})[0] == 200
        cost = peak(proxy) - before
        traces = recorded(proxy, 2)

    assert [len(request.body) for request in server.posts] == [2, SIZE + 26]
    assert cost < SIZE
    assert (traces[1].state, traces[1].marks, traces[1].request.body) == ("complete", ("request_body_too_large",), None)
    assert traces[1].message == traces[0].message


def test_a_large_request_in_chunks_is_held_up_to_the_limit_and_not_translated(tmp_path: Path) -> None:
    with serving([ANSWER]) as server, recording(server.url, tmp_path, *CHAT) as proxy:
        assert ask(proxy, body())[0] == 200
        (trace,) = recorded(proxy, 1)

    assert [(request.path, len(request.body)) for request in server.posts] == [("/v1/messages", SIZE + 26)]
    assert (trace.state, trace.marks, trace.request.body) == ("complete", UNCHANGED, None)
    assert trace.upstream is None
    assert proxy.log.read_text().count(f"{server.url} got a request of more than 64 MiB as the client sent it") == 1


def test_a_large_answer_that_ended_well_is_complete(tmp_path: Path) -> None:
    said = answers.event("content_block_delta", index=0, delta={"type": "text_delta", "text": "x" * 100 * MB})
    events = answers.events(answers.text(""))
    steps = [*events[:3], said, *events[-3:]]

    def script(request: Received) -> Answer:
        return stream(steps if b"whole" in request.body else steps[:-1])

    with serving(script) as server, recording(server.url, tmp_path) as proxy:
        sizes = [ask(proxy, words)[1] for words in (b'"whole"', b'"cut"')]
        traces = recorded(proxy, 2)

    assert sizes[0] > 100 * MB
    assert [trace.state for trace in traces] == ["complete", "incomplete"]
    assert [trace.marks for trace in traces] == [("response_body_too_large",)] * 2
    assert [trace.error and trace.error.kind for trace in traces] == [None, "stream_cut"]


def test_an_answer_that_comes_before_a_large_request_has_ended_is_recorded_once(tmp_path: Path) -> None:
    with answering_early() as url, recording(url, tmp_path, *CHAT) as proxy:
        early = http.client.HTTPConnection(proxy.url.removeprefix("http://"), timeout=PATIENCE)
        early.putrequest("POST", "/v1/messages")
        early.putheader("content-length", str(70 * MB))
        early.endheaders(b"{")
        status = early.getresponse().status
        early.send(b"x" * MB)
        early.close()
        (trace,) = recorded(proxy, 1)

    assert status == 413
    assert trace.response is not None
    assert (trace.response.status, trace.error and trace.error.kind) == (413, "http_error")
    assert trace.marks == UNCHANGED


@contextmanager
def answering_early() -> Iterator[str]:
    """Serve one request, and refuse it as soon as its head has come."""
    refused = b"HTTP/1.1 413 Too Large\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\r\ntoo large"

    def serve(server: socket.socket) -> None:
        client, _ = server.accept()
        with client:
            while b"\r\n\r\n" not in client.recv(2**16):
                pass
            client.sendall(refused)
            while client.recv(2**16):
                pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=[server], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(PATIENCE)
