"""Requests over real sockets to a scripted server: what arrives, when, and how each error is reported."""

import asyncio
import gc
import json
import socket
import time
import tracemalloc
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from replay.exchange import Progress, Sent
from replay.request import Prepared, Target
from replay.run.metrics import measure
from replay.transport.send import GRACE, send
from tests.support import answers
from tests.support.machine import a_certificate_that_the_proxy_trusts
from tests.support.scripted import FOREVER, Answer, Cut, Step, serving, stream, whole
from traces.dialects import Dialect
from traces.metrics import content_chunks

PATHS: dict[Dialect, str] = {"anthropic": "/v1/messages", "chat": "/v1/chat/completions"}
BODY = b'{"model": "m",  "stream": true}'
HELLO = answers.events(answers.text("Hello"))
KEY = "sk-made-up-key-0123456789"


def prepared(url: str, dialect: Dialect = "anthropic", **target: Any) -> Prepared:
    headers = {"content-type": "application/json"}
    return Prepared(Target(url, url, dialect, **target), PATHS[dialect], headers, BODY, "m", dialect)


def exchange(answer: Answer | Sequence[Step], dialect: Dialect = "anthropic", **options: Any) -> Sent:
    script = answer if isinstance(answer, Answer) else stream(answer)
    with serving([script]) as server:
        return asyncio.run(send(prepared(server.url, dialect), **options))


def seconds(measured: float | None) -> float:
    assert measured is not None
    return measured


def texts(message: Any) -> str:
    return "".join(block["text"] for block in message["content"])


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


def test_every_chunk_is_stamped_when_it_arrives() -> None:
    """The server sends the second only when a look has seen the first, and its end when one has seen the second."""
    seen: dict[int, float] = {}

    came = exchange(
        [*HELLO[:4], lambda: 1 in seen, HELLO[4], lambda: 2 in seen, *HELLO[5:]],
        on_progress=lambda progress: seen.setdefault(progress.chunks, progress.elapsed),
    )

    assert came.error is None
    first, second = content_chunks(came.events)
    assert 0 < seconds(came.headers_at) <= seconds(first.at) <= seen[1]
    assert seen[1] < seconds(second.at) <= seen[2] < seconds(came.total)
    assert (texts(came.message), came.status) == ("Hello", 200)


@pytest.mark.parametrize("encoding", [None, "gzip", "br", "zstd"])
def test_a_stream_cut_anywhere_is_the_same_message(encoding: str | None) -> None:
    body = b"".join(answers.events(answers.thinking("Hm."), answers.tool("Read", file_path="/ä"), answers.text("Bye")))
    in_one = exchange(stream([body], encoding=encoding))
    in_bytes = exchange(stream([body[at : at + 1] for at in range(len(body))], encoding=encoding))

    assert in_one.error is in_bytes.error is None
    assert in_one.message == in_bytes.message
    assert [event.kind for event in in_one.events] == [event.kind for event in in_bytes.events]


def test_a_gateways_first_usage_of_zeros_is_no_count() -> None:
    """LiteLLM knows the tokens of the prompt only when the answer is over."""
    zeros = {"input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 0}
    start = {**answers.message(), "stop_reason": None, "usage": zeros}
    closing = {"input_tokens": 900, "output_tokens": 2}
    came = exchange(
        [
            answers.event("message_start", message=start),
            *HELLO[2:6],
            answers.event("message_delta", delta={"stop_reason": "end_turn"}, usage=closing),
            answers.event("message_stop"),
        ]
    )

    measured = measure(came)
    assert came.error is None
    assert measured.input is not None
    assert (measured.input.uncached, measured.output, measured.output_by) == (900, 2, "server")


def test_progress_is_reported_while_the_answer_comes() -> None:
    progresses: list[Progress] = []

    exchange([*HELLO[:4], lambda: progresses and progresses[-1].chunks, *HELLO[4:]], on_progress=progresses.append)

    assert (1, 2) in [(progress.chunks, progress.characters) for progress in progresses]


class Noting(asyncio.SelectorEventLoop):
    """A loop that notes for how long timers are set, and by whom."""

    def __init__(self) -> None:
        super().__init__()
        self.timers: dict[object, float] = {}

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Any, *arguments: Any, **more: Any
    ) -> asyncio.TimerHandle:
        self.timers.setdefault(getattr(callback, "__self__", None), delay)
        return super().call_later(delay, callback, *arguments, **more)


def test_streams_that_begin_at_once_are_not_looked_at_at_once() -> None:
    """What a look takes would delay the stamps of all others."""

    async def four(url: str) -> None:
        await asyncio.gather(*(send(prepared(url)) for _ in range(4)))

    loop = Noting()
    with serving([stream(HELLO)]) as server, asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(four(server.url))

    looks = sorted(delay for whose, delay in loop.timers.items() if type(whose).__module__ == send.__module__)
    assert len(looks) == 4
    assert min(later - earlier for earlier, later in pairwise(looks)) > 0.01


def test_what_goes_wrong_in_showing_progress_is_not_swallowed() -> None:
    def show(progress: Progress) -> None:
        raise BrokenPipeError("nobody looks any more")

    with pytest.raises(BrokenPipeError):
        exchange([*HELLO[:4], FOREVER], on_progress=show)


def test_an_end_that_is_noticed_later_has_the_time_at_which_it_came() -> None:
    """Its last bytes come one by one, so nothing but a look can tell that they were the last."""

    now = 0.0

    async def talk() -> Sent:
        served = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal now
            await reader.readuntil(b"\r\n\r\n" + BODY)
            body = b"".join(HELLO)
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0" % (len(body), body))
            for byte in (b"\r", b"\n", b"\r", b"\n"):
                await asyncio.sleep(0.01)
                now += 0.1
                writer.write(byte)
            await asyncio.sleep(0.01)  # both ends run in one loop: by now the client has read it
            now += 1
            await reader.read()  # until the client leaves
            writer.close()
            served.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            came = await send(prepared(f"http://127.0.0.1:{port}"), clock=lambda: now)
            await served.wait()
            return came

    came = asyncio.run(talk())
    assert came.error is None
    assert seconds(came.total) < 0.5


def test_a_client_that_was_kept_from_reading_knows_it() -> None:
    blocking = exchange([*HELLO[:4], 0.7, *HELLO[4:]], on_progress=lambda progress: time.sleep(0.5))

    assert blocking.load.late > 0.15
    assert any("late" in doubt for doubt in measure(blocking).doubts)


ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": f"Overloaded, {KEY}"}}
IN_OPENAIS_SHAPE = {"error": {"code": 400, "message": "the request exceeds the context size", "type": "x"}}
ROLE_ONLY = b'data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n'
FAILURES: dict[str, tuple[Answer, Dialect, str, str]] = {
    "an error in Anthropic's shape": (whole(ERROR, 529), "anthropic", "http_error", "Overloaded, [redacted]"),
    "an error in OpenAI's shape": (
        whole(IN_OPENAIS_SHAPE, 400), "anthropic", "http_error", "the request exceeds the context size"
    ),
    "an error that is no JSON": (Answer((b"<h1>Bad gateway</h1>",), 502), "chat", "http_error", "<h1>Bad gateway</h1>"),
    "an error without a body": (Answer((), 404), "chat", "http_error", "HTTP 404, an empty body"),
    "an error in mid-stream": (
        stream([*HELLO[:4], answers.event("error", error={"message": "out of memory"})]),
        "anthropic", "stream_error", "out of memory",
    ),
    "an error, then a hang-up": (
        stream([*HELLO[:4], answers.event("error", error={"message": "out of memory"}), Cut.RESET]),
        "anthropic", "stream_error", "out of memory",
    ),
    "a hang-up in mid-stream": (
        stream([*HELLO[:4], 0.05, Cut.HANG_UP]), "anthropic", "server_disconnected", "the server closed"
    ),
    "a reset in mid-stream": (
        stream([*HELLO[:4], 0.05, Cut.RESET]), "anthropic", "server_disconnected", "reset by peer"
    ),
    "an end without a closing event": (stream(HELLO[:4]), "anthropic", "stream_cut", "without its closing event"),
    "no answer at all": (Answer((Cut.HANG_UP,)), "anthropic", "server_disconnected", "the server closed"),
    "an answer in one piece": (
        whole({"choices": [{"message": {"role": "assistant", "content": "Hi"}}]}),
        "chat",
        "malformed",
        "isn't streamed",
    ),
    "an error with status 200": (whole(IN_OPENAIS_SHAPE), "chat", "error_body", "exceeds the context size"),
    "no stream of this format": (
        stream([b"data: hello\n\n"]), "chat", "stream_error", "hello"
    ),
    "a page for people": (
        Answer((b"<h1>Sign in</h1>" + b"x" * 9999,)), "chat", "error_body", "<h1>Sign in</h1>" + "x" * 184 + "…"
    ),
    "a way to somewhere else": (
        Answer((b"<h1>Moved</h1>",), 301, {"location": "https://x.example/v1"}),
        "chat", "http_error", "redirected to https://x.example/v1",
    ),
    "an error that is called a stream": (
        stream([json.dumps(ERROR).encode()]), "anthropic", "error_body", "Overloaded, [redacted]"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_is_reported_in_the_servers_own_words(case: str) -> None:
    answer, dialect, kind, words = FAILURES[case]
    with serving([answer]) as server:
        came = asyncio.run(send(prepared(server.url, dialect, key=KEY)))

    assert came.error is not None
    assert (came.error.kind, words in came.error.message) == (kind, True), came.error
    assert came.error.status == (None if answer.never_begins else answer.status)


def test_what_had_arrived_of_a_cut_stream_is_kept() -> None:
    came = exchange([*HELLO[:4], 0.05, Cut.HANG_UP])

    assert texts(came.message) == "He"
    assert seconds(came.total) >= 0.05


def test_a_server_says_when_to_ask_again() -> None:
    came = exchange(whole(ERROR, 429, retry_after="7"))

    assert came.error is not None
    assert came.error.retry_after == 7


def test_headers_and_a_role_are_no_content_to_wait_for_less() -> None:
    came = exchange([ROLE_ONLY, FOREVER], "chat", timeout=0.2, stall_timeout=0.01)

    assert came.error is not None
    assert (came.error.kind, came.error.message) == ("timeout", "no content within 0.2 s (--timeout)")


def test_silence_before_the_first_content_is_no_stall() -> None:
    now, looks = 0.0, 0

    def looked(_: Progress) -> None:
        nonlocal looks
        looks += 1

    def a_minute_later() -> bool:
        nonlocal now
        now = 60.0
        return True

    def looked_again(before: list[int]) -> bool:
        before.append(looks)
        return looks > before[0]

    steps: list[Step] = [*HELLO[:2], a_minute_later, partial(looked_again, []), *HELLO[2:]]
    came = exchange(steps, clock=lambda: now, timeout=90.0, stall_timeout=30.0, on_progress=looked)
    assert came.error is None


def test_silence_in_mid_stream_is_a_stall() -> None:
    came = exchange([*HELLO[:4], FOREVER], stall_timeout=0.2)

    assert came.error is not None
    assert came.error.kind == "stalled"
    assert texts(came.message) == "He"


@pytest.mark.parametrize(
    "steps",
    [
        [b"data: Number of choices is 0.\n\n"],
        [b"Number of choices is 0."],
        [*HELLO[:4], b"data: Number of choices is 0.\n"],
    ],
)
def test_a_text_in_a_stream_that_stays_open_is_an_error_soon(steps: list[Step]) -> None:
    came = exchange([*steps, 9.0], timeout=60, patience=0.1)

    assert came.error is not None
    assert (came.error.kind, came.error.message) == ("stream_error", "Number of choices is 0.")
    assert seconds(came.total) < 5


def test_a_connection_that_stays_open_after_the_closing_event_is_left() -> None:
    begun = time.perf_counter()
    came = exchange([*HELLO, FOREVER])
    until_left = time.perf_counter() - begun

    assert came.error is None
    assert GRACE < until_left < FOREVER
    assert seconds(came.total) <= until_left - GRACE


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


def test_fifty_thousand_chunks_take_no_more_memory_than_their_times() -> None:
    delta = answers.event("content_block_delta", index=0, delta={"type": "text_delta", "text": "word "})
    steps = [*HELLO[:3], *[delta * 100] * 500, *HELLO[5:]]
    with serving([stream(steps)]) as server:
        request = prepared(server.url)
        gc.collect()
        tracemalloc.start()
        came = asyncio.run(send(request))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert came.error is None
    assert len(content_chunks(came.events)) == 50_000
    assert json.dumps(came.message).count("word") == 50_000
    assert peak < 40e6
