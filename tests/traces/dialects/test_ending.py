"""The end of a stream of which only the beginning is kept."""

import pytest

from tests.support import answers
from tests.support.encoders import ENCODERS
from traces.dialects import FORMATS
from traces.dialects.ending import LAST, Ending
from traces.model import State
from traces.stream_reader import StreamReader

DELTA = answers.event("content_block_delta", index=0, delta={"type": "text_delta", "text": "word " * 20})
GIANT = answers.event("content_block_delta", index=0, delta={"type": "text_delta", "text": "x" * 5 * LAST})
WHOLE = answers.events(answers.text("Hello"))
COMPLETED = answers.event("response.completed", response={"status": "completed", "output": [], "text": "x" * 5 * LAST})
NAMELESS = COMPLETED[COMPLETED.index(b"data:") :]
CREATED = answers.event("response.created", response={"id": "r"})
CHAT = b'data: {"choices": [{"index": 0, "delta": {"content": "%b"}, "finish_reason": null}]}\n\n'

CASES: list[tuple[str, str, list[bytes], State]] = [
    ("many events", "anthropic", [*WHOLE[:3], *[DELTA] * 3000, *WHOLE[-3:]], "complete"),
    ("one giant event", "anthropic", [*WHOLE[:3], GIANT, *WHOLE[-3:]], "complete"),
    ("a giant event first of all", "anthropic", [GIANT, *WHOLE[-3:]], "complete"),
    ("no end", "anthropic", [*WHOLE[:3], *[DELTA] * 3000], "incomplete"),
    ("a giant event without an end", "anthropic", [*WHOLE[:3], GIANT], "incomplete"),
    ("a giant event that is cut off", "anthropic", [*WHOLE[:3], GIANT[:-9]], "incomplete"),
    (
        "an error at the end",
        "anthropic",
        [*WHOLE[:3], GIANT, answers.event("error", error={"message": "died"})],
        "error",
    ),
    ("a giant event that closes", "responses", [COMPLETED], "complete"),
    ("one that is cut off", "responses", [COMPLETED[:-9]], "incomplete"),
    ("one without a name", "responses", [NAMELESS], "complete"),
    ("one after others", "responses", [CREATED * 900, NAMELESS], "complete"),
    ("chat with its closing word", "chat", [CHAT % (b"x" * 5 * LAST), b"data: [DONE]\n\n"], "complete"),
    ("chat without it", "chat", [CHAT % (b"x" * 5 * LAST), CHAT % b"y"], "incomplete"),
]


def read(dialect: str, body: bytes, largest: int, step: int, by_proxy: bool) -> StreamReader:
    reader = StreamReader(FORMATS[dialect].stream(), largest=largest)
    reader.begin(200, {"content-type": "text/event-stream"})
    ending, end = Ending(), largest if by_proxy else len(body)
    for start in range(0, end, step):
        reader.feed(1.0, body[start : min(end, start + step)])
    for start in range(end, len(body), step):
        ending.add(body[start : start + step])
    if by_proxy:
        reader.pass_over(ending)
    reader.close(1.0)
    return reader


@pytest.mark.parametrize(("_", "dialect", "events", "state"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("by_proxy", [True, False])
@pytest.mark.parametrize("step", [1000, 70_000, 10**9])
def test_how_a_longer_stream_ends_is_known(
    _: str, dialect: str, events: list[bytes], state: State, line_end: bytes, by_proxy: bool, step: int
) -> None:
    body = b"".join(events).replace(b"\n", line_end)

    reader = read(dialect, body, 1000, step, by_proxy)

    failure = reader.failure()
    kinds = {"complete": None, "incomplete": "stream_cut", "error": "stream_error"}
    assert (failure and failure.kind) == kinds[state]
    assert reader.marks == ["response_body_too_large"]
    assert reader.odd is None


def test_what_closes_the_stream_is_taken_and_no_content_of_an_unknown_place() -> None:
    reader = read("anthropic", b"".join([*WHOLE[:3], *[DELTA] * 3000, *WHOLE[-3:]]), 1000, 5000, True)

    message = reader.message
    assert isinstance(message, dict)
    assert (message["stop_reason"], message["usage"]["output_tokens"]) == ("end_turn", 7)
    assert len(message["content"][0]["text"]) < 1000


def test_of_a_longer_body_little_is_kept() -> None:
    ending = Ending()
    for _ in range(2000):
        ending.add(DELTA * 10)

    assert sum(len(kept or b"") for kept in (ending.last, ending.head)) < 3 * LAST


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize(("more", "marks"), [(300, []), (10**6, ["response_end_unknown"])])
def test_a_compressed_stream_is_looked_through_for_its_end_as_far_as_it_is_bounded(
    encoding: str, more: int, marks: list[str]
) -> None:
    compress, finish = ENCODERS[encoding]()
    sent = b"".join(map(compress, [*WHOLE[:3], b": wait\n\n" * more, *WHOLE[-3:]])) + finish()
    reader = StreamReader(FORMATS["anthropic"].stream(), largest=1500)
    reader.begin(200, {"content-type": "text/event-stream", "content-encoding": encoding})
    reader.feed(1.0, sent)
    reader.close(1.0)

    assert reader.marks == ["response_body_too_large", *marks]
    assert reader.failure() is None
