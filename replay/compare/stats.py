"""What repeated runs can show: a median with its interval, tails, and a difference between two models.

Times of a model server are skewed and have outliers, so everything here is of medians and of resampled runs
(bootstrap); only for very few runs is a shape of their distribution assumed. Knows nothing of models and of units.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist, mean, variance
from statistics import median as median
from typing import TYPE_CHECKING, NamedTuple

from traces import metrics

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVEL = 0.95

ENOUGH = 6
"""Runs that a 95% interval of a median takes at least: even the whole range of 5 holds it in 94% of the cases only. The
differences of fewer runs are judged by Student's t."""

STUDENT_T = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}
"""By the number of runs: how many standard errors from the mean the middle 95% of the t distribution end."""

RESAMPLES = 2000

SEED = 20251026
"""Fixed, so that the same results are always compared with the same outcome."""


class Interval(NamedTuple):
    """`level` is the share of such intervals that hold the true median: less than 95% where the runs are too few."""

    low: float
    high: float
    level: float


class Summary(NamedTuple):
    """Runs of one kind in short. What too few runs can't tell is None."""

    n: int
    median: float
    interval: Interval | None
    p90: float | None
    p99: float | None


class Difference(NamedTuple):
    """How much more `ours` took than `theirs`: medians, with the interval of what the runs allow for.

    ratio     `ours` as a multiple of `theirs`; None where that has no meaning
    more      the effect's size: the share of pairs (paired: of the same request and round) in which `ours` was more,
              ties counted half; 0.5 is no effect, 0 and 1 are complete ones
    n         pairs, or runs of the one that has fewer
    """

    value: float
    low: float
    high: float
    ratio: float | None
    more: float
    n: int
    paired: bool

    @property
    def shown(self) -> bool:
        """Whether the runs can show that there is a difference at all."""
        return self.n > 1 and not self.low <= 0 <= self.high


def summary(values: Sequence[float]) -> Summary | None:
    if not values:
        return None
    return Summary(len(values), median(values), interval(values), percentile(values, 90), percentile(values, 99))


def interval(values: Sequence[float]) -> Interval | None:
    """The bootstrapped 95% interval of the median. Of fewer than 6 runs the range, with the level that a range has."""
    n = len(values)
    if n < 2:
        return None
    if n < ENOUGH:
        return Interval(min(values), max(values), 1 - 2 * 0.5**n)
    low, high = _middle(_medians(_resampled(values)), _tail(n))
    return Interval(low, high, LEVEL)


def percentile(values: Sequence[float], percent: int) -> float | None:
    """None where the values are too few for one to lie beyond it: p90 needs 10, p99 needs 100."""
    if len(values) * (100 - percent) < 100:
        return None
    return metrics.percentile(sorted(values), percent)


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Difference | None:
    """Of runs that have nothing to do with one another."""
    n = min(len(ours), len(theirs))
    if n < 2:
        return None
    if n < ENOUGH:
        low, high = _by_student(ours, theirs, STUDENT_T[n])
    else:
        low, high = _middle(_medians(_resampled(ours)) - _medians(_resampled(theirs, SEED + 1)))
    more = sum(_more(one, other) for one in ours for other in theirs) / (len(ours) * len(theirs))
    one, other = median(ours), median(theirs)
    return Difference(one - other, low, high, _ratio(one, other), more, n, False)


def paired_difference(pairs: Sequence[tuple[float, float]]) -> Difference | None:
    """Of (ours, theirs) that ran on the same request in the same round: what both met with cancels out.

    None of fewer than 6: their runs show more if they aren't paired.
    """
    if len(pairs) < ENOUGH:
        return None
    differences = [one - other for one, other in pairs]
    low, high = _middle(_medians(_resampled(differences)), _tail(len(pairs)))
    more = sum(_more(one, other) for one, other in pairs) / len(pairs)
    ratios = [ratio for one, other in pairs if (ratio := _ratio(one, other)) is not None]
    return Difference(median(differences), low, high, median(ratios) if ratios else None, more, len(pairs), True)


def _by_student(ours: Sequence[float], theirs: Sequence[float], t: float) -> tuple[float, float]:
    """The interval of the difference of means, after Welch, with the fewest degrees of freedom there can be."""
    error = sqrt(variance(ours) / len(ours) + variance(theirs) / len(theirs))
    middle = mean(ours) - mean(theirs)
    return middle - t * error, middle + t * error


def _more(one: float, other: float) -> float:
    return 0.5 if one == other else float(one > other)


def _ratio(one: float, other: float) -> float | None:
    return one / other if one > 0 and other > 0 else None


def _resampled(values: Sequence[float], seed: int = SEED) -> "NDArray[np.float64]":
    """As many rows as resamples, each of as many values as there are."""
    import numpy as np

    chosen = np.random.default_rng(seed).integers(0, len(values), (RESAMPLES, len(values)))
    return np.asarray(values, dtype=float)[chosen]


def _medians(rows: "NDArray[np.float64]") -> "NDArray[np.float64]":
    import numpy as np

    medians: NDArray[np.float64] = np.median(rows, axis=1)
    return medians


def _middle(values: "NDArray[np.float64]", tail: float = (1 - LEVEL) / 2) -> tuple[float, float]:
    """Where they begin and end, a tail of this share left out on both sides."""
    import numpy as np

    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def _tail(n: int) -> float:
    """The share to leave out of the resampled medians of n runs. They vary less than medians do, the more so the fewer
    runs there are: with 2.5% on each side the interval of 8 runs would miss in 9% of the cases, so it misses in 3%.

    After Hesterberg, "What Teachers Should Know About the Bootstrap" (2015), 5.2: as if t were to widen a normal one.
    """
    normal, df = NormalDist(), n - 1
    z = normal.inv_cdf((1 + LEVEL) / 2)
    t = z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
    return normal.cdf(-t * sqrt(n / df))
