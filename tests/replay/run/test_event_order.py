"""Streams that we can read, but a strict client may fail at."""

import json
from typing import Any

import pytest

from replay.run.event_order import first_mistake
from tests.support import answers
from traces.dialects import FORMATS, Dialect
from traces.dialects.sse import SseParser
from traces.model import Event

WHOLE = answers.events(answers.text("Hello"), answers.tool("Read", file_path="/x"))
START, PING, *BLOCKS, DELTA, STOP = WHOLE


def read(dialect: Dialect, data: bytes) -> list[Event]:
    stream = FORMATS[dialect].stream()
    for event in SseParser().feed(data):
        stream.feed(event, 0.0)
    return stream.events


def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta, 'finish_reason': finish}]})}\n\n".encode()


USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}\n\n'
DONE = b"data: [DONE]\n\n"
ROLE, HELLO, FINISH = chunk({"role": "assistant"}), chunk({"content": "Hello"}), chunk({}, "stop")

PARALLEL = [
    START,
    answers.event("content_block_start", index=0, content_block=answers.tool("Read", file_path="/a")),
    answers.event("content_block_start", index=1, content_block=answers.tool("Read", file_path="/b")),
    answers.event("content_block_stop", index=0),
    answers.event("content_block_stop", index=1),
    DELTA,
    STOP,
]


@pytest.mark.parametrize(
    ("dialect", "events"),
    [
        ("anthropic", WHOLE),
        ("anthropic", [PING, *WHOLE]),
        ("anthropic", PARALLEL),
        ("chat", [ROLE, HELLO, FINISH, USAGE, DONE]),
        ("chat", [ROLE, HELLO, FINISH, USAGE]),
        ("chat", [ROLE, chunk({"content": "Hello"}, "stop"), DONE]),
    ],
    ids=["whole", "ping first", "blocks end together", "usage last", "no [DONE]", "content in the finish"],
)
def test_what_servers_do_is_in_order(dialect: Dialect, events: list[bytes]) -> None:
    assert first_mistake(read(dialect, b"".join(events)), dialect) is None


@pytest.mark.parametrize(
    ("dialect", "events", "mistake"),
    [
        ("anthropic", [START, *BLOCKS[1:], DELTA, STOP], "a block's content came without its start"),
        ("anthropic", [b"data: {oops\n\n", *WHOLE], "an event made no sense"),
        ("anthropic", [DELTA, START, *BLOCKS, DELTA, STOP], "the stream doesn't begin with message_start"),
        ("anthropic", [START, START, *BLOCKS, DELTA, STOP], "message_start came twice"),
        ("anthropic", [START, DELTA, *BLOCKS, STOP], "content came after message_delta"),
        ("anthropic", [START, *BLOCKS, STOP], "message_stop came without message_delta"),
        ("anthropic", [*WHOLE, DELTA], "events came after message_stop"),
        ("chat", [ROLE, FINISH, HELLO, DONE], "content came after the finish"),
        ("chat", [ROLE, HELLO, FINISH, DONE, USAGE], "chunks came after [DONE]"),
    ],
)
def test_the_first_mistake_is_reported(dialect: Dialect, events: list[bytes], mistake: str) -> None:
    found = read(dialect, b"".join(events))
    assert first_mistake(found, dialect) == mistake
