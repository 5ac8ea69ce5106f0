"""The parser against the event-stream rules, whole and however it is cut."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.streams import chunked, parse
from traces.dialects.sse import ServerEvent, SseParser


def without_names(*data: str) -> list[ServerEvent]:
    return [ServerEvent(None, each) for each in data]


RULES = {
    "an event": (b"event: ping\ndata: {}\n\n", [ServerEvent("ping", "{}")]),
    "no name": (b"data: a\n\n", without_names("a")),
    "an empty name is none": (b"event:\ndata: a\n\n", without_names("a")),
    "the last name counts": (b"event: a\nevent: b\ndata: c\n\n", [ServerEvent("b", "c")]),
    "a name holds for one event": (b"event: a\ndata: b\n\ndata: c\n\n", [ServerEvent("a", "b"), *without_names("c")]),
    "several lines of data": (b"data: a\ndata: b\n\n", without_names("a\nb")),
    "one space is left out": (b"data:a\n\ndata: b\n\ndata:  c\n\n", without_names("a", "b", " c")),
    "data without a colon is empty": (b"data\n\n", without_names("")),
    "empty data is an event": (b"data:\n\ndata:\ndata:\n\n", without_names("", "\n")),
    "a name without data is none": (b"event: ping\n\ndata: a\n\n", without_names("a")),
    "comments": (b": hello\n\n:\ndata: a\n: b\ndata: c\n\n", without_names("a\nc")),
    "id, retry and unknown fields": (b"id: 1\nretry: 2\nnew: 3\ndata: a\ndatax: b\n\n", without_names("a")),
    "a mark at the beginning": (b"\xef\xbb\xbfdata: a\n\n", without_names("a")),
    "a mark later is a character": (b"data: \xef\xbb\xbfa\n\n", without_names("\ufeffa")),
    "CRLF": (b"event: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", [ServerEvent("a", "b"), *without_names("c")]),
    "CR": (b"event: a\rdata: b\r\rdata: c\r\r", [ServerEvent("a", "b"), *without_names("c")]),
    "line ends mixed": (b"data: a\r\ndata: b\n\rdata: c\r\n\n", without_names("a\nb", "c")),
    "many blank lines": (b"\n\n\ndata: a\n\n\n\n\ndata: b\n\n\n", without_names("a", "b")),
    "other line separators are characters": (
        "data: a\u2028b\x85c\x0bd\n\n".encode(),
        without_names("a\u2028b\x85c\x0bd"),
    ),
    "bytes that are no UTF-8": (b"data: a\xff\xe4\xb8b\n\n", without_names("a\ufffd\ufffdb")),
    "the end without a blank line": (b"data: a\n\nevent: b\ndata: c", [*without_names("a"), ServerEvent("b", "c")]),
    "the end within a character": (b"data: a\xe4\xb8", without_names("a\ufffd")),
    "nothing": (b"", []),
}


STRAYS = {
    "a text": (b"data: a\n\nTraceback: x\nmore\n\n", without_names("a", "Traceback: x\nmore")),
    "a document": (b'data: a\n\n{"error": 1}\n\n', without_names("a", '{"error": 1}')),
    "a text under a name": (b"event: error\nit died\n\n", [ServerEvent("error", "it died")]),
    "beside data it is left out": (b"data: a\nnew: 3\n\n", without_names("a")),
    "other fields are none": (b": hello\nid: 1\nretry: 2\n\n", []),
}


@pytest.mark.parametrize(("body", "events"), STRAYS.values(), ids=STRAYS)
def test_lines_that_are_no_field_are_handed_out_to_who_asks(body: bytes, events: list[ServerEvent]) -> None:
    parser = SseParser(strays=True)

    assert [*parser.feed(body), *parser.close()] == events


@pytest.mark.parametrize(("body", "events"), RULES.values(), ids=RULES)
def test_the_rules_hold_whole_and_cut_anywhere(body: bytes, events: list[ServerEvent]) -> None:
    assert parse([body]) == events
    assert parse(chunked(body, *range(1, len(body)))) == events
    for cut in range(len(body)):
        assert parse(chunked(body, cut)) == events, cut


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_an_event_comes_with_the_byte_that_ends_its_blank_line(end: bytes) -> None:
    parser = SseParser()
    line = b"data: a" + end
    assert [parser.feed(line[i : i + 1]) for i in range(len(line))] == [[]] * len(line)
    assert parser.feed(end[:1]) == without_names("a")
    assert parser.feed(end[1:] + b"data: b") == []
    assert parser.close() == without_names("b")


LINES = st.text(alphabet=st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))
EVENTS = st.lists(st.tuples(st.none() | LINES.filter(bool), st.lists(LINES, min_size=1)))


@given(events=EVENTS, data=st.data())
def test_what_is_written_is_read_whatever_the_line_ends_and_chunks(
    events: list[tuple[str | None, list[str]]], data: st.DataObject
) -> None:
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = "".join(
        (f"event: {name}{end}" if name else "") + "".join(f"data: {line}{end}" for line in lines) + end
        for name, lines in events
    )
    body = text.encode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(body)))))
    assert parse(chunked(body, *cuts)) == [ServerEvent(name, "\n".join(lines)) for name, lines in events]


@given(pieces=st.lists(st.sampled_from([b"data", b":", b" ", b"\r", b"\n", b"event", b"a", b"\xef\xbb\xbf", b"\xe4"])))
def test_the_chunks_never_change_what_is_read(pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    assert parse(pieces) == parse([body]) == parse(chunked(body, *range(1, len(body))))


def test_a_giant_line_in_small_chunks_takes_linear_time() -> None:
    def seconds(size: int) -> float:
        begin = time.process_time()
        assert len(parse([b"data: ", *[b"x" * 64] * (size // 64), b"\n\n"])[0].data) == size
        return time.process_time() - begin

    seconds(2**16)
    assert seconds(2**23) < 40 * seconds(2**19) + 0.1  # 16 times the size; were it quadratic, 256 times the time
