from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.prefix_cache.diff import Change, find_changes, find_changes_beside

CASES: dict[str, tuple[str, str, list[tuple[str, str, str]]]] = {
    "it goes on": ("abc", "abcde", []),
    "it is over": ("abc", "ab", []),
    "the same": ("abc", "abc", []),
    "nothing in common": ("abc", "xyz", []),
    "the end is another": ("abc", "abx", []),
    "one changed": ("abcd", "axcd", [("b", "x", "cd")]),
    "one came": ("abcd", "axbcd", [("", "x", "bcd")]),
    "one went": ("abcd", "acd", [("b", "", "cd")]),
    "the first changed": ("abc", "xbc", [("a", "x", "bc")]),
    "one moved forward": ("abcde", "aebcd", [("", "e", "bcd")]),
    "two changed": ("abcdef", "axcyef", [("b", "x", "c"), ("d", "y", "ef")]),
    "far away": ("a0123456789bc", "axbc", [("0123456789", "x", "bc")]),
}


def shown(before: Sequence[object], after: Sequence[object], change: Change) -> tuple[str, str, str]:
    removed, added = (
        "".join(str(side[at]) for at in places) for side, places in ((before, change.removed), (after, change.added))
    )
    return removed, added, "".join(map(str, after[change.added.stop : change.end]))


@pytest.mark.parametrize(("before", "after", "expected"), CASES.values(), ids=CASES)
def test_changes_are_found(before: str, after: str, expected: list[tuple[str, str, str]]) -> None:
    found = find_changes([ord(one) for one in before], [ord(one) for one in after])
    assert [shown(before, after, change) for change in found] == expected


MOVED: dict[str, tuple[str, str, list[tuple[str, str, str, str]]]] = {
    "they moved on": ("sTTua", "suaTTv", [("TT", "", "ua", "TT")]),
    "what was before them changed": ("sxTTua", "syuaTTv", [("x", "y", "", ""), ("TT", "", "ua", "TT")]),
    "what was far before them changed": ("xsTTua", "ysuaTTv", [("x", "y", "s", ""), ("TT", "", "ua", "TT")]),
    "what was behind them changed": ("sTTuab", "suxbTTv", [("TT", "", "u", "TT"), ("a", "x", "b", "")]),
    "others came": ("sTTua", "suaTNTv", [("TT", "", "ua", "TNT")]),
}
"""T and N are the tools."""


@pytest.mark.parametrize(("before", "after", "expected"), MOVED.values(), ids=MOVED)
def test_what_was_moved_is_a_change_of_its_own(
    before: str, after: str, expected: list[tuple[str, str, str, str]]
) -> None:
    old, new = (range(text.index("T"), text.rindex("T") + 1) for text in (before, after))
    found = find_changes_beside(before, after, old, new)
    assert [
        (*shown(before, after, change), after[change.moved.start : change.moved.stop]) for change in found
    ] == expected


PARTS = st.lists(st.integers(0, 30), max_size=40)


@given(before=PARTS, after=PARTS)
def test_what_is_between_the_changes_is_in_both(before: list[int], after: list[int]) -> None:
    left = right = 0
    for change in find_changes(before, after):
        assert before[left : change.removed.start] == after[right : change.added.start]
        assert change.removed or change.added
        assert change.end > change.added.stop, "behind a change both go on together"
        left, right = change.removed.stop, change.added.stop
        assert before[left : left + change.end - right] == after[right : change.end]
