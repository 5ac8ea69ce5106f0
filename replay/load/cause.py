"""What gave way first, when a server carries so many agents and not one more: a comparison of the two levels.

Turns break an objective by waiting longer for their first token, or by writing slower. For the first token there are
three reasons: requests queue, the cache has lost what it could have held, or prefill is shared among more. The server's
own figures tell them apart where it tells any; without them a wait is not called a queue.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from replay.compare.stats import median
from replay.load.objectives import Objectives, within
from replay.load.rows import Row

Part = Literal["errors", "queue", "cache", "prefill", "wait", "decode"]

LOST = 0.1
"""The share of input tokens that must be missing from the cache, of those it could hold, to be called evicted: more
than at the level that was carried."""

WAITING = 0.5
"""Requests that wait on the server, on average, to be called a queue."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What gave way, and what shows it, in words."""

    part: Part
    words: str


def find(
    carried: Sequence[Row],
    broken: Sequence[Row],
    objectives: Objectives,
    told: Mapping[str, tuple[float | None, float | None]],
) -> Cause | None:
    """Return what gave way between two levels; None where no turn of the second broke an objective.

    `told` is what the server told of itself (`replay.load.gauges`), on average over each of the two levels.
    """
    bad = [row for row in broken if not row.warmup and not within(row, objectives)]
    before, after = ([row for row in rows if row.ok and not row.warmup] for rows in (carried, broken))
    if not bad:
        return None
    failed = [row for row in bad if not row.ok]
    if 2 * len(failed) >= len(bad):
        return Cause("errors", f"{len(failed)} of {len(bad)} turns that weren't good failed")
    first, writing = (_growth(before, after, name) for name in ("ttft", "generation"))
    if _breaks_only(bad, objectives, ("gap", "gap_p99")) or writing[1] - writing[0] > first[1] - first[0]:
        return Cause("decode", f"writing an answer took {_times(writing)} (median)")
    return _of_the_first_token(before, after, first, told)


def _of_the_first_token(
    before: Sequence[Row],
    after: Sequence[Row],
    first: tuple[float, float],
    told: Mapping[str, tuple[float | None, float | None]],
) -> Cause:
    waited = f"the first token came after {_times(first)} (median)"
    lost = _missing(before), _missing(after)
    if None not in lost and (lost[1] or 0.0) - (lost[0] or 0.0) >= LOST:
        kept = tuple(1 - (share or 0.0) for share in lost)
        return Cause(
            "cache", f"of what its cache could hold, the server kept {kept[1]:.0%} (before: {kept[0]:.0%}); {waited}"
        )
    waiting = told.get("waiting", (None, None))
    if waiting[1] is not None:
        if waiting[1] >= WAITING:
            return Cause("queue", f"{waiting[1]:.1f} requests waited on the server on average; {waited}")
        return Cause("prefill", f"no requests waited on the server, so prefill itself took longer; {waited}")
    return Cause("wait", f"{waited}; the server doesn't tell whether requests queue or prefill is slower")


def _growth(before: Sequence[Row], after: Sequence[Row], name: str) -> tuple[float, float]:
    """Return a measure's median at both levels; 0 where nothing was measured."""
    return _median(getattr(row, name) for row in before), _median(getattr(row, name) for row in after)


def _median(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return median(known) if known else 0.0


def _times(grown: tuple[float, float]) -> str:
    return f"{grown[1]:.2f} s instead of {grown[0]:.2f} s"


def _breaks_only(bad: Sequence[Row], objectives: Objectives, names: Sequence[str]) -> bool:
    """Return whether most of these turns break no objective but the named ones."""
    others = tuple(each for each in objectives if each.measure not in names)
    return 2 * sum(within(row, others) for row in bad) > len(bad)


def _missing(rows: Sequence[Row]) -> float | None:
    """Return the share of the tokens that a cache could hold which the server's didn't; None where it doesn't say."""
    known = [(row.cached, row.predicted) for row in rows if row.cached is not None and row.predicted]
    could = sum(predicted for _, predicted in known)
    return 1 - min(1.0, sum(cached for cached, _ in known) / could) if could else None
