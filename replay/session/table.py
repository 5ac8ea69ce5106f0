"""A session's passes -> one table: each turn's seconds to the first token and what came from the cache, by variant.

The figures of a variant are the medians of its runs. Sums are over the turns that every variant answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from replay.result import ReplayResult
from replay.session.reuse import turns_without_reuse
from replay.session.steps import Step
from replay.session.turn import Variant
from traces.clients import remedy
from traces.measures import by_key
from traces.metrics import InputUsage, sum_known
from traces.servers import NO_REUSE
from ui.tables import UNKNOWN_SUFFIX, Column, Row, as_count, as_seconds

Results = Mapping[tuple[str, int], Sequence[ReplayResult]]
"""By the variant's name and the turn's number: one result for each run."""

ALL = "all"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was replayed, and the results so far.

    kept   by the same keys: the share of a turn's prompt that also begins the prompt sent before it
    """

    steps: Sequence[Step]
    variants: Sequence[Variant]
    results: Results
    kept: Mapping[tuple[str, int], float] = field(default_factory=dict)

    def ttft(self, variant: Variant, step: Step) -> float | None:
        """Return the median time to first token; None where a run failed."""
        runs = self.results.get((variant.name, step.number), ())
        times = [run.metrics.timing.ttft for run in runs if run.success]
        known = [time for time in times if time is not None]
        return median(known) if known and len(known) == len(runs) else None

    def tokens(self, variant: Variant, step: Step) -> tuple[int | None, int | None]:
        """Return the tokens of the prompt, and how many of them came from the cache, by the server's own count."""
        runs = self.results.get((variant.name, step.number), ())
        usages = [run.metrics.input for run in runs if run.success and run.metrics.input]
        if not usages:
            return None, None
        read = [usage.cache_read for usage in usages if usage.cache_read is not None]
        return round(median(usage.total for usage in usages)), round(median(read)) if read else None

    @property
    def answered_by_all(self) -> list[Step]:
        """The turns that every variant answered."""
        return [step for step in self.steps if all(self.ttft(variant, step) is not None for variant in self.variants)]


def columns(outcome: Outcome) -> list[Column]:
    return [
        Column("turn", "Turn", align="right"),
        Column("agent", "Agent", cut=True),
        Column("kind", "Kind", cut=True, spare=True),
        Column("input", "Input", as_count),
        *(column for variant in outcome.variants for column in _of_variant(variant.name)),
        *(Column(f"times_{variant.name}", "Faster", _as_times) for variant in outcome.variants[1:]),
        Column("error", "Error", cut=True, optional=True),
    ]


def _of_variant(name: str) -> Iterator[Column]:
    yield Column(f"ttft_{name}", f"{by_key('ttft').brief} {name}", as_seconds)
    yield Column(f"cached_{name}", "Cached", as_count)


def _as_times(ratio: object) -> str:
    return f"{ratio:.1f}×"


def rows(outcome: Outcome) -> list[Row]:
    """Return a row for each turn that was sent, and one for the sums."""
    sent = [step for step in outcome.steps if any((v.name, step.number) in outcome.results for v in outcome.variants)]
    return [*(_row(outcome, step) for step in sent), _sums(outcome)]


def _row(outcome: Outcome, step: Step) -> Row:
    row: dict[str, object] = {"turn": step.number, "agent": step.place.agent, "kind": step.turn.kind}
    for variant in outcome.variants:
        total, cached = outcome.tokens(variant, step)
        row.setdefault("input", total)
        row |= {f"ttft_{variant.name}": outcome.ttft(variant, step), f"cached_{variant.name}": cached}
        failed = [run.error for run in outcome.results.get((variant.name, step.number), ()) if run.error]
        if failed:
            row.setdefault("error", f"{variant.name}: {failed[0].message}")
    return row | _ratios(outcome, row)


def _sums(outcome: Outcome) -> Row:
    row: dict[str, object] = {"turn": ALL, "agent": "", "kind": ""}
    for variant in outcome.variants:
        answered = outcome.answered_by_all
        tokens = [outcome.tokens(variant, step) for step in answered] or [(None, None)]  # of no answer nothing is known
        total, cached = sum_known(total for total, _ in tokens), sum_known(cached for _, cached in tokens)
        row = {"input": total.known, f"input{UNKNOWN_SUFFIX}": total.unknown} | row
        row[f"ttft_{variant.name}"] = sum_known([outcome.ttft(variant, step) for step in answered] or [None]).known
        row |= {f"cached_{variant.name}": cached.known, f"cached_{variant.name}{UNKNOWN_SUFFIX}": cached.unknown}
    return row | _ratios(outcome, row)


def _ratios(outcome: Outcome, row: Row) -> dict[str, object]:
    """Return how many times as fast as the first variant each other one is."""
    first, *others = [variant.name for variant in outcome.variants]
    return {f"times_{name}": _ratio(row[f"ttft_{first}"], row[f"ttft_{name}"]) for name in others}


def _ratio(before: object, after: object) -> float | None:
    return before / after if isinstance(before, int | float) and isinstance(after, int | float) and after else None


def line(step: Step, result: ReplayResult) -> str:
    """Return the line that reports a turn that was just replayed."""
    whose = f"turn {step.number:>3}  {step.place.agent}"
    if result.error:
        return f"{whose}  ✗ {result.error.message}"
    usage, ttft = result.metrics.input, result.metrics.timing.ttft
    tokens = f"{usage.total:,} tokens, {_describe_cached(usage)}" if usage else "tokens not counted"
    return f"{whose}  {tokens}, {'no content came' if ttft is None else f'first token after {ttft:.2f} s'}"


def _describe_cached(usage: InputUsage) -> str:
    return "cached: unknown" if usage.cache_read is None else f"{usage.cache_read:,} of them cached"


def conclusions(outcome: Outcome) -> list[str]:
    """Return the table in words: what each variant took in all, and how to make its fixes permanent."""
    sums = _sums(outcome)
    first = outcome.variants[0].name
    clients = {step.turn.client for step in outcome.steps}
    client = clients.pop() if len(clients) == 1 else ""
    lines = []
    for variant in outcome.variants[1:]:
        ratio, seconds = sums[f"times_{variant.name}"], sums[f"ttft_{variant.name}"]
        if not isinstance(ratio, float):
            continue
        lines.append(
            f"To the first tokens of {len(outcome.answered_by_all)} turns: {sums[f'ttft_{first}']:.2f} s with {first}, "
            f"{seconds:.2f} s with {variant.name}: {ratio:.1f} times as fast."
        )
        lines += [f"Permanent fix ({name}): {remedy(name, client)}" for name in variant.fixes]
    return [*lines, *_without_reuse(outcome)]


def _without_reuse(outcome: Outcome) -> Iterator[str]:
    for variant in outcome.variants:
        kept = [(share, key) for key, share in outcome.kept.items() if key[0] == variant.name]
        runs = [(share, run) for share, key in kept for run in outcome.results.get(key, ())]
        if turns := turns_without_reuse(runs):
            yield (
                f"With {variant.name}, the server reused nothing in {turns} turns that began as the ones before them. "
                f"{NO_REUSE}"
            )
