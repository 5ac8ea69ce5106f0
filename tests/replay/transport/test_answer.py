"""Answers as they are read: messages, usage, and how each failure is reported."""

import asyncio
import gc
import json
import tracemalloc

import pytest

from replay.run.metrics import measure
from replay.transport.send import send
from tests.support import answers
from tests.support.scripted import Answer, Cut, serving, stream, whole
from tests.support.sending import HELLO, KEY, exchange, prepared, seconds, texts
from traces.dialects import Dialect
from traces.metrics import content_chunks


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


ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": f"Overloaded, {KEY}"}}
IN_OPENAIS_SHAPE = {"error": {"code": 400, "message": "the request exceeds the context size", "type": "x"}}
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
