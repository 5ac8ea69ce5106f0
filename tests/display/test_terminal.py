"""Text from outside is untrusted, terminals are narrow, and not all of them speak UTF-8."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.terminal import PLAIN, encodable, middle_cut, printable


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
def test_what_a_terminal_would_obey_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_whatever_a_trace_holds_prints_as_one_line_that_any_terminal_can_take(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    for encoding in ("ascii", "latin-1", "utf-8"):
        encodable(shown, io.TextIOWrapper(io.BytesIO(), encoding=encoding)).encode(encoding)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("short", 8, "short"), ("qwen3-coder-30b-a3b", 9, "qwen…-a3b"), ("qwen3-coder-30b-a3b", 8, "qwen…a3b")],
)
def test_a_long_name_keeps_both_ends(text: str, width: int, shown: str) -> None:
    assert middle_cut(text, width) == shown


@given(st.text(), st.integers(min_value=1, max_value=20))
def test_a_cut_name_is_never_wider_than_its_place(text: str, width: int) -> None:
    assert len(middle_cut(text, width)) <= width


def test_our_own_signs_have_a_plain_form() -> None:
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert encodable("a ← b … c", ascii_only) == "a <- b ... c"
    assert encodable("✓ 3 × █░ ✗", ascii_only) == "+ 3 x #. x"
    assert "".join(str(plain) for plain in PLAIN.values()).isascii()
