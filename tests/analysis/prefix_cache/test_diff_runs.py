from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.prefix_cache.diff import find_line_changes

CASES: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "the same": ("a\nb\n", "a\nb\n", []),
    "one line": ("a\none two three\nb\n", "a\none 2 three\nb\n", [("two", "2")]),
    "two lines": ("a\nb\nc\n", "x\nb\ny\n", [("a", "x"), ("c", "y")]),
    "one below the other": ("a\nb\nc\n", "x\ny\nc\n", [("a", "x"), ("b", "y")]),
    "a line came": ("a\nc\n", "a\nb\nc\n", [("", "b\n")]),
    "a line went": ("a\nb\nc\n", "a\nc\n", [("b\n", "")]),
    "the end is another": ("a\nb", "a\nb and c", [("", " and c")]),
    "a word isn't cut": ("2026 on", "2027 on", [("2026", "2027")]),
    "nothing in common": ("a", "b", [("a", "b")]),
    "it was empty": ("", "a\n", [("", "a\n")]),
}


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES)
def test_each_run_of_lines_is_found(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    found = list(find_line_changes(old, new))
    assert [
        (run.before[run.start : len(run.before) - len(new) + run.stop], new[run.start : run.stop]) for run in found
    ] == expected


LINES = st.lists(st.sampled_from(["a\n", "b c\n", "b d\n", "\n", "e"]), max_size=12).map("".join)


@given(old=LINES, new=LINES)
def test_what_is_outside_the_runs_is_in_both(old: str, new: str) -> None:
    found = list(find_line_changes(old, new))
    changed = new
    for run in reversed(found):
        changed = (
            changed[: run.start] + run.before[run.start : len(run.before) - len(new) + run.stop] + changed[run.stop :]
        )
    assert changed == old
    assert all(one.stop <= other.start for one, other in pairwise(found))
