"""Shares as whole numbers that add up. Knows nothing of what is shared."""

from collections.abc import Sequence


def whole_percentages(counts: Sequence[int], total: int = 100) -> list[int]:
    """Whole numbers near each count's share that add up to `total`: the largest remainders are rounded up.

    All 0 where there is nothing to share.
    """
    everything = sum(counts)
    if everything == 0:
        return [0] * len(counts)
    shares = [count * total // everything for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda at: -(counts[at] * total % everything))
    for at in by_remainder[: total - sum(shares)]:
        shares[at] += 1
    return shares
