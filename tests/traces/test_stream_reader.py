"""Answers with any content type, whole and byte by byte, and what was wrong with them."""

import gzip
import json
import sys
from types import FrameType
from typing import Any

import pytest

from tests.support import answers
from traces.dialects import FORMATS, Dialect
from traces.model import Failure
from traces.stream_reader import StreamReader

EVENTS = b"".join(answers.events(answers.text("Hello")))
MESSAGE = answers.message(answers.text("Hello"))
CHAT = (
    b'data: {"model":"m","choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n'
    b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)
RESPONSES = (
    b'data: {"type":"response.output_item.added","output_index":0,"item":{"type":"message","content":[]}}\n\n'
    b'data: {"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Hello"}\n\n'
    b'data: {"type":"response.completed","response":{"status":"completed","output":[{"type":"message","content":'
    b'[{"type":"output_text","text":"Hello"}]}]}}\n\n'
)
STREAM = "text/event-stream"
JSON = "application/json"


def read(
    body: bytes,
    label: str | None = STREAM,
    status: int = 200,
    dialect: Dialect = "anthropic",
    size: int = 0,
    **headers: str,
) -> StreamReader:
    """Return a reader of this body, fed in chunks of this size, a second apart; in one chunk if 0."""
    reader = StreamReader(FORMATS[dialect].stream())
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reader.begin(status, {**({"content-type": label} if label else {}), **named})
    for number, start in enumerate(range(0, len(body), size or len(body) or 1), 1):
        reader.feed(float(number), body[start : start + (size or len(body))])
    reader.close(float(len(body)))
    return reader


LABELS = [
    "text/event-stream",
    "Text/Event-Stream; charset=UTF-8",
    JSON,
    "text/plain",
    "application/octet-stream",
    None,
    "",
]
BEGINNINGS = [
    b"",
    b"\xef\xbb\xbf",
    b": hello\n\n",
    b"\n\n",
    b"\r\n",
    b"id: 1\n",
    b"retry: 500\n\n",
    b"id\n",
    b":\n\n",
    b"\xef\xbb\xbf\n: x\n",
]


@pytest.mark.parametrize("size", [0, 1, 7])
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_stream_is_known_by_how_it_begins(label: str | None, beginning: bytes, size: int) -> None:
    reader = read(beginning + EVENTS, label, size=size)

    assert (reader.is_stream, reader.failure(), reader.message) == (True, None, MESSAGE)


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize(("dialect", "body"), [("anthropic", EVENTS), ("chat", CHAT), ("responses", RESPONSES)])
def test_a_stream_labelled_json_is_one_in_every_format(dialect: Dialect, body: bytes, size: int) -> None:
    reader = read(body, JSON, dialect=dialect, size=size)

    assert (reader.is_stream, reader.has_content, reader.failure()) == (True, True, None)
    assert "Hello" in json.dumps(reader.message)


def test_events_that_waited_for_the_decision_keep_their_times() -> None:
    reader = read(CHAT, None, dialect="chat", size=1)

    assert next(event.at for event in reader.stream.events) == CHAT.index(b"\n\n") + 2


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize("label", ["application/x-ndjson", JSON, STREAM])
@pytest.mark.parametrize("done", [True, False])
def test_a_stream_may_be_a_document_in_each_line(done: bool, label: str, size: int) -> None:
    body = CHAT.replace(b"data: ", b"").replace(b"\n\n", b"\n")
    body = body if done else body.replace(b"[DONE]\n", b"")

    reader = read(body, label, dialect="chat", size=size)

    assert (reader.is_stream, reader.has_content, reader.failure()) == (True, True, None)


def test_what_comes_before_a_stream_does_not_cost_it() -> None:
    reader = read(b"Warning: deprecated\n\n" + EVENTS, JSON)

    assert (reader.is_stream, reader.message, reader.failure()) == (True, MESSAGE, None)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("size", [0, 1])
def test_a_whole_message_is_one_whatever_its_label(label: str | None, size: int) -> None:
    reader = read(json.dumps(MESSAGE).encode(), label, size=size)

    assert (reader.is_stream, reader.message, reader.failure()) == (False, MESSAGE, None)


def event(**data: Any) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


START = answers.event("message_start", message={**MESSAGE, "content": [], "stop_reason": None})
END = answers.event("message_delta", delta={"stop_reason": "end_turn"}) + answers.event("message_stop")
SAID = event(choices=[{"index": 0, "delta": {"content": "Hel"}}])
ROLE = event(choices=[{"index": 0, "delta": {"role": "assistant", "content": ""}}])
STOPPED = event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
DONE = b"data: [DONE]\n\n"

WRONG: dict[str, tuple[Dialect, bytes, str | None, str, str]] = {
    "an error in OpenAI's shape": (
        "chat",
        b'{"error": {"code": 429, "message": "no quota"}, "user_id": "u"}',
        JSON,
        "error_body",
        "no quota",
    ),
    "an error in Anthropic's shape": (
        "anthropic",
        b'{"type": "error", "error": {"message": "Overloaded"}}',
        JSON,
        "error_body",
        "Overloaded",
    ),
    "an error in vLLM's shape": (
        "chat",
        b'{"object": "error", "message": "too long", "code": 400}',
        JSON,
        "error_body",
        "too long",
    ),
    "an error in FastAPI's shape": ("chat", b'{"detail": "Not Found"}', JSON, "error_body", "Not Found"),
    "a list of FastAPI's": (
        "chat",
        b'{"detail": [{"loc": ["body"], "msg": "field required"}]}',
        JSON,
        "error_body",
        "field required",
    ),
    "an error as text": ("chat", b'{"error": "model not loaded"}', JSON, "error_body", "model not loaded"),
    "several errors": ("chat", b'{"errors": [{"message": "a"}, {"message": "b"}]}', JSON, "error_body", "a; b"),
    "a code and a message": ("chat", b'{"code": 1001, "msg": "bad key"}', JSON, "error_body", "bad key"),
    "a status within": (
        "chat",
        b'{"choices": null, "base_resp": {"status_code": 8, "status_msg": "balance"}}',
        JSON,
        "error_body",
        "balance",
    ),
    "no success": ("chat", b'{"success": false, "reason": "busy"}', JSON, "error_body", "busy"),
    "an error within a choice": (
        "chat",
        b'{"choices": [{"error": {"message": "died"}, "message": {"content": "He"}}]}',
        JSON,
        "error_body",
        "died",
    ),
    "a choice that ended in an error": (
        "chat",
        b'{"choices": [{"finish_reason": "error", "message": {"content": "He"}}]}',
        JSON,
        "error_body",
        "error",
    ),
    "a response that failed": (
        "responses",
        b'{"status": "failed", "error": {"message": "died"}, "output": []}',
        JSON,
        "error_body",
        "died",
    ),
    "an error called a stream": ("chat", b'{"error": {"message": "no quota"}}', STREAM, "error_body", "no quota"),
    "a page": ("chat", b"<!DOCTYPE html><title>502 Bad Gateway</title>", "text/html", "error_body", "502 Bad Gateway"),
    "a page called a stream": ("chat", b"<html><title>Sign in</title></html>", STREAM, "error_body", "Sign in"),
    "a text": ("chat", b"upstream connect error", "text/plain", "error_body", "upstream connect error"),
    "a text called a stream": ("chat", b"Internal Server Error", STREAM, "stream_error", "Internal Server Error"),
    "a text as JSON": ("chat", b'"No such model"', JSON, "error_body", "No such model"),
    "nothing": ("chat", b"", JSON, "empty", "empty"),
    "nothing called a stream": ("chat", b"", STREAM, "empty", "empty"),
    "comments": ("chat", b": keepalive\n\n: keepalive\n\n", STREAM, "empty", "empty"),
    "no choice": ("chat", b'{"object": "chat.completion", "choices": []}', JSON, "empty", "no content"),
    "a choice without content": (
        "chat",
        b'{"choices": [{"index": 0, "message": {"role": "assistant", "content": ""}}]}',
        JSON,
        "empty",
        "no content",
    ),
    "no block": ("anthropic", json.dumps({**MESSAGE, "content": []}).encode(), JSON, "empty", "no content"),
    "no item": (
        "responses",
        b'{"object": "response", "status": "completed", "output": []}',
        JSON,
        "empty",
        "no content",
    ),
    "an end and nothing before": ("chat", DONE, STREAM, "empty", "without any content"),
    "a role and an end": ("chat", ROLE + STOPPED + DONE, STREAM, "empty", "without any content (stop)"),
    "a message without a block": ("anthropic", START + END, STREAM, "empty", "without any content (end_turn)"),
    "a response without an item": (
        "responses",
        event(type="response.completed", response={"status": "completed", "output": []}),
        STREAM,
        "empty",
        "without any content (completed)",
    ),
    "a list": ("anthropic", b"[]", JSON, "malformed", "Not an answer of any API format: []"),
    "a document of another kind": ("chat", b'{"fault": {"code": 9}}', JSON, "malformed", '{"fault": {"code": 9}}'),
    "an error without words": ("responses", b'{"error": {}}', JSON, "malformed", '{"error": {}}'),
    "a text in a stream": (
        "chat",
        b"data: Number of choices must be greater than 0.\n\n",
        STREAM,
        "stream_error",
        "Number of choices",
    ),
    "a text after content": ("chat", SAID + b"data: upstream died\n\n", STREAM, "stream_error", "upstream died"),
    "an error that is no event": (
        "chat",
        SAID + b'{"error": {"message": "died"}}\n\n',
        STREAM,
        "stream_error",
        "died",
    ),
    "a text that is no event": ("anthropic", START + b"Traceback: died\n\n", STREAM, "stream_error", "Traceback: died"),
    "an error of unknown shape in a stream": (
        "chat",
        event(object="error", message="too long"),
        STREAM,
        "stream_error",
        "too long",
    ),
    "an error of unknown shape after content": (
        "chat",
        SAID + event(code=500, msg="died"),
        STREAM,
        "stream_error",
        "died",
    ),
    "an error within a chunk's choice": (
        "chat",
        SAID + event(choices=[{"index": 0, "delta": {}, "error": {"message": "died"}, "finish_reason": "error"}]),
        STREAM,
        "stream_error",
        "died",
    ),
    "a detail in Anthropic's stream": (
        "anthropic",
        START + event(detail="CUDA out of memory"),
        STREAM,
        "stream_error",
        "CUDA out of memory",
    ),
    "a response that failed in its stream": (
        "responses",
        event(type="response.failed", response={"status": "failed", "error": {"message": "died"}, "output": []}),
        STREAM,
        "stream_error",
        "died",
    ),
    "a response that was cancelled in its stream": (
        "responses",
        RESPONSES.replace(b"completed", b"cancelled"),
        STREAM,
        "stream_error",
        '"status": "cancelled"',
    ),
    "a response that was cancelled": (
        "responses",
        b'{"object": "response", "status": "cancelled", "output": [{"type": "message", "content": "Hel"}]}',
        JSON,
        "error_body",
        '"status": "cancelled"',
    ),
    "a stream that was cut": ("chat", SAID, STREAM, "stream_cut", "closing event"),
    "a stream that was cut within an event": ("chat", SAID + SAID[:30], STREAM, "stream_cut", "closing event"),
    "a stream that was cut before its content": ("anthropic", START, STREAM, "stream_cut", "closing event"),
    "a stream of another kind": ("chat", event(foo=1), STREAM, "malformed", '{"foo": 1}'),
}


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize("case", WRONG)
def test_a_status_of_success_is_no_success(case: str, size: int) -> None:
    dialect, body, label, kind, words = WRONG[case]

    failure = read(body, label, dialect=dialect, size=size).failure()

    assert failure is not None
    assert (failure.kind, words in failure.message, failure.status) == (kind, True, 200), failure


GEMINI = (
    b'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"Hel"}]},"index":0}]}\n\n'
    b'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"lo"}]},"finishReason":"STOP","index":0}]}\n\n'
)
WHOLE: dict[Dialect, tuple[bytes, bytes]] = {
    "anthropic": (EVENTS, b"event: message_stop"),
    "chat": (CHAT, b'data: {"choices":[{"index":0,"delta":{},'),
    "responses": (RESPONSES, b'data: {"type":"response.completed"'),
    "gemini": (GEMINI, b'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"lo"'),
}
"""A streamed answer of each format, and how its last event begins."""


@pytest.mark.parametrize("kind", ["client_disconnected", "server_disconnected", "proxy_stopped"])
@pytest.mark.parametrize("dialect", WHOLE)
def test_what_breaks_behind_the_last_event_cuts_nothing_off(dialect: Dialect, kind: str) -> None:
    stream, last = WHOLE[dialect]
    broken = Failure(kind, "It broke.", 200)
    before, found, _ = stream.partition(last)
    assert found

    assert read(stream, dialect=dialect).failure(broken) is None
    assert read(before, dialect=dialect).failure(broken) is broken
    assert read(before + last, dialect=dialect).failure(broken) is broken


def test_what_breaks_behind_a_whole_body_cuts_nothing_off() -> None:
    broken = Failure("client_disconnected", "It broke.", 200)
    body = json.dumps(MESSAGE).encode()

    assert read(body, JSON).failure(broken) is None
    assert read(body[:-1], JSON).failure(broken) is broken
    assert read(b"", JSON).failure(broken) is broken
    assert read(body, JSON, status=500).failure(broken) is broken


RIGHT: dict[str, tuple[Dialect, bytes]] = {
    "a count of tokens": ("anthropic", b'{"input_tokens": 7}'),
    "a call and nothing else": (
        "chat",
        event(
            choices=[
                {
                    "index": 0,
                    "delta": {"tool_calls": [{"index": 0, "id": "1", "function": {"name": "f", "arguments": "{}"}}]},
                    "finish_reason": "tool_calls",
                }
            ]
        ),
    ),
    "audio": ("chat", b'{"choices": [{"message": {"content": null, "audio": {"data": "AAAA"}}}]}'),
    "an image": (
        "responses",
        event(
            type="response.completed",
            response={
                "status": "completed",
                "error": None,
                "output": [{"type": "image_generation_call", "status": "completed", "result": "AAAA"}],
            },
        ),
    ),
    "redacted thinking": (
        "anthropic",
        json.dumps({**MESSAGE, "content": [{"type": "redacted_thinking", "data": "x"}]}).encode(),
    ),
    "an error that is null": (
        "responses",
        b'{"error": null, "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}]}',
    ),
    "a text that speaks of an error": (
        "chat",
        b'{"choices": [{"message": {"content": "error: detail"}, "finish_reason": "stop"}]}',
    ),
}


@pytest.mark.parametrize("case", RIGHT)
def test_an_answer_of_an_unusual_kind_is_no_error(case: str) -> None:
    dialect, body = RIGHT[case]

    assert read(body, dialect=dialect).failure() is None


@pytest.mark.parametrize(
    ("body", "headers", "words"),
    [
        (b'{"error": {"message": "no such model"}}', {}, "no such model"),
        (b"event: error\n" + event(error={"message": "overloaded"}), {}, "overloaded"),
        (b"<title>Bad Gateway</title>", {}, "Bad Gateway: <title>"),
        (b'{"foo": 1}', {}, '{"foo": 1}'),
        (b"", {}, "HTTP 503, an empty body"),
    ],
)
def test_a_refusal_is_given_in_the_servers_words(body: bytes, headers: dict[str, str], words: str) -> None:
    failure = read(body, JSON, 503, retry_after="7").failure()

    assert failure is not None
    assert (failure.kind, failure.status, failure.retry_after) == ("http_error", 503, 7.0)
    assert failure.message.startswith(words)


def test_an_answer_that_leads_elsewhere_says_where() -> None:
    failure = read(b"<h1>Moved</h1>", "text/html", 301, location="https://x.example/v1").failure()

    assert failure == Failure("http_error", "HTTP 301: redirected to https://x.example/v1", 301)


def test_what_the_server_reported_says_more_than_a_broken_connection() -> None:
    outside = Failure("server_disconnected", "gone")

    assert read(EVENTS[:200]).failure(outside) is outside
    reported = read(EVENTS[:200].rpartition(b"event:")[0] + answers.event("error", error={"message": "died"}))
    assert reported.failure(outside) == Failure("stream_error", "died", 200)


@pytest.mark.parametrize("encoding", ["gzip", "snappy"])
def test_what_can_not_be_decoded_is_marked_and_not_the_servers_fault(encoding: str) -> None:
    reader = read(gzip.compress(EVENTS[:900]) + b"and then something else", content_encoding=encoding)

    assert (reader.failure(), reader.marks) == (None, ["response_body_undecodable"])
    assert reader.has_content == (encoding == "gzip")


def test_of_a_giant_answer_the_beginning_is_kept_and_not_called_cut() -> None:
    reader = StreamReader(FORMATS["anthropic"].stream(), largest=400)
    reader.begin(200, {})
    reader.feed(1.0, EVENTS)
    reader.close(1.0)

    assert (reader.failure(), reader.marks) == (None, ["response_body_too_large"])


@pytest.mark.parametrize(("dialect", "body"), [("anthropic", EVENTS), ("chat", CHAT), ("responses", RESPONSES)])
def test_what_our_limit_cuts_off_is_not_odd(dialect: Dialect, body: bytes) -> None:
    for largest in range(1, len(body)):
        reader = StreamReader(FORMATS[dialect].stream(), largest=largest)
        reader.begin(200, {"content-type": STREAM})
        reader.feed(1.0, body)
        reader.close(1.0)
        assert (reader.odd, reader.failure(), reader.marks) == (None, None, ["response_body_too_large"])


SUSPICIOUS: list[tuple[str, bytes, str | None]] = [
    ("a text in an event", b"data: out of memory\n\n", "out of memory"),
    ("a text in an event that isn't closed", b"data: out of memory\n", "out of memory"),
    ("a bare text", b"Internal Server Error", "Internal Server Error"),
    ("a whole error", b'{"error": {"message": "died"}}', "died"),
    ("an error that is no event", SAID + b'{"error": {"message": "died"}}\n', "died"),
    ("a text that is no event", SAID + b"died\n", "died"),
    ("a document of an unknown shape", b'data: {"status": "failure", "reason": "no memory"}\n\n', "no memory"),
    ("a list of words", b'data: ["no memory"]\n\n', "no memory"),
    ("a document of patience", b'data: {"message": "waiting in line"}\n\n', None),
    ("a document without words", b'data: {"place": 3}\n\n', None),
    ("content", SAID, None),
    ("a text after content", SAID + b"data: out of memory\n\n", "out of memory"),
    ("content after a text", b"data: one moment\n\n" + SAID, None),
    ("a role", ROLE, None),
    ("comments", b": processing\n\n: processing\n\n", None),
    ("a word of patience", b"data: processing the prompt\n\n", None),
    ("the beginning of an event", b'data: {"choices"', None),
    ("the beginning of a document", b'{"choices"', None),
    ("nothing", b"", None),
]


@pytest.mark.parametrize(("_", "body", "words"), SUSPICIOUS, ids=[row[0] for row in SUSPICIOUS])
@pytest.mark.parametrize("size", [0, 1])
def test_a_text_in_an_open_stream_is_suspected_to_be_an_error(
    _: str, body: bytes, words: str | None, size: int
) -> None:
    reader = StreamReader(FORMATS["chat"].stream())
    reader.begin(200, {"content-type": STREAM})
    for start in range(0, len(body), size or len(body)) if body else ():
        reader.feed(1.0, body[start : start + (size or len(body))])

    assert reader.possible_error() == words


@pytest.mark.parametrize(("data", "most"), [("Loading", 1), ("{x", 3), ('{"type": "ping"', 3), ("[1", 3)])
def test_what_is_no_json_is_not_parsed_again_in_each_way(data: str, most: int) -> None:
    """Half a million such events took twelve seconds: nearly all of it were errors with their line and column."""
    errors = 0

    def count(frame: FrameType, event: str, _: Any) -> None:
        nonlocal errors
        errors += event == "call" and frame.f_code is json.JSONDecodeError.__init__.__code__

    sys.setprofile(count)
    try:
        reader = read(f"data: {data}\n\n".encode() * 10)
    finally:
        sys.setprofile(None)

    assert [event.kind for event in reader.stream.events] == ["malformed"] * 10
    assert errors <= 10 * most + 3  # and a few for the body as a whole
