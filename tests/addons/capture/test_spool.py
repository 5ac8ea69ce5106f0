"""Segments of the spool: frames come out as they were appended, by any handle, or not at all."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from addons.capture.spool import Segment


def heads(segment: Segment) -> list[object]:
    return [frame.head() for frame in segment.frames()]


@pytest.mark.parametrize("in_memory", [True, False])
def test_another_handle_reads_what_was_appended_each_frame_once(in_memory: bool) -> None:
    written = Segment.create(in_memory)
    read = Segment(os.dup(written.handle))
    written.append(("begin", "1", 0.5, None), b"a body")
    assert [(frame.head(), frame.body()) for frame in read.frames()] == [(("begin", "1", 0.5, None), b"a body")]
    written.append(("end", "1"), memoryview(b"x" * 3_000_000)[:-1])
    written.append(("begin", "2"))
    assert [(frame.head()[1], frame.size) for frame in read.frames()] == [("1", 2_999_999), ("2", 0)]
    assert heads(read) == []


def test_a_frame_is_found_again_by_its_place() -> None:
    segment = Segment.create(in_memory=True)
    segment.append(("one",), b"first")
    at = segment.append(("two",), b"second")
    assert segment.frame(at).body() == b"second"


def test_a_frame_that_was_cut_short_is_not_read() -> None:
    whole = Segment.create(in_memory=True)
    whole.append(("one",), b"first")
    second = whole.append(("two",), b"second")
    for size in range(second, whole.size):
        cut = Segment.create(in_memory=True)
        os.pwrite(cut.handle, whole.read(0, size), 0)
        assert heads(cut) == [("one",)]


def test_a_frame_that_finds_no_room_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    segment, write = Segment.create(in_memory=True), os.pwrite

    def half(handle: int, data: bytes, at: int) -> int:
        if len(data) > 1000:
            write(handle, data[:500], at)
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, data, at)

    segment.append(("one",), b"first")
    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(OSError, match="No space left"):
        segment.append(("two",), b"x" * 2000)
    segment.append(("three",), b"third")
    reader = Segment(os.dup(segment.handle))
    assert heads(reader) == [("one",), ("three",)]


def test_tries_are_counted_beyond_the_process_that_made_them() -> None:
    segment = Segment.create(in_memory=True)
    segment.append(("begin",), b"body")
    frame = segment.frame(0)
    assert frame.count_try() == 1
    child = f"from addons.capture.spool import Segment; Segment({segment.handle}).frame(0).count_try()"
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", child], pass_fds=[segment.handle], check=True, cwd=root)
    assert frame.count_try() == 3


def test_a_segment_is_given_back_when_nothing_refers_to_it() -> None:
    segment = Segment.create(in_memory=False)
    segment.append(("one",), b"body")
    handle, frame = segment.handle, segment.frame(0)
    del segment
    assert frame.body() == b"body"
    del frame
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(handle)
