"""Answers in HTTP/1.1, whole and byte by byte."""

import pytest

from traces.http1 import NotHttp, ResponseReader

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def reader() -> ResponseReader:
    return ResponseReader("POST", "/x", [("host", "x"), ("content-length", "2")], b"{}")


ANSWERS = {
    "in chunks": (CHUNKED + b"5\r\nhello\r\n6;note=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n", b"hello world", True),
    "with line ends within": (CHUNKED + b"9\r\n\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n", b"\r\n\r\n0\r\n\r\n", True),
    "of a known length": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello", True),
    "until the connection closes": (b"HTTP/1.1 200 OK\r\n\r\nhello", b"hello", False),
    "after a word of patience": (b"HTTP/1.1 100 Continue\r\n\r\n" + CHUNKED + b"2\r\nhi\r\n0\r\n\r\n", b"hi", True),
    "without a body": (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
    "with one that may not be": (b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"", True),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_body_is_the_same_however_its_bytes_come(name: str, size: int) -> None:
    answer, body, ended = ANSWERS[name]
    it = reader()

    assert b"".join(it.feed(answer[at : at + size]) for at in range(0, len(answer), size)) == body
    assert it.ended is ended
    assert it.close()


CLOSES = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"

REUSABLE = {
    "in chunks": (CHUNKED + b"2\r\nhi\r\n0\r\n\r\n", True),
    "of a known length": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", True),
    "of no length": (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True),
    "without a body": (b"HTTP/1.1 204 No Content\r\n\r\n", True),
    "without its last line": (CHUNKED + b"2\r\nhi\r\n0\r\n", False),
    "with a trailer": (CHUNKED + b"0\r\nTrailer: x\r\n\r\n", False),
    "with more behind it": (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nhi", False),
    "that says it closes": (CLOSES, False),
    "of an older server": (CLOSES.replace(b"1.1", b"1.0").replace(b"Connection: close\r\n", b""), False),
    "until the connection closes": (b"HTTP/1.1 200 OK\r\n\r\nhello", False),
    "cut": (CHUNKED + b"5\r\nhel", False),
}


@pytest.mark.parametrize("name", REUSABLE)
def test_a_connection_can_be_used_again_after_the_whole_answer_and_nothing_else(name: str) -> None:
    answer, is_reusable = REUSABLE[name]
    it = reader()
    it.feed(answer)
    assert it.is_reusable is is_reusable


def test_a_body_that_is_not_whole_is_not_made_whole_by_a_closed_connection() -> None:
    it = reader()
    it.feed(CHUNKED + b"5\r\nhel")

    assert not it.close()


def test_the_request_is_written_in_http() -> None:
    assert b"".join(reader().request) == b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"


@pytest.mark.parametrize("answer", [b"220 mail.example\r\n\r\n", CHUNKED + b"hello\r\n", CHUNKED + b"f" * 70_000])
def test_bytes_that_are_not_http_are_an_error(answer: bytes) -> None:
    with pytest.raises(NotHttp):
        reader().feed(answer)


def test_a_header_cannot_smuggle_in_another() -> None:
    with pytest.raises(NotHttp):
        ResponseReader("POST", "/", [("host", "x"), ("a", "b\r\nc: d")], b"")
