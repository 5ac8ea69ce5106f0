"""A real mitmdump with the bridge between a plain client and a scripted server."""

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from addons.bridge.loopback import Loopback, Reply
from tests.support import answers
from tests.support.certificates import a_certificate_that_the_proxy_trusts
from tests.support.patience import PATIENCE, eventually
from tests.support.proxy import recording
from tests.support.scripted import Answer, Cut, Received, serving, stream, whole
from traces.model import Exchange

BODY = {
    "model": "m",
    "max_tokens": 100,
    "stream": True,
    "messages": [{"role": "user", "content": "Hello."}],
    "context_management": {"edits": []},
}
DROP = ("--set", "anyclaude_repair=drop:context_management")
EVENTS = answers.events(answers.text("Hello to you."))


def ask(url: str, body: Any = BODY, path: str = "/v1/messages?beta=true", **headers: str) -> tuple[int, bytes]:
    """Send a request as a client does; return the status and the body, as far as it came."""
    status, _, data = whole_answer(url, body, path, **headers)
    return status, data


def whole_answer(url: str, body: Any, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request("POST", path, sent, {"x-api-key": "sk-made-up-0123456789abcdef", **headers})
    response = connection.getresponse()
    try:
        data = response.read()
    except http.client.IncompleteRead as error:
        data = error.partial
    connection.close()
    return response.status, dict(response.getheaders()), data


def test_a_repair_is_recorded_before_and_after(tmp_path: Path) -> None:
    with serving([stream(EVENTS)]) as server, recording(server.url, tmp_path, *DROP) as proxy:
        status, answer = ask(proxy.url)
    [trace] = proxy.traces()
    repaired = {name: value for name, value in BODY.items() if name != "context_management"}
    assert (status, answer) == (200, b"".join(EVENTS))
    assert server.posts[0].json == repaired
    assert server.posts[0].path == "/v1/messages?beta=true"
    assert server.posts[0].header("x-api-key") == "sk-made-up-0123456789abcdef"
    assert trace.request.body == BODY
    assert trace.request.url == f"{server.url}/v1/messages?beta=true"
    assert (trace.state, trace.marks) == ("complete", ("changed",))
    assert trace.upstream is not None
    sent = trace.upstream.exchange
    assert sent.request.body == repaired
    assert sent.request.url == trace.request.url
    assert sent.request.headers["x-api-key"] == "[redacted]"
    assert trace.upstream.changes == ("context_management: dropped",)
    assert trace.response is not None
    assert sent.response is not None
    assert sent.response.body == trace.response.body == answers.message(answers.text("Hello to you."))
    assert [event.kind for event in sent.events] == [event.kind for event in trace.events]
    theirs, ours = sent.timing, trace.timing
    assert theirs.headers is not None
    assert theirs.total is not None
    assert ours.headers is not None
    assert ours.total is not None
    assert ours.headers >= theirs.headers > 0  # the client's time begins before the server's, and ends after it
    assert ours.total >= theirs.total


def test_a_refusal_that_is_compressed_is_learned_from(tmp_path: Path) -> None:
    words = json.dumps({"error": {"message": "context_management: Extra inputs are not permitted"}}).encode()
    refusal = Answer((words,), 400, {"content-type": "application/json"}, encoding="gzip")

    def script(request: Received) -> Answer:
        return refusal if "context_management" in request.json else stream(EVENTS)

    with serving(script) as server, recording(server.url, tmp_path, "--set", "anyclaude_repair=auto") as proxy:
        status, answer = ask(proxy.url, **{"accept-encoding": "gzip, br"})
    assert (status, answer) == (200, b"".join(EVENTS))
    assert "accepts the request with --repair" in proxy.log.read_text()


def test_what_a_kind_of_server_needs_is_repaired_where_a_request_has_it_and_told_once(tmp_path: Path) -> None:
    call = {"type": "function_call", "call_id": "a", "name": "goal", "arguments": "{}"}
    result = {"type": "function_call_output", "call_id": "a", "output": "Done."}
    loose = {"type": "function_call_output", "name": "goal", "output": "Be kind."}
    plain = {"model": "m", "input": [call, result]}
    odd = {"model": "m", "input": [call, result, loose]}
    options = ("--set", "anyclaude_mode=llamacpp")
    with serving([whole({"object": "response", "output": []})] * 4) as server:
        with recording(server.url, tmp_path, *options) as proxy:
            for body in (plain, odd, odd):
                ask(proxy.url, body, "/v1/responses")
        with recording(server.url, tmp_path / "off", *options, "--set", "anyclaude_repair=off") as left_alone:
            ask(left_alone.url, odd, "/v1/responses")
    said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "goal: Be kind."}]}
    repaired = {"model": "m", "input": [call, result, said]}
    assert [post.json for post in server.posts] == [plain, repaired, repaired, odd]
    assert [trace.marks for trace in proxy.traces()] == [(), ("changed",), ("changed",)]
    assert proxy.log.read_text().count("repairing items") == 1
    assert "anyclaude_repair" not in left_alone.log.read_text()


def test_without_an_option_nothing_is_changed(tmp_path: Path) -> None:
    with serving([stream(EVENTS)]) as server, recording(server.url, tmp_path) as proxy:
        ask(proxy.url)
    [trace] = proxy.traces()
    assert server.posts[0].json == BODY
    assert trace.upstream is None


def test_a_server_that_dies_in_mid_stream_breaks_off_at_the_client_too(tmp_path: Path) -> None:
    with (
        serving([stream([*EVENTS[:4], 0.2, Cut.RESET])]) as server,
        recording(server.url, tmp_path, *DROP) as proxy,
    ):
        status, answer = ask(proxy.url)
    [trace] = proxy.traces()
    assert (status, answer) == (200, b"".join(EVENTS[:4]))
    assert _failure(trace) == "server_disconnected"
    assert trace.upstream is not None
    assert _failure(trace.upstream.exchange) == "server_disconnected"


def test_a_server_that_is_not_there_is_told_as_an_error(tmp_path: Path) -> None:
    with serving([]) as server:
        nowhere = server.url
    with recording(nowhere, tmp_path, *DROP) as proxy:
        status, answer = ask(proxy.url)
    [trace] = proxy.traces()
    assert status == 502
    assert "connection refused" in json.loads(answer)["error"]["message"]
    assert trace.upstream is not None
    assert _failure(trace.upstream.exchange) == "refused"


def test_a_connection_is_used_again_and_opened_anew_once_the_server_has_closed_it(tmp_path: Path) -> None:
    connections: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(0)
        while connections[-1] < 2:  # it hangs up after two
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break  # the proxy has ended
            size = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            await reader.readexactly(size)
            connections[-1] += 1
            body = json.dumps(answers.message(answers.text("Hello to you."))).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
            )
            await writer.drain()
        writer.close()

    with listening(serve) as url, recording(url, tmp_path, *DROP) as proxy:
        statuses = [ask(proxy.url)[0] for _ in range(5)]
    assert statuses == [200] * 5
    assert connections == [2, 2, 1]
    assert [trace.state for trace in proxy.traces()] == ["complete"] * 5


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@contextmanager
def listening(serve: Serve) -> Iterator[str]:
    """Serve on a free port of loopback, in a thread of its own."""

    async def run() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        started.append((server.sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(stop.set)))
        is_up.set()
        await stop.wait()
        server.close()

    started: list[tuple[int, Callable[[], object]]] = []
    is_up = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert is_up.wait(60)
    [(port, stop)] = started
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop()
        thread.join(60)


def test_a_client_that_leaves_stops_the_server(tmp_path: Path) -> None:
    left: list[bool] = []

    def gone() -> bool:
        return bool(left)

    with serving([stream([*EVENTS[:4], gone])]) as server, recording(server.url, tmp_path, *DROP) as proxy:
        connection = http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=PATIENCE)
        connection.request("POST", "/v1/messages", json.dumps(BODY))
        response = connection.getresponse()
        response.read(10)
        response.close()
        connection.close()
        assert eventually(lambda: any(trace.error for trace in proxy.traces()))
        left.append(True)
    [trace] = proxy.traces()
    assert _failure(trace) == "client_disconnected"
    assert trace.upstream is not None
    assert _failure(trace.upstream.exchange) == "client_disconnected"


def strict(request: Received) -> Answer:
    """Answer as a server that knows no `context_management`, and names the first unknown field of a request alone."""
    for name in ("context_management", "output_config"):
        if name in request.json:
            return whole({"error": {"message": f"{name}: Extra inputs are not permitted"}}, 400)
    return stream(EVENTS)


def test_auto_leaves_out_what_a_refusal_names_and_remembers_it(tmp_path: Path) -> None:
    body = {**BODY, "output_config": {"effort": "high"}}
    with serving(strict) as server, recording(server.url, tmp_path, "--set", "anyclaude_repair=auto") as proxy:
        answered = [ask(proxy.url, body) for _ in range(2)]
    assert answered == [(200, b"".join(EVENTS))] * 2
    assert len(server.posts) == 4  # two refusals, and then none
    first, second = proxy.traces()
    assert first.request.body == second.request.body == body
    assert first.upstream is not None
    assert second.upstream is not None
    assert first.upstream.exchange.request.body == second.upstream.exchange.request.body == server.posts[-1].json
    assert first.upstream.changes[0].startswith("refused (400: context_management: Extra inputs")
    assert second.upstream.changes == ("context_management: dropped", "output_config: dropped")
    names = "drop:context_management,drop:output_config"
    assert f"mitmdump --set anyclaude_repair={names}." in proxy.log.read_text()


def test_auto_passes_on_a_refusal_that_names_nothing(tmp_path: Path) -> None:
    refusal = {"error": {"message": "no"}}
    with (
        serving([whole(refusal, 400)]) as server,
        recording(server.url, tmp_path, "--set", "anyclaude_repair=auto") as proxy,
    ):
        status, answer = ask(proxy.url)
    assert (status, json.loads(answer), len(server.posts)) == (400, refusal, 1)


def test_a_server_with_tls_is_trusted_as_mitmproxy_trusts_it(tmp_path: Path) -> None:
    context, _ = a_certificate_that_the_proxy_trusts(tmp_path)
    authority = f"ssl_verify_upstream_trusted_ca={tmp_path / 'authority' / 'upstream-ca-cert.pem'}"
    with serving([stream(EVENTS)], tls=context) as server:
        with recording(server.url, tmp_path / "trusting", *DROP, "--set", authority) as proxy:
            assert ask(proxy.url) == (200, b"".join(EVENTS))
        with recording(server.url, tmp_path / "strict", *DROP) as proxy:
            status, answer = ask(proxy.url)
        [refused] = proxy.traces()
    assert status == 502
    assert "certificate" in json.loads(answer)["error"]["message"]
    assert refused.upstream is not None
    assert _failure(refused.upstream.exchange) == "unreachable"


def test_a_long_answer_comes_whole_and_no_faster_than_the_client_reads_it(tmp_path: Path) -> None:
    long = [EVENTS[0], *(answers.event("ping", padding="x" * 50_000) for _ in range(400)), *EVENTS[2:]]
    with serving([stream(long)]) as server, recording(server.url, tmp_path, *DROP) as proxy:
        status, answer = ask(proxy.url)
    assert (status, len(answer)) == (200, sum(map(len, long)))
    assert answer == b"".join(long)


def test_a_server_may_be_at_an_ipv6_address(tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with serving([stream(EVENTS)], host="::1") as server, recording(server.url, tmp_path, *DROP) as proxy:
        assert ask(proxy.url) == (200, b"".join(EVENTS))
    assert [post.path for post in server.posts] == ["/v1/messages?beta=true"]


ANOTHER_ADDON = """
import asyncio
from mitmproxy.http import Response

async def request(flow):
    await asyncio.sleep(0.1)
    flow.response = Response.make(200, b"from another addon")
"""


def test_a_request_that_another_addon_answers_does_not_reach_the_server(tmp_path: Path) -> None:
    script = tmp_path / "another.py"
    script.write_text(ANOTHER_ADDON)
    with (
        serving([stream(EVENTS)]) as server,
        recording(server.url, tmp_path, *DROP, "-s", str(script)) as proxy,
    ):
        answered = ask(proxy.url)
    [trace] = proxy.traces()
    assert answered == (200, b"from another addon")
    assert server.posts == []
    assert trace.request.body == BODY
    assert trace.upstream is None


def test_nobody_else_is_answered_by_the_server_within_the_proxy() -> None:
    answered: list[str] = []

    async def play() -> bytes:
        async def answer(key: str, writer: asyncio.StreamWriter) -> bool:
            answered.append(key)
            reply = Reply()
            reply.connect(writer)
            await reply.send(200, {}, b"ok")
            return True

        loopback = Loopback(answer)
        await loopback.start()
        got = b""
        for path in ("/", "/guess/flow", loopback.path("flow")):
            reader, writer = await asyncio.open_connection("127.0.0.1", loopback.port)
            writer.write(f"POST {path} HTTP/1.1\r\n\r\n".encode())
            got = await reader.read(100)
            writer.close()
        loopback.close()
        return got

    assert asyncio.run(play()).endswith(b"2\r\nok\r\n0\r\n\r\n")
    assert answered == ["flow"]


def test_other_requests_pass_through(tmp_path: Path) -> None:
    models = {"data": [{"id": "m"}]}
    with serving(lambda request: whole(models)) as server, recording(server.url, tmp_path, *DROP) as proxy:
        connection = http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=PATIENCE)
        connection.request("GET", "/v1/models")
        assert json.loads(connection.getresponse().read()) == models
        connection.request("POST", "/v1/messages", json.dumps({**BODY, "stream": False}))
        assert json.loads(connection.getresponse().read()) == models
        connection.request("GET", "/v1/models")  # over the same connection
        assert json.loads(connection.getresponse().read()) == models
        connection.close()
    assert [request.path for request in server.received] == ["/v1/models", "/v1/messages", "/v1/models"]


def _failure(exchange: Exchange) -> str | None:
    return exchange.error.kind if exchange.error else None
