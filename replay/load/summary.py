"""The rows of a level -> its figures: latency, throughput, goodput, cache, errors, and whether they can be trusted.

Every figure is computed from raw rows: those of several runs of a level are put together before any percentile is
taken. Turns of the warm-up count in none. Throughput counts what ended within the level's time, whenever it was sent.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from replay.compare import stats
from replay.load.objectives import within
from replay.load.plan import LoadPlan
from replay.load.rows import Row
from replay.run.metrics import BUSY, LATE, LATE_SHARE
from traces.metrics import sum_known

LATEST_LAG = 0.05
"""Seconds: a client that sends 1% of its requests later than this after their time isn't the load that was asked for.
So is one where this is more than `LATE_SHARE` of the median time to the first token."""

MOST_DOUBTED = 0.02
"""The share of turns whose times may be wrong, from which on a level's figures aren't trusted."""


_NOTHING: Mapping[str, float] = {}


@dataclass(frozen=True, slots=True)
class Spread:
    """How a measure is spread over turns. None is what too few can't show: p90 needs 10 turns, p99 needs 100."""

    n: int
    p50: float
    p90: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole as a share, with its 95% interval (Wilson's)."""

    count: int
    of: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one level. None is what isn't known. Times are seconds, rates are per minute.

    seconds         over which throughput is measured, of all its runs
    turns           requests that count; `errors` of them failed, by kind
    ttft, answer, turn, action, decode, gap, prefill
                    over turns: to the first token; to the first that is no thinking; to the answer's end; to the next
                    action; tokens per second after the first; mean gap between chunks; uncached input tokens per second
                    until the first
    session_action  over sessions that were played to their end without an error: what the agent waited in all for its
                    next actions
    lag             how late requests went out after their time
    good            turns within all objectives; `good_per_minute`: how many ended in a minute
    correct         answers that an agent could go on with as with the recorded one, of those that can be judged
    cached          the share of input tokens that the server took from its cache, over the turns where it says so
    predicted       the same, for a cache that forgets nothing; None unless it is known of each of these turns
    at_once         requests that the server had at the same time, on average
    server          what the server told of itself meanwhile, by the keys of `replay.load.gauges`
    doubts          why these figures can't be trusted; empty where they can
    """

    level: str
    load: float
    runs: int
    seconds: float
    turns: int
    errors: Mapping[str, int]
    ttft: Spread | None
    answer: Spread | None
    turn: Spread | None
    action: Spread | None
    session_action: Spread | None
    decode: Spread | None
    gap: Spread | None
    prefill: Spread | None
    lag: Spread | None
    good: Part | None
    correct: Part | None
    good_per_minute: float
    requests_per_minute: float
    sessions_per_minute: float
    input_per_second: float | None
    output_per_second: float | None
    cached: float | None
    predicted: float | None
    at_once: float
    server: Mapping[str, float]
    doubts: tuple[str, ...]

    @property
    def failed(self) -> int:
        return sum(self.errors.values())


def summarize(
    rows: Sequence[Row],
    plan: LoadPlan,
    turns_of: Mapping[str, int],
    troubles: Sequence[str] = (),
    server: Mapping[str, float] = _NOTHING,
) -> Summary:
    """Return the figures of a level from the rows of all its runs, of which there is at least one.

    `turns_of` is how many turns each session has. `troubles` are reasons not to trust it that no row shows.
    """
    first = rows[0]
    counted = [row for row in rows if not row.warmup]
    whole = [row for row in counted if row.ok]
    runs = [[row for row in rows if row.run == run] for run in sorted({row.run for row in rows})]
    spans = [_span(run, plan) for run in runs]
    seconds = sum(end - begin for begin, end in spans)
    ended = [row for row in rows if row.ok and plan.warmup <= row.ended <= plan.duration]
    finished = list(_finished(rows, turns_of))
    good = [row for row in counted if within(row, plan.objectives)]

    def per_minute(count: int) -> float:
        return 60 * count / seconds if seconds else 0.0

    def per_second(value: Callable[[Row], int | None]) -> float | None:
        total = sum_known(value(row) for row in ended).known
        return total / seconds if total is not None and seconds else None

    return Summary(
        level=first.level,
        load=first.load,
        runs=len(runs),
        seconds=seconds,
        turns=len(counted),
        errors=dict(Counter(row.error for row in counted if row.error is not None)),
        ttft=_spread(row.ttft for row in whole),
        answer=_spread(row.first_answer for row in whole),
        turn=_spread(row.total for row in whole),
        action=_spread(row.next_action for row in whole),
        session_action=_spread(sum(row.next_action or 0.0 for row in copy) for copy in finished),
        decode=_spread(row.decode for row in whole),
        gap=_spread(row.gap_mean for row in whole),
        prefill=_spread(row.prefill for row in whole),
        lag=_spread(row.lag for row in counted),
        good=_part(len(good), len(counted)),
        correct=_part(*_judged(counted)),
        good_per_minute=per_minute(sum(1 for row in ended if within(row, plan.objectives))),
        requests_per_minute=per_minute(len(ended)),
        sessions_per_minute=per_minute(sum(1 for copy in finished if max(row.ended for row in copy) <= plan.duration)),
        input_per_second=per_second(lambda row: row.input),
        output_per_second=per_second(lambda row: row.output),
        cached=_share_of_input(counted, lambda row: row.cached),
        predicted=_share_of_input(counted, lambda row: row.predicted) if _is_predicted(counted) else None,
        at_once=sum(map(_busy, runs, spans)) / seconds if seconds else 0.0,
        server=server,
        doubts=(*troubles, *_doubts(counted, ended)),
    )


def by_level(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows by level, in the order in which the levels were first played."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.run, row.sent)):
        found.setdefault(row.level, []).append(row)
    return found


def _span(rows: Sequence[Row], plan: LoadPlan) -> tuple[float, float]:
    """Return when measuring began and ended in a run: one that ran out of requests ends with its last answer."""
    return plan.warmup, max(plan.warmup, min(plan.duration, max(row.ended for row in rows)))


def _busy(rows: Sequence[Row], span: tuple[float, float]) -> float:
    """Return the seconds that all requests of a run together were with the server while it was measured."""
    begin, end = span
    return sum(max(0.0, min(row.ended, end) - max(row.sent, begin)) for row in rows)


def _finished(rows: Sequence[Row], turns_of: Mapping[str, int]) -> Iterable[list[Row]]:
    """Yield the rows of each copy of a session that was played to its end without an error, after the warm-up."""
    copies: defaultdict[tuple[int, int, int], list[Row]] = defaultdict(list)
    for row in rows:
        copies[row.copy].append(row)
    for copy in copies.values():
        if len(copy) == turns_of.get(copy[0].session) and all(row.ok and not row.warmup for row in copy):
            yield copy


def _spread(values: Iterable[float | None]) -> Spread | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return Spread(len(known), stats.median(known), stats.percentile(known, 90), stats.percentile(known, 99))


def _part(count: int, of: int) -> Part | None:
    return Part(count, of, count / of, *stats.wilson(count, of)) if of else None


def _judged(rows: Sequence[Row]) -> tuple[int, int]:
    """Return how many answers are correct, and how many can be judged. A failure is no answer."""
    judged = [row.correct for row in rows if row.ok and row.correct is not None]
    return sum(judged), len(judged)


def _is_predicted(rows: Sequence[Row]) -> bool:
    return all(row.predicted is not None for row in rows if row.input)


def _share_of_input(rows: Sequence[Row], value: Callable[[Row], int | None]) -> float | None:
    known = [(value(row), row.input) for row in rows if row.input and value(row) is not None]
    total = sum(read for _, read in known if read is not None)
    return sum(part for part, _ in known if part is not None) / total if total else None


def _doubts(rows: Sequence[Row], ended: Sequence[Row]) -> Iterable[str]:
    """Yield the reasons why this wasn't the load that was asked for, or was measured wrongly."""
    if not rows:
        yield "no turn was sent after the warm-up"
        return
    if not ended and any(row.ok for row in rows):
        yield "no answer was whole within its time: a longer --duration shows how many are"
    lags = sorted(row.lag for row in rows)
    latest = lags[min(len(lags) - 1, int(len(lags) * 0.99))]
    firsts = [row.ttft for row in rows if row.ttft is not None]
    allowed = max(LATEST_LAG, LATE_SHARE * stats.median(firsts) if firsts else 0.0)
    if latest > allowed:
        yield f"this client fell behind: 1% of requests went out {latest * 1000:.0f} ms or more after their time"
    busy = max(row.cpu for row in rows)
    if sum(row.cpu >= BUSY for row in rows) > max(1, MOST_DOUBTED * len(rows)):
        yield f"a process of this client used up to {busy:.0%} of a core: more processes or machines are needed"
    late = [row for row in rows if row.late > max(LATE, LATE_SHARE * (row.ttft or row.total or 0.0))]
    if len(late) > max(1, MOST_DOUBTED * len(rows)):  # one can happen anywhere
        most = max(row.late for row in late)
        which = f"{len(late)} of {len(rows)} answers"
        yield f"this client read {which} up to {most * 1000:.0f} ms late: the machine was busy"
