"""The table of API formats, and what holds for the streams of all of them."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.streams import chunked, files, parse, read
from traces.dialects import FORMATS, Dialect, dialect_of
from traces.dialects.sse import ServerEvent

PATHS = {
    "/v1/messages": "anthropic",
    "/v1/messages?beta=true": "anthropic",
    "/v1/messages/": "anthropic",
    "/v1/messages/count_tokens?beta=true": "anthropic",
    "/api/anthropic/v1/messages": "anthropic",
    "/v1/chat/completions": "chat",
    "/openrouter/api/v1/chat/completions": "chat",
    "/v1/responses": "responses",
    "/v1/responses/compact": "responses",
    "/v1/responses/resp_1": None,
    "/v1beta/models/gemini-2.5-pro:generateContent": "gemini",
    "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse": "gemini",
    "/v1/models/gemini-2.5-pro:countTokens": "gemini",
    "/v1beta1/projects/p/locations/l/publishers/google/models/gemini-2.5-pro:streamGenerateContent": "gemini",
    "/v1internal:streamGenerateContent?alt=sse": "gemini",
    "/v1beta/models/text-embedding-004:embedContent": None,
    "/v1beta/models/gemini-2.5-pro": None,
    "/v1/messages/batches": None,
    "/v1/models": None,
    "/notv1/messages": None,
    "/v1/complete?then=/v1/messages": None,
    "/": None,
    "": None,
}


@pytest.mark.parametrize(("path", "dialect"), PATHS.items())
def test_a_path_shows_the_api_format_under_any_prefix(path: str, dialect: Dialect | None) -> None:
    assert dialect_of(path) == dialect


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_a_stream_reads_the_same_wherever_it_is_cut_in_chunks(file: Path) -> None:
    body = file.read_bytes()
    events = parse([body])
    for cut in range(len(body)):
        assert parse(chunked(body, cut)) == events, cut
    whole, pieces = read(file.stem), read(file.stem, chunked(body, *range(1, len(body))))
    assert (pieces.events, pieces.message()) == (whole.events, whole.message())
    assert (pieces.ended, pieces.error) == (whole.ended, whole.error)


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_a_stream_that_breaks_off_anywhere_keeps_the_events_that_had_arrived(file: Path) -> None:
    body = file.read_bytes()
    whole = read(file.stem)
    for cut in range(0, len(body), 1 + len(body) // 2000):  # at every byte of all but the longest
        broken = read(file.stem, [body[:cut]])
        arrived = [event for event in broken.events if event.kind != "malformed"]
        assert arrived == whole.events[: len(arrived)], cut
        assert len(broken.events) - len(arrived) <= 1, cut
        json.dumps(broken.message(), allow_nan=False)


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_a_stream_ends_with_its_closing_event_and_not_before(file: Path) -> None:
    whole = read(file.stem)
    assert whole.ended == ("error" not in file.stem and "cut" not in file.stem)
    assert not read(file.stem, [file.read_bytes()[:-60]]).ended or file.stem.startswith("chat")


@pytest.mark.parametrize("dialect", FORMATS)
def test_nothing_makes_no_message(dialect: Dialect) -> None:
    stream = FORMATS[dialect].stream()
    assert (stream.message(), stream.events, stream.ended, stream.error) == (None, [], False, None)


UNREADABLE = ["", "{", "nonsense", "[]", "7", "null", '"text"', "{}", '{"type":7}', '{"choices":7}', '{"choices":[[]]}']


@pytest.mark.parametrize("dialect", FORMATS)
@pytest.mark.parametrize("data", [*UNREADABLE, "[" * 100_000, '{"choices":NaN}', "9" * 5000])
def test_an_event_that_nobody_can_read_is_recorded_and_adds_nothing(dialect: Dialect, data: str) -> None:
    stream = FORMATS[dialect].stream()
    stream.feed(ServerEvent(None, data), at=1.5)
    assert [(event.at, event.kind, event.content) for event in stream.events] == [(1.5, "malformed", None)]
    assert stream.message() is None
    assert stream.error is None


ERRORS = {
    '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}': "Overloaded",
    '{"error":{"code":500,"message":"context shift failed"}}': "context shift failed",
    '{"error":"out of memory"}': "out of memory",
    '{"error":{"code":500}}': "500",
    '{"type":"error","code":"server_error","message":"gone"}': "gone",
    "Internal Server Error": "Internal Server Error",
}


@pytest.mark.parametrize("dialect", FORMATS)
@pytest.mark.parametrize(("data", "words"), ERRORS.items())
def test_an_error_event_is_reported_in_the_servers_words(dialect: Dialect, data: str, words: str) -> None:
    stream = FORMATS[dialect].stream()
    stream.feed(ServerEvent("error", data), at=None)
    assert (stream.error, stream.ended, stream.message()) == (words, False, None)
    assert [event.kind for event in stream.events] == ["error"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def spoiled_stream(draw: st.DrawFn, dialect: Dialect) -> list[ServerEvent]:
    """Draw a real stream in which one value, anywhere, was replaced by another JSON value."""
    file = draw(st.sampled_from(files(dialect)))
    lines = [line.removeprefix("data: ") for line in file.read_text().splitlines() if line.startswith("data: {")]
    place = draw(st.integers(0, len(lines) - 1))
    event = json.loads(lines[place])
    holder, key = draw(st.sampled_from(list(_places(event))))
    holder[key] = draw(JSON)
    return [ServerEvent(None, line) for line in [*lines[:place], json.dumps(event), *lines[place + 1 :]]]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


@pytest.mark.parametrize("dialect", FORMATS)
@given(data=st.data())
def test_a_wrong_type_anywhere_never_raises_and_costs_no_other_event(dialect: Dialect, data: st.DataObject) -> None:
    stream = FORMATS[dialect].stream()
    counts = [0]
    for event in data.draw(spoiled_stream(dialect)):
        stream.feed(event, at=1.0)
        counts.append(len(stream.events))
    assert all(before < after for before, after in pairwise(counts))
    json.dumps(stream.message())
