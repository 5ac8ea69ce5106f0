"""The times in a trace's record, as JSON holds them: without those that can't be measurements."""

from traces.model import Json, Timing
from traces.storage.shapes import build, check

LONGEST = 1e9
"""Seconds: thirty years. A longer time can't be a measurement."""

IMPOSSIBLE = "impossible_times"
"""The mark of a trace whose impossible times are left out."""


def timing(raw: Json) -> tuple[Timing, bool]:
    """Return the times without impossible ones, and whether all are possible. Raises ValueError for anything else."""
    times = check(dict, {} if raw is None else raw, "timing")
    if list(times.values()).count(None) == len(times):
        return _NONE
    impossible = [name for name, at in times.items() if is_impossible(at)]
    found: Timing = build(Timing, {**times, **dict.fromkeys(impossible)} if impossible else times, "timing")
    if not _in_order(found):
        return Timing(), False  # which of them is wrong can't be told
    return found, not impossible


_NONE = Timing(), True
"""Where nothing was measured."""


def is_impossible(at: Json) -> bool:
    """Return whether a time can't be a measurement: a timing that was set back makes negative ones, for example."""
    if type(at) is float:
        return not 0 <= at < LONGEST  # NaN is in no range
    return isinstance(at, int | float) and not isinstance(at, bool) and not 0 <= at < LONGEST


def marks(raw: Json, times_are_possible: bool) -> tuple[str, ...]:
    """Return the marks of a trace, and the one for impossible times where there were some."""
    found: tuple[str, ...] = build(tuple[str, ...], [] if raw is None else raw, "marks")
    return found if times_are_possible or IMPOSSIBLE in found else (*found, IMPOSSIBLE)


def _in_order(timing: Timing) -> bool:
    """Return whether nothing came before what it followed."""
    ways = (
        (timing.headers, timing.ttft, timing.first_answer, timing.last_content, timing.total),
        (timing.ttft, timing.first_tool_call, timing.total),
    )
    known = [[at for at in way if at is not None] for way in ways]
    return all(way == sorted(way) for way in known)
