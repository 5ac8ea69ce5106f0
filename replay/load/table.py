"""A load for a person: a row for each level, and each in one plain sentence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from replay.load import gauges
from replay.load.cause import Cause
from replay.load.cause import Part as Gave
from replay.load.knee import Goal, Knee
from replay.load.monitor import GPU
from replay.load.objectives import Objectives
from replay.load.summary import Part, Spread, Summary
from ui.tables import Column, Row, as_count, as_seconds

SERVER = (*gauges.BY_KEY, *GPU)

SPREADS = ("ttft", "answer", "turn", "action", "session_action", "decode", "gap", "prefill", "lag")


def _as_speed(value: object) -> str:
    return f"{value:.1f}/s"


def _as_rate(value: object) -> str:
    return f"{value:.1f}/min"


def _as_milliseconds(value: object) -> str:
    return f"{float(str(value)) * 1000:,.0f} ms"


def _as_average(value: object) -> str:
    return f"{value:.1f}"


def _as_share(value: object) -> str:
    return f"{float(str(value)):.0%}"


def columns() -> list[Column]:
    """Return the columns: those that a person reads first."""
    return [
        Column("level", "Load", align="right"),
        Column("turns", "Turns", as_count),
        Column("failed", "Failed", as_count),
        Column("ttft_p50", "TTFT p50", as_seconds),
        Column("ttft_p90", "p90", as_seconds),
        Column("ttft_p99", "p99", as_seconds, optional=True),
        Column("turn_p50", "Turn p50", as_seconds),
        Column("turn_p90", "p90", as_seconds),
        Column("decode_p50", "Decode", _as_speed),
        Column("cached", "Cached", _as_share),
        Column("predicted", "could be", _as_share),
        Column("output_per_second", "Tokens out", _as_speed),
        Column("requests_per_minute", "Done", _as_rate),
        Column("good_per_minute", "Good", _as_rate),
        Column("good_share", "Within", _as_share),
        Column("correct_share", "Correct", _as_share, optional=True),
        Column("server_waiting", "Queue", _as_average, optional=True),
        Column("server_kv_usage", "KV used", _as_share, optional=True),
        Column("lag_p99", "Lag p99", _as_milliseconds, optional=True, spare=True),
    ]


def row(summary: Summary) -> Row:
    """Return a level's figures by flat names: `ttft_p90`, `good_low`. JSON and CSV hold them all."""
    flat: dict[str, object] = {}
    for name, value in asdict(summary).items():
        if name in SPREADS:
            flat |= {f"{name}_{key}": (value or {}).get(key) for key in ("p50", "p90", "p99")}
        elif name in ("good", "correct"):
            flat |= {f"{name}_{key}": (value or {}).get(key) for key in ("count", "of", "share", "low", "high")}
        elif name == "server":
            flat |= {f"server_{key}": value.get(key) for key in SERVER}
        elif name == "errors":
            flat |= {"failed": summary.failed, "errors": _counts(summary.errors)}
        else:
            flat[name] = "; ".join(value) if name == "doubts" else value
    return flat


def _counts(errors: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in errors.items())


def sentences(summaries: Sequence[Summary], objectives: Objectives) -> list[str]:
    """Return a sentence for each level."""
    return [_sentence(one, objectives) for one in summaries]


_PARTS: Mapping[Gave, str] = {
    "errors": "requests failed",
    "queue": "requests queued",
    "cache": "the server's cache was too small",
    "prefill": "prefill",
    "wait": "the wait for the first token",
    "decode": "decode",
}
"""What gave way, in words."""


def verdict(knee: Knee, goal: Goal, summaries: Sequence[Summary], cause: Cause | None) -> Iterator[str]:
    """Yield what a search has found, in a sentence for each thing to know."""
    by_load = {summary.load: summary for summary in summaries}
    carries, breaks = (by_load.get(float(count)) if count else None for count in (knee.carries, knee.breaks))
    if carries:
        yield f"This server carries {carries.level}: {_good(carries)}" + (
            f"; {breaks.level}: {_good(breaks)}." if breaks else "."
        )
    elif breaks:
        yield f"This server doesn't carry {breaks.level}: {_good(breaks)}."
    if cause:
        yield f"What gave way first: {_PARTS[cause.part]} ({cause.words})."
    if not knee.decided and (carries or breaks):
        yield f"The intervals don't settle it: the goal is {goal.share:.0%} of turns. A longer --duration would."
    yield from _ENDINGS.get(knee.ended, ())


_ENDINGS = {
    "requests": ("The search ended with --budget-requests, before it was over.",),
    "agents": ("More weren't tried (--most-agents).",),
    "server": ("The search ended when the server was gone.",),
}


def _good(one: Summary) -> str:
    return f"{_share(one.good)} turns" if one.good else "no turn was measured"


def _sentence(one: Summary, objectives: Objectives) -> str:
    words = "; ".join(_clauses(one, objectives))
    return f"{one.level}: {words}." + "".join(f" Not to be trusted: {doubt}." for doubt in one.doubts)


def _clauses(one: Summary, objectives: Objectives) -> Iterator[str]:
    wanted = ", ".join(map(str, objectives))
    yield f"{_share(one.good)} turn{'s' if one.turns > 1 else ''}: {wanted}" if one.good else "no turn was measured"
    if one.ttft:
        yield f"first token after {_times(one.ttft)}"
    if one.turn:
        yield f"{one.requests_per_minute:.1f} turns/min"
    if one.errors:
        yield f"failed: {_counts(one.errors)}"


def _share(part: Part) -> str:
    return f"{part.share:.0%} [{part.low * 100:.0f}, {part.high * 100:.0f}] of {part.of:,}"


def _times(spread: Spread) -> str:
    tail = "" if spread.p90 is None else f", {spread.p90:.2f} s at most in 9 of 10"
    return f"{spread.p50:.2f} s in half of them{tail}"
