"""What is sent to take all memory: it is recorded up to the limit, with a mark, in a process that has little memory."""

import json

import pytest
from mitmproxy.test import tflow, tutils

from tests.support.bombs import BOMBS, MIB
from tests.support.bounded import within
from traces.dialects.encodings import DecodeError, Decoder
from traces.model import Trace
from traces.storage import codec, flowfile

MEMORY = 640 * MIB
"""Ten times what is recorded of a body, and a tenth of what bombs became."""


def traced(request: bytes, response: bytes, encoding: str = "", path: bytes = b"/v1/messages") -> Trace:
    headers = ((b"content-type", b"application/json"), (b"content-encoding", encoding.encode()))
    flow = tflow.tflow(
        req=tutils.treq(method=b"POST", path=path, content=request, headers=headers),
        resp=tutils.tresp(content=response, headers=headers),
    )
    clean = flowfile.cleaner_for(flow)
    return flowfile.complete_trace(flowfile.start_trace(flow, "", clean), flow, clean)


def recorded(
    request: bytes, response: bytes, encoding: str = "", path: bytes = b"/v1/messages"
) -> tuple[set[str], int]:
    """Return the trace's marks, and the size of its file."""
    trace = traced(request, response, encoding)
    return set(trace.marks) - {"impossible_times"}, len(codec.encode(trace))


def decoded(encoding: str, bomb: bytes) -> tuple[int, bool]:
    decoder = Decoder(encoding, MIB)
    try:
        return len(decoder.feed(bomb)), decoder.is_cut
    except DecodeError as error:
        return len(error.decoded), True


@pytest.mark.parametrize("kind", BOMBS)
def test_decoding_stops_at_the_limit_in_every_encoding(kind: str) -> None:
    encoding, make = BOMBS[kind]

    length, is_cut = within(160 * MIB, decoded, encoding, make(2048))

    assert is_cut
    assert length == (0 if kind == "what should be gzip within brotli" else MIB)


@pytest.mark.parametrize("kind", ["gzip", "brotli", "zstd"])
def test_a_bomb_is_recorded_up_to_the_limit_with_a_mark(kind: str) -> None:
    encoding, make = BOMBS[kind]
    bomb = make(4096)

    marks, size = within(MEMORY, recorded, bomb, bomb, encoding)

    assert {"request_body_too_large", "response_body_too_large"} <= marks
    assert size < 80 * MIB


VALUES = {"lists": b"[],", "objects": b"{},", "numbers": b"1,", "numbers that are large when written out": b"1e999,"}


def document(value: bytes, size: int = 20 * MIB) -> bytes:
    return b"[" + value * (size // len(value)) + b"1]"


@pytest.mark.parametrize("kind", VALUES)
def test_a_document_of_too_many_values_is_kept_as_text(kind: str) -> None:
    body = document(VALUES[kind])

    trace = within(MEMORY, traced, body, body)

    assert trace.request.body == body.decode()
    assert {"request_body_too_complex", "response_body_too_complex"} <= set(trace.marks)


def test_commas_and_brackets_in_texts_are_no_values() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": '1,[2],{"a": "\\"b,"},' * 200_000}]}

    trace = traced(json.dumps(body).encode(), b"{}")

    assert trace.request.body == body
    assert "request_body_too_complex" not in trace.marks


STREAMS = {
    "pings": b'data: {"type": "ping"}\n\n',
    "empty events": b"data: {}\n\n",
    "events that are no JSON": b"data: x\n\n",
}


@pytest.mark.parametrize("kind", STREAMS)
@pytest.mark.parametrize("path", [b"/v1/messages", b"/v1/chat/completions", b"/v1/responses"])
def test_of_too_many_events_the_first_are_recorded(kind: str, path: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("traces.stream_reader.MOST_EVENTS", 1000)

    trace = traced(b"{}", STREAMS[kind] * 50_000, path=path)

    assert "too_many_events" in trace.marks
    assert 1000 <= len(trace.events) < 5000


@pytest.mark.parametrize("kind", VALUES)
def test_an_event_of_too_many_values_is_odd(kind: str) -> None:
    event = b'data: {"type": "content_block_delta", "index": 0, "delta": ' + document(VALUES[kind]) + b"}\n\n"
    end = b'data: {"type": "message_stop"}\n\n'

    trace = within(MEMORY, traced, b"{}", event + end)

    assert trace.odd is not None
    assert [e.kind for e in trace.events] == ["malformed", "message_stop"]


@pytest.mark.parametrize("depth", [10, 200, 490, 900, 1100, 5000, 100_000])
@pytest.mark.parametrize("shape", ["lists", "objects", "in a tool's input", "in an event"])
def test_deep_nesting_raises_nothing(depth: int, shape: str) -> None:
    deep = b"[" * depth + b"]" * depth if shape == "lists" else b'{"a":' * depth + b"1" + b"}" * depth
    if shape == "in a tool's input":
        deep = b'{"messages": [{"role": "assistant", "content": [{"type": "tool_use", "input": ' + deep + b"}]}]}"
    answer = b'data: {"type": "content_block_delta", "delta": ' + deep + b"}\n\n" if shape == "in an event" else deep

    marks, _ = recorded(deep, answer)

    assert not marks & {"request_body_undecodable", "response_body_undecodable"}
