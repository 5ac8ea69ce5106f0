"""Gemini's stream as one JSON list: it is read like the same stream of events, with the same times."""

import json
from pathlib import Path

import pytest

from tests.support.perturbed import events_of
from tests.support.streams import files
from traces.dialects import FORMATS
from traces.dialects.json_list import JsonList
from traces.stream_reader import StreamReader

STREAMS = [file for file in files("gemini") if not file.stem.endswith(("-cut", "-error"))]


def written(chunks: list[object]) -> bytes:
    """Return the list as Google writes it."""
    return b"[" + b",\r\n".join(json.dumps(chunk, indent=2, ensure_ascii=False).encode() for chunk in chunks) + b"\n]\n"


def read(*pieces: tuple[float, bytes]) -> StreamReader:
    reader = StreamReader(FORMATS["gemini"].stream())
    reader.begin(200, {"content-type": "application/json; charset=UTF-8"})
    for at, piece in pieces:
        reader.feed(at, piece)
    reader.close(pieces[-1][0])
    return reader


@pytest.mark.parametrize("file", STREAMS, ids=lambda file: file.stem)
def test_a_list_is_read_like_the_events_of_a_stream(file: Path) -> None:
    chunks = events_of(file)
    as_events = read((1.0, b"".join(b"data: %b\n\n" % json.dumps(chunk).encode() for chunk in chunks)))
    as_list = read((1.0, written(chunks)))
    assert as_list.is_stream
    assert (as_list.message, as_list.stream.events) == (as_events.message, as_events.stream.events)
    assert as_list.failure() == as_events.failure()
    assert as_list.odd == as_events.odd


@pytest.mark.parametrize("file", STREAMS, ids=lambda file: file.stem)
def test_it_is_the_same_wherever_it_is_cut(file: Path) -> None:
    body = written([*events_of(file), {"text": '\\"]}{[\\', "é": [[], {}]}])
    whole = JsonList().feed(body)
    for size in (1, 2, 7):
        parser = JsonList()
        assert [each for at in range(0, len(body), size) for each in parser.feed(body[at : at + size])] == whole
    assert len(whole) == len(events_of(file)) + 1


def test_each_chunk_has_the_time_at_which_it_was_whole() -> None:
    first, second = ({"candidates": [{"content": {"parts": [{"text": text}]}, "index": 0}]} for text in ("On", "ce"))
    second["candidates"][0]["finishReason"] = "STOP"
    body = written([first, second])
    middle = body.index(b",\r\n")
    reader = read((1.0, body[:20]), (2.0, body[20:middle]), (5.0, body[middle:]))
    assert [(event.at, event.content) for event in reader.stream.events] == [(2.0, "text"), (5.0, "text")]


def test_a_list_that_is_cut_off_is_a_cut_stream() -> None:
    body = written([{"candidates": [{"content": {"parts": [{"text": text}]}}]} for text in ("On", "ce")])
    failure = read((1.0, body[:-30])).failure()
    assert failure is not None
    assert failure.kind == "stream_cut"


def test_an_error_in_a_list_is_told_in_its_words() -> None:
    error = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
    alone = read((1.0, written([error]))).failure()
    behind = read((1.0, written([{"candidates": [{"content": {"parts": [{"text": "On"}]}}]}, error]))).failure()
    assert alone is not None
    assert behind is not None
    assert (alone.kind, alone.message) == ("error_body", "The model is overloaded.")
    assert (behind.kind, behind.message) == ("stream_error", "The model is overloaded.")
