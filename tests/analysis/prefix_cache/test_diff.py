from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.prefix_cache.diff import Gap, gaps, gaps_beside

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


def shown(before: Sequence[object], after: Sequence[object], gap: Gap) -> tuple[str, str, str]:
    gone, come = ("".join(str(side[at]) for at in places) for side, places in ((before, gap.gone), (after, gap.come)))
    return gone, come, "".join(map(str, after[gap.come.stop : gap.end]))


@pytest.mark.parametrize(("before", "after", "expected"), CASES.values(), ids=CASES)
def test_gaps_are_found(before: str, after: str, expected: list[tuple[str, str, str]]) -> None:
    found = gaps([ord(one) for one in before], [ord(one) for one in after])
    assert [shown(before, after, gap) for gap in found] == expected


BESIDE: dict[str, tuple[str, str, list[tuple[str, str, str, str]]]] = {
    "they moved on": ("sTTua", "suaTTv", [("TT", "", "ua", "TT")]),
    "what stood before them changed": ("sxTTua", "syuaTTv", [("x", "y", "", ""), ("TT", "", "ua", "TT")]),
    "what stood far before them changed": ("xsTTua", "ysuaTTv", [("x", "y", "s", ""), ("TT", "", "ua", "TT")]),
    "what stood behind them changed": ("sTTuab", "suxbTTv", [("TT", "", "u", "TT"), ("a", "x", "b", "")]),
    "others came": ("sTTua", "suaTNTv", [("TT", "", "ua", "TNT")]),
}
"""T and N are the tools."""


@pytest.mark.parametrize(("before", "after", "expected"), BESIDE.values(), ids=BESIDE)
def test_what_was_moved_is_a_gap_of_its_own(before: str, after: str, expected: list[tuple[str, str, str, str]]) -> None:
    old, new = (range(text.index("T"), text.rindex("T") + 1) for text in (before, after))
    found = gaps_beside(before, after, old, new)
    assert [(*shown(before, after, gap), after[gap.moved.start : gap.moved.stop]) for gap in found] == expected


PARTS = st.lists(st.integers(0, 30), max_size=40)


@given(before=PARTS, after=PARTS)
def test_what_is_between_the_gaps_stands_in_both(before: list[int], after: list[int]) -> None:
    left = right = 0
    for gap in gaps(before, after):
        assert before[left : gap.gone.start] == after[right : gap.come.start]
        assert gap.gone or gap.come
        assert gap.end > gap.come.stop, "behind a gap both go on together"
        left, right = gap.gone.stop, gap.come.stop
        assert before[left : left + gap.end - right] == after[right : gap.end]
