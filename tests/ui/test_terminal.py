"""Untrusted text on terminals that are narrow or lack UTF-8, and progress, which only a terminal shows."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.terminal import PLAIN, LiveLine, cut_middle, encodable, printable, with_progress


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ← text", "plain ← text"),
        ("\x1b[2Jcleared", "\\x1b[2Jcleared"),
        ("two\nlines", "two\\nlines"),
        ("\x9b31m", "\\x9b31m"),
        ("right\u202eto left", "right\\u202eto left"),
        ("half a pair \ud800", "half a pair \\ud800"),
    ],
)
def test_escape_sequences_are_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_any_text_prints_as_one_line_in_any_encoding(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    for encoding in ("ascii", "latin-1", "utf-8"):
        encodable(shown, io.TextIOWrapper(io.BytesIO(), encoding=encoding)).encode(encoding)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("short", 8, "short"), ("qwen3-coder-30b-a3b", 9, "qwen…-a3b"), ("qwen3-coder-30b-a3b", 8, "qwen…a3b")],
)
def test_a_long_name_keeps_both_ends(text: str, width: int, shown: str) -> None:
    assert cut_middle(text, width) == shown


@given(st.text(), st.integers(min_value=1, max_value=20))
def test_a_cut_name_is_never_wider_than_its_place(text: str, width: int) -> None:
    assert len(cut_middle(text, width)) <= width


def test_the_toolkits_own_signs_have_a_plain_form() -> None:
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert encodable("a ← b … c", ascii_only) == "a <- b ... c"
    assert encodable("✓ 3 × █░ ✗", ascii_only) == "+ 3 x #. x"
    assert "".join(str(plain) for plain in PLAIN.values()).isascii()


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


def test_a_live_line_is_overwritten_on_a_terminal_in_its_encoding() -> None:
    terminal = Terminal()
    line = LiveLine(terminal)
    line.show("█ a\x1b[2J")
    line.clear()
    assert terminal.getvalue() == "\r\x1b[K# a\\x1b[2J\r\x1b[K"


def test_a_pipe_gets_no_live_line() -> None:
    pipe = io.StringIO()
    line = LiveLine(pipe)
    line.show("x")
    line.clear()
    assert pipe.getvalue() == ""
