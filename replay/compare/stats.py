"""What repeated runs can show: a median with its interval, tails, and a difference between two models.

Times of a model server are skewed and have outliers, so everything here is of medians and of resampled runs
(bootstrap); only for very few runs is a shape of their distribution assumed. Shares of answers have Wilson's interval,
and two shares of the same questions are compared in pairs.
"""

from collections.abc import Sequence
from math import comb, sqrt
from statistics import NormalDist, mean, variance
from statistics import median as median
from typing import TYPE_CHECKING, NamedTuple

from traces import metrics

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVEL = 0.95

ENOUGH = 6
"""The fewest runs for a 95% interval of a median: even the whole range of 5 contains it in 94% of cases only. The
differences of fewer runs are tested by Student's t."""

STUDENT_T = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}
"""By the number of runs: the standard errors from the mean within which 95% of the t distribution lie."""

RESAMPLES = 2000

SEED = 20251026
"""Fixed, so that the same results always compare alike."""


class Interval(NamedTuple):
    """An interval of a median. `level` is its confidence: less than 0.95 where the runs are too few."""

    low: float
    high: float
    level: float


class Summary(NamedTuple):
    """The statistics of one contender's runs. None is what too few runs can't show."""

    n: int
    median: float
    interval: Interval | None
    p90: float | None
    p99: float | None


class Difference(NamedTuple):
    """How much more `ours` took than `theirs`: the difference of medians, with its 95% interval.

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
    """Return the statistics of some values; None where there are none."""
    if not values:
        return None
    return Summary(len(values), median(values), interval(values), percentile(values, 90), percentile(values, 99))


def interval(values: Sequence[float]) -> Interval | None:
    """Return the bootstrapped 95% interval of the median; for fewer than 6 runs their range, with its own level."""
    n = len(values)
    if n < 2:
        return None
    if n < ENOUGH:
        return Interval(min(values), max(values), 1 - 2 * 0.5**n)
    low, high = _middle(_medians(_resample(values)), _tail(n))
    return Interval(low, high, LEVEL)


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return a percentile; None where too few values lie beyond it: p90 needs 10 values, p99 needs 100."""
    if len(values) * (100 - percent) < 100:
        return None
    return metrics.percentile(sorted(values), percent)


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Difference | None:
    """Return the difference of runs that are independent of one another; None for single runs."""
    n = min(len(ours), len(theirs))
    if n < 2:
        return None
    if n < ENOUGH:
        low, high = _by_student(ours, theirs, STUDENT_T[n])
    else:
        low, high = _middle(_medians(_resample(ours)) - _medians(_resample(theirs, SEED + 1)))
    more = sum(_more(one, other) for one in ours for other in theirs) / (len(ours) * len(theirs))
    one, other = median(ours), median(theirs)
    return Difference(one - other, low, high, _ratio(one, other), more, n, False)


def paired_difference(pairs: Sequence[tuple[float, float]]) -> Difference | None:
    """Return the difference in pairs (ours, theirs) of the same request and round: what slowed both cancels out.

    None for fewer than 6 pairs, whose runs show more when they aren't paired.
    """
    if len(pairs) < ENOUGH:
        return None
    differences = [one - other for one, other in pairs]
    low, high = _middle(_medians(_resample(differences)), _tail(len(pairs)))
    more = sum(_more(one, other) for one, other in pairs) / len(pairs)
    ratios = [ratio for one, other in pairs if (ratio := _ratio(one, other)) is not None]
    return Difference(median(differences), low, high, median(ratios) if ratios else None, more, len(pairs), True)


def wilson(passed: float, n: int) -> tuple[float, float]:
    """Return the 95% interval of a share, after Wilson: it also holds for few cases, and for 0% and 100%.

    `passed` of the `n` cases have it; it may be a fraction, where a case was tried several times.
    """
    z, share = NormalDist().inv_cdf((1 + LEVEL) / 2), passed / n
    middle, reach = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max((middle - reach) / (1 + z * z / n), 0.0), min((middle + reach) / (1 + z * z / n), 1.0)


def mcnemar(better: int, worse: int) -> float:
    """Return the p-value of McNemar's exact test, two-sided: that cases change so unevenly by chance alone.

    `better` and `worse` count the cases that changed in either direction; those that didn't change say nothing.
    """
    n, fewer = better + worse, min(better, worse)
    tail, all_ways = sum(comb(n, k) for k in range(fewer + 1)), 1 << n
    return min(2 * tail / all_ways, 1.0)


def _by_student(ours: Sequence[float], theirs: Sequence[float], t: float) -> tuple[float, float]:
    """Return the interval of the difference of means, after Welch, with the fewest possible degrees of freedom."""
    error = sqrt(variance(ours) / len(ours) + variance(theirs) / len(theirs))
    middle = mean(ours) - mean(theirs)
    return middle - t * error, middle + t * error


def _more(one: float, other: float) -> float:
    return 0.5 if one == other else float(one > other)


def _ratio(one: float, other: float) -> float | None:
    return one / other if one > 0 and other > 0 else None


def _resample(values: Sequence[float], seed: int = SEED) -> "NDArray[np.float64]":
    """Return a row for each resample, each with as many values as were given."""
    import numpy as np

    chosen = np.random.default_rng(seed).integers(0, len(values), (RESAMPLES, len(values)))
    return np.asarray(values, dtype=float)[chosen]


def _medians(rows: "NDArray[np.float64]") -> "NDArray[np.float64]":
    import numpy as np

    medians: NDArray[np.float64] = np.median(rows, axis=1)
    return medians


def _middle(values: "NDArray[np.float64]", tail: float = (1 - LEVEL) / 2) -> tuple[float, float]:
    """Return where the values begin and end without a tail of this share on either side."""
    import numpy as np

    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def _tail(n: int) -> float:
    """Return the share of the resampled medians of n runs to leave out on each side of their interval.

    Resampled medians vary less than medians do, the more so the fewer the runs: with 2.5% on each side the interval of
    8 runs would miss the median in 9% of cases; with this share, in 3%. After Hesterberg, "What Teachers Should Know
    About the Bootstrap" (2015), 5.2: the interval is widened as much as Student's t widens a normal one.
    """
    normal, df = NormalDist(), n - 1
    z = normal.inv_cdf((1 + LEVEL) / 2)
    t = z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
    return normal.cdf(-t * sqrt(n / df))
