"""How the time of a server is shared out among the requests that it works on."""

import pytest

from traces.money.busy import shares

CASES: dict[str, tuple[list[tuple[float, float]], list[float]]] = {
    "one after the other": ([(0, 2), (5, 6)], [2, 1]),
    "two at once": ([(0, 4), (0, 4)], [2, 2]),
    "one within another": ([(0, 10), (4, 6)], [9, 1]),
    "one that overlaps": ([(0, 4), (2, 6)], [3, 3]),
    "no time at all": ([(3, 3), (0, 1)], [0, 1]),
    "nothing": ([], []),
}


@pytest.mark.parametrize("name", CASES)
def test_a_moment_is_shared_out_among_those_that_cover_it(name: str) -> None:
    spans, expected = CASES[name]
    assert shares(spans) == pytest.approx(expected)
