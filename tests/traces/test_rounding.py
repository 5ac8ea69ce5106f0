"""Whole percentages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.rounding import whole_percentages


@pytest.mark.parametrize(
    ("counts", "total", "expected"),
    [
        ([15_432, 12_821, 1_200], 100, [52, 44, 4]),
        ([1, 1, 1], 100, [34, 33, 33]),
        ([1, 0, 0], 100, [100, 0, 0]),
        ([0, 0], 100, [0, 0]),
        ([], 100, []),
        ([1, 1, 1], 2, [1, 1, 0]),
    ],
)
def test_the_largest_remainders_are_rounded_up(counts: list[int], total: int, expected: list[int]) -> None:
    assert whole_percentages(counts, total) == expected


@given(st.lists(st.integers(0, 10**9)), st.integers(0, 100))
def test_they_add_up_and_are_off_by_less_than_one(counts: list[int], total: int) -> None:
    found = whole_percentages(counts, total)
    everything = sum(counts)
    assert sum(found) == (total if everything else 0)
    for count, percent in zip(counts, found, strict=True):
        assert abs(percent * everything - count * total) < max(everything, 1)
