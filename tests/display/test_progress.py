"""Work that goes on is seen on a terminal, and nowhere else."""

import io

import pytest

from display.progress import LiveLine, with_progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal, of an old encoding."""

    encoding = "ascii"

    def isatty(self) -> bool:
        return True


def test_long_work_on_a_terminal_shows_a_bar_after_a_second() -> None:
    seconds = iter([0.0, 0.5, 1.5, 2.5])
    terminal = Terminal()
    assert list(with_progress(["a", "b", "c"], "Counting", terminal, clock=lambda: next(seconds))) == ["a", "b", "c"]
    assert "Counting" in terminal.getvalue()


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()], ids=["a terminal", "a file"])
def test_short_work_shows_no_bar(stream: io.StringIO) -> None:
    assert list(with_progress([1, 2], "Counting", stream, clock=lambda: 0.0)) == [1, 2]
    assert stream.getvalue() == ""


def test_a_line_is_written_over_on_a_terminal_in_what_signs_it_has() -> None:
    terminal = Terminal()
    line = LiveLine(terminal)
    line.show("█ a\x1b[2J")
    line.clear()
    assert terminal.getvalue() == "\r\x1b[K# a\\x1b[2J\r\x1b[K"


def test_in_a_pipe_there_is_no_line() -> None:
    pipe = io.StringIO()
    line = LiveLine(pipe)
    line.show("x")
    line.clear()
    assert pipe.getvalue() == ""
