"""Patterns of JSON schemas, which are written for JavaScript and sometimes for Python."""

import pytest

from replay.run import patterns

pytestmark = pytest.mark.io  # what may take long runs in a process of its own


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"^[\p{L}\p{N}_-]+$", "blau-ü1", True),
        (r"^[\p{L}\p{N}_-]+$", "blue sky", False),
        (r"^(?<year>\d{4})-\k<year>$", "2026-2026", True),
        (r"^(?<year>\d{4})-\k<year>$", "2026-2025", False),
        (r"(?<=\$)\d+", "$5", True),
        (r"(?<!\$)\b\d+", "$5", False),
        (r"^\/tmp\/", "/tmp/x", True),
        (r"^\u{1F600}$", "😀", True),
        (r"^\d$", "٣", False),  # a digit of Python's, not of JavaScript's
        (r"^a$", "a\n", False),  # nor does its $ stop before a line break
        (r"^[\w\-.]+$", "a-b.c", True),
        (r"^a\-b$", "a-b", True),  # only older engines take this escape
        (r"^(?P<year>\d{4})$", "2026", True),
        (r"(?i)^abc$", "ABC", True),
        (r"^(?:ab)+$", "abab", True),
        (r"^(?:ab)+$", "aba", False),
        ("ab", "xaby", True),
        (r"^\d+\Z", "12", None),  # the end in Python, the letter Z in JavaScript
        ("(", "x", None),
        ("a", "\ud800", None),
    ],
)
def test_a_pattern_is_read_as_its_language_has_it(pattern: str, text: str, expected: bool | None) -> None:
    assert patterns.matches(pattern, text, seconds=60) is expected  # a busy machine is slow to start a process


def test_a_pattern_that_takes_ages_is_given_up() -> None:
    assert patterns.matches("^(a+)+$", "a" * 60 + "!", seconds=0.2) is None


@pytest.mark.parametrize(
    ("pattern", "readable"), [(r"\p{L}", True), (r"(?P<a>x)", True), ("(", False), ("*", False), ("[z-a]", False)]
)
def test_a_pattern_of_no_language_is_known(pattern: str, readable: bool) -> None:
    assert patterns.is_readable(pattern) is readable
