"""What is left of secrets in a flow, and what client and server get all the same."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from mitmproxy import http, io
from mitmproxy.addons.view import View
from mitmproxy.flow import Error
from mitmproxy.test import taddons, tflow
from mitmproxy.websocket import WebSocketMessage
from wsproto.frame_protocol import Opcode

from addons.capture.masking import Masking, mask_all
from tests.support import answers
from tests.support.patience import PATIENCE
from traces.storage import flowfile
from traces.storage.flowfile import ProxyRecord

KEYS = {
    "x-api-key": "geheim-header-0001",
    "authorization": "Bearer geheim-bearer-0002",
    "cookie": "sid=geheim-cookie-0003; theme=dark",
    "referer": "https://me:geheim-user-0006@host/p?token=geheim-referer-7&page=2",
    "x-harmless": "sk-ant-api03-geheim0005-0123456789",
}
PATH = "/v1/messages?key=geheim-query-0004&page=sk-ant-api03-geheim0008-0123456789&beta=true"
WORDS = " ".join(
    ["geheim-header-0001", "geheim-bearer-0002", "geheim-cookie-0003", "geheim-query-0004", "geheim-user-0006"]
)


def flow(answer: bytes = b"", path: str = PATH, method: str = "POST", **headers: str) -> Any:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": f"mine: {WORDS}"}]}).encode()
    sent = http.Headers(content_type="application/json")
    sent.update(KEYS)
    request = http.Request.make(method, f"http://127.0.0.1:9000{path}", body, sent)
    request.timestamp_end = 2.0
    place = "https://me:geheim-user-0006@h/?code=1&access_token=geheim-place-9&x=1"
    given = {"set-cookie": "sid=geheim-set-10", "location": place, "x-request-id": "req_1", **headers}
    return tflow.tflow(req=request, resp=http.Response.make(200, answer, given))


def written(exchange: Any, masking: Masking) -> bytes:
    """Return the flow as mitmproxy writes it with `-w`."""
    file = BytesIO()
    io.FilteredFlowWriter(file, None).add(exchange)
    return file.getvalue()


@pytest.fixture
def masking() -> Iterator[Masking]:
    masking = Masking()
    masking.begin()
    yield masking
    masking.end()


def end(masking: Masking, exchange: Any, is_passed_on: bool) -> None:
    """End a flow in a proxy in which anybody may look at it."""

    async def play() -> None:
        with taddons.context():
            masking.ended(exchange, is_passed_on)

    asyncio.run(play())


def events() -> bytes:
    return b"".join(answers.events(answers.text(f"You sent {WORDS}."), answers.tool("login", password="geheim 11")))


ANSWERS = {
    "a stream": (events(), {"content-type": "text/event-stream"}),
    "a compressed stream": (gzip.compress(events()), {"content-type": "text/event-stream", "content-encoding": "gzip"}),
    "JSON": (json.dumps({"error": {"message": f"wrong: {WORDS}"}, "access_token": "geheim 12"}).encode(), {}),
    "text": (f"wrong: {WORDS}".encode(), {"content-type": "text/plain"}),
    "what isn't UTF-8": (b"\xff\xfe" + WORDS.encode(), {}),
}


@pytest.mark.parametrize(
    "path", [PATH, PATH.replace("/v1/messages", "/v1/models"), PATH.replace("/v1/messages", "/telemetry")]
)
@pytest.mark.parametrize("kind", ANSWERS)
def test_what_is_written_holds_no_secret_and_the_flow_itself_stays(masking: Masking, kind: str, path: str) -> None:
    answer, headers = ANSWERS[kind]
    exchange = flow(answer, path, **headers)
    before = exchange.get_state()

    assert b"geheim" in answer or kind == "a compressed stream"
    assert b"geheim" not in written(exchange, masking)
    assert exchange.get_state() == before


def test_what_is_written_of_a_flow_under_way_an_error_a_trailer_and_a_socket_holds_no_secret(masking: Masking) -> None:
    exchange = flow()
    exchange.response.trailers = http.Headers(x_token="geheim-trailer-13", x_note="geheim-header-0001")
    exchange.request.trailers = http.Headers(x_note="geheim-header-0001")
    exchange.error = Error("refused: geheim-header-0001 https://h/?token=geheim-14")
    socket: Any = tflow.twebsocketflow()
    socket.request.headers.update(KEYS)
    socket.websocket.messages.append(WebSocketMessage(Opcode.TEXT, True, b'{"key": "geheim-header-0001"}'))
    open_flow = tflow.tflow(req=exchange.request.copy())

    for each in (exchange, socket, open_flow):
        assert b"geheim" not in written(each, masking)


def test_a_request_is_masked_at_its_end_and_a_response_only_once_it_was_sent(masking: Masking) -> None:
    exchange = flow(f"wrong: {WORDS}".encode())
    answer = exchange.response.get_state()

    end(masking, exchange, is_passed_on=False)

    assert "geheim" not in str(exchange.request.get_state())
    assert exchange.response.get_state() == answer
    assert b"geheim" not in written(exchange, masking)


def test_a_large_body_is_masked_in_a_thread_while_other_streams_go_on(masking: Masking) -> None:
    answer = b"a word " * 2**18 + b"geheim-header-0001"
    exchange = flow(answer, content_encoding="identity")
    exchange.live = False

    async def play() -> None:
        with taddons.context(View()) as context:
            shown = asyncio.Event()
            context.master.addons.trigger = lambda _: shown.set()
            masking.note(exchange)
            masking.ended(exchange, is_passed_on=True)
            assert exchange.response.raw_content == answer  # the event loop hasn't searched it
            await asyncio.wait_for(shown.wait(), PATIENCE)

    asyncio.run(play())
    assert exchange.response.raw_content == answer.replace(b"geheim-header-0001", b"[redacted]")
    assert "geheim" not in str(exchange.get_state())


def test_a_trailer_is_masked_once_it_was_sent(masking: Masking) -> None:
    exchange = flow()
    exchange.response.trailers = http.Headers(x_note="geheim-header-0001")

    end(masking, exchange, is_passed_on=True)
    assert exchange.response.trailers["x-note"] == "geheim-header-0001"

    exchange.live = False
    end(masking, exchange, is_passed_on=True)
    assert exchange.response.trailers["x-note"] == "[redacted]"


@pytest.mark.parametrize("kind", ["a stream", "a compressed stream"])
def test_a_masked_stream_keeps_the_times_of_its_events_and_reads_as_the_same_trace(kind: str) -> None:
    answer, headers = ANSWERS[kind]
    exchange = flow(answer, **headers)
    sizes = [len(answer) // 3, len(answer) // 3, len(answer) - 2 * (len(answer) // 3)]
    ProxyRecord(headers=0.1, total=4.0, chunks=[(1.0 + at, size) for at, size in enumerate(sizes)]).store_in(exchange)
    clean = flowfile.cleaner_for(exchange)
    expected = flowfile.complete_trace(flowfile.start_trace(exchange, "", clean), exchange, clean)

    mask_all(exchange, clean)
    clean = flowfile.cleaner_for(exchange)
    trace = flowfile.complete_trace(flowfile.start_trace(exchange, "", clean), exchange, clean)

    assert trace.request == expected.request
    assert trace.response
    assert expected.response
    assert trace.response.body == expected.response.body
    assert trace.timing == expected.timing
    assert [event.at for event in trace.events] == [event.at for event in expected.events]


def test_a_body_without_secrets_stays_byte_for_byte() -> None:
    answer = gzip.compress(b'{"a" : "harmless"}')
    exchange = flow(answer, content_encoding="gzip")

    mask_all(exchange, flowfile.cleaner_for(exchange))

    assert exchange.response.raw_content == answer


def test_a_script_that_is_loaded_again_leaves_mitmproxys_writers_as_they_were() -> None:
    before = io.FlowWriter.add, io.FilteredFlowWriter.add

    for _ in range(2):
        masking = Masking()
        masking.begin()
        assert io.FlowWriter.add != before[0]
        masking.end()

    assert (io.FlowWriter.add, io.FilteredFlowWriter.add) == before
