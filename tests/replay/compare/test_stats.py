"""What repeated runs can show, checked against simulations in which the truth is known."""

import random
from collections.abc import Callable

import pytest

from replay.compare import stats

SIMULATIONS = 100

LEAST_HONEST = 0.10
"""How often an interval meant to be wrong in 5% of the cases may be wrong in so few simulations."""

Draw = Callable[[], float]


def skewed(chance: random.Random) -> Draw:
    """Return times as a server has them: never below a floor, with a long tail. The median is 1."""
    return lambda: chance.lognormvariate(0.0, 0.3)


@pytest.mark.parametrize("n", [6, 8, 20])
def test_an_interval_contains_the_true_median_as_often_as_its_level_says(n: int) -> None:
    draw = skewed(random.Random(n))
    intervals = [stats.interval([draw() for _ in range(n)]) for _ in range(SIMULATIONS)]
    missed = sum(not found.low <= 1.0 <= found.high for found in intervals if found)
    assert missed / SIMULATIONS <= LEAST_HONEST


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 10])
def test_two_equal_models_rarely_show_a_difference(n: int) -> None:
    draw = skewed(random.Random(100 + n))
    found = [stats.difference([draw() for _ in range(n)], [draw() for _ in range(n)]) for _ in range(SIMULATIONS)]
    assert sum(each.shown for each in found if each) / SIMULATIONS <= LEAST_HONEST


@pytest.mark.parametrize("n", [6, 10])
def test_equal_models_in_pairs_rarely_show_a_difference(n: int) -> None:
    draw = skewed(random.Random(200 + n))
    found = [stats.paired_difference([(draw(), draw()) for _ in range(n)]) for _ in range(SIMULATIONS)]
    assert sum(each.shown for each in found if each) / SIMULATIONS <= LEAST_HONEST


@pytest.mark.parametrize("n", [3, 5, 10])
def test_a_model_that_takes_twice_as_long_shows_a_difference(n: int) -> None:
    chance = random.Random(n)
    ours, theirs = ([chance.gauss(mean, 0.05) for _ in range(n)] for mean in (2.0, 1.0))
    found = stats.difference(ours, theirs)
    assert found is not None
    assert found.shown
    assert found.ratio == pytest.approx(2.0, rel=0.1)
    assert found.more == 1.0


def test_three_runs_that_do_not_overlap_show_no_small_difference() -> None:
    """Resampled they never meet; that they didn't here is chance in one of ten cases."""
    found = stats.difference([1.0, 1.1, 1.2], [1.25, 1.3, 1.35])
    assert found is not None
    assert not found.shown


def test_pairs_show_what_a_drifting_machine_hides() -> None:
    """Each round is slower than the one before by more than the models differ."""
    pairs = [(number + 0.1 + 0.01 * (number % 3), float(number)) for number in range(1, 9)]
    paired, apart = stats.paired_difference(pairs), stats.difference(*map(list, zip(*pairs, strict=True)))
    assert paired is not None
    assert apart is not None
    assert (paired.shown, apart.shown) == (True, False)
    assert paired.value == pytest.approx(0.11, abs=0.01)


def test_too_few_pairs_are_no_pairs() -> None:
    assert stats.paired_difference([(2.0, 1.0)] * 5) is None


def test_single_runs_show_no_difference() -> None:
    assert stats.difference([60.0], [2.4]) is None
    assert stats.interval([60.0]) is None


@pytest.mark.parametrize(("n", "level"), [(2, 0.5), (3, 0.75), (4, 0.875)])
def test_the_interval_of_few_runs_is_their_range_with_its_lower_level(n: int, level: float) -> None:
    assert stats.interval([3.0, 1.0, 2.0, 2.5][:n]) == (1.0, 3.0, level)


def test_runs_that_are_all_the_same_have_no_width() -> None:
    assert stats.interval([2.0] * 6) == (2.0, 2.0, 0.95)


@pytest.mark.parametrize(
    ("n", "percent", "there"), [(9, 90, False), (10, 90, True), (99, 99, False), (100, 99, True), (0, 90, False)]
)
def test_a_tail_is_given_only_where_a_run_can_lie_in_it(n: int, percent: int, there: bool) -> None:
    assert (stats.percentile([float(value) for value in range(n)], percent) is not None) is there


def test_the_median_and_the_tails_are_what_they_are_called() -> None:
    found = stats.summary([float(value) for value in range(1, 102)])
    assert found is not None
    assert (found.n, found.median, found.p90, found.p99) == (101, 51.0, 91.0, 100.0)
    assert stats.summary([]) is None


def test_the_same_runs_are_always_compared_with_the_same_outcome() -> None:
    ours, theirs = [1.0, 1.2, 1.1, 1.3, 1.4, 0.9], [1.1, 1.0, 1.5, 1.2, 1.3, 1.6]
    assert stats.difference(ours, theirs) == stats.difference(ours, theirs)


def test_ties_are_no_effect() -> None:
    found = stats.difference([1.0] * 5, [1.0] * 5)
    assert found is not None
    assert (found.more, found.shown) == (0.5, False)


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (7, 10, 0.3968, 0.8922),
        (1, 1, 0.2065, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_a_share_has_wilson_s_interval(passed: int, n: int, low: float, high: float) -> None:
    """The last is Newcombe's own example (1998): 0.2553 to 0.3662."""
    assert stats.wilson(passed, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("better", "worse", "p"), [(0, 0, 1.0), (1, 0, 1.0), (0, 6, 0.03125), (2, 8, 0.109375), (5, 5, 1.0)]
)
def test_changes_in_pairs_are_tested_exactly(better: int, worse: int, p: float) -> None:
    assert stats.mcnemar(better, worse) == p
    assert stats.mcnemar(worse, better) == p
