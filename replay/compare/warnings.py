"""Warnings about a comparison: too few runs, a warm-up among them, answers of different length, a cut-off prompt.

A new warning is one more function in `_WARNINGS`.
"""

from collections.abc import Callable, Iterator, Sequence
from statistics import median

from replay.compare import stats
from replay.compare.compare import Comparison, Contender
from replay.request import Variant
from replay.run import double_counting
from replay.run.truncation import CONTEXTS

FAR_APART = 0.20
"""Answers whose token counts differ by more than this share say different things; 5% is normal between tokenizers."""

WARM_UP = 1.5
"""A first run counts as a warm-up where it took this many times as long as the slowest of the others."""

TRUNCATED = 0.7
"""A server that counts less than this share of what another counted may not have read the whole prompt."""


def warnings(comparisons: Sequence[Comparison]) -> list[str]:
    """Return the warnings, gravest first, each once."""
    mixed = [f"{len(comparisons)} different requests: each is compared on its own."] if len(comparisons) > 1 else []
    return mixed + list(dict.fromkeys(line for check in _WARNINGS for each in comparisons for line in check(each)))


def _doubts(comparison: Comparison) -> Iterator[str]:
    for contender in comparison.contenders:
        doubtful = [run.metrics.doubts for run in contender.good if run.metrics.doubts]
        if doubtful:
            such_as = "such as: " if len(doubtful) > 1 else ""
            yield f"{contender.label}: {_runs(len(doubtful))} can't be trusted, {such_as}{doubtful[0][0]}."


def _false_counts(comparison: Comparison) -> Iterator[str]:
    """Warn of a server's count that can't be true, where our estimate is used instead."""
    for contender in comparison.contenders:
        false = [run.metrics for run in contender.good if run.metrics.output_rejected is not None]
        if false:
            yield (
                f"{contender.label}: the server counted {false[0].output_rejected:,} output tokens, which can't be "
                f"true: {false[0].output or 0:,} is our estimate, and so are the speeds that follow from it."
            )


def _other_models(comparison: Comparison) -> Iterator[str]:
    """Warn where another model answered: a server that answers to any name makes two contenders of one model."""
    for contender in comparison.contenders:
        others = dict.fromkeys(run.other_model for run in contender.good if run.other_model)
        if others:
            yield f"{contender.label}: {', '.join(others)} answered: the server lacks the model that was asked for."


def _truncation(comparison: Comparison) -> Iterator[str]:
    counts = {contender: count for contender in comparison.contenders if (count := contender.median("input"))}
    for contender, count in counts.items():
        most = max(each for other, each in counts.items() if _variant(other) == _variant(contender))
        if count < TRUNCATED * most:
            yield (
                f"{contender.label}: the server counted {count:,.0f} input tokens where another counted {most:,.0f}: "
                "it may have cut the prompt off. Check its context size."
            )
        elif count in CONTEXTS and not any(run.metrics.doubts for run in contender.good):
            yield (
                f"{contender.label}: the server counted {count:,.0f} input tokens, which is a context size: "
                "it may have cut the prompt off."
            )


def _variant(contender: Contender) -> Variant | None:
    """Return how the request was changed: another one may have another length."""
    return contender.runs[0].run.variant


def _counted_twice(comparison: Comparison) -> Iterator[str]:
    for contender in comparison.contenders:
        if any(double_counting.NOTE in run.notes for run in contender.good):
            yield f"{contender.label}: {double_counting.NOTE}."


def _different_requests(comparison: Comparison) -> Iterator[str]:
    caches = {contender.runs[0].run.cache for contender in comparison.contenders}
    if len(caches) > 1:
        yield f"Replayed with --cache {' and '.join(sorted(caches))}: these times aren't comparable."
    if len({str(contender.runs[0].settings) for contender in comparison.contenders}) > 1:
        yield "Replayed with different settings (--set): the models weren't asked the same."


def _few_runs(comparison: Comparison) -> Iterator[str]:
    fewest = min((len(contender.good) for contender in comparison.contenders if contender.good), default=0)
    if fewest == 1:
        yield f"Single runs are too noisy to distinguish models: replay with --runs {stats.ENOUGH}."
    elif 0 < fewest < stats.ENOUGH:
        yield f"{fewest} runs show large differences only; [ ] is their range: replay with --runs {stats.ENOUGH}."


def _warm_up(comparison: Comparison) -> Iterator[str]:
    for contender in comparison.contenders:
        first, *others = contender.values("ttft") or [0.0]
        if len(others) > 1 and first > WARM_UP * max(others):
            yield (
                f"{contender.label}: the first run took {first:.2f} s to the first token, the others {min(others):.2f} "
                f"to {max(others):.2f} s: it was a warm-up, or filled the cache. Replay with --warmup 1 or more."
            )


def _different_cache_shares(comparison: Comparison) -> Iterator[str]:
    shares = {contender: share for contender in comparison.contenders if (share := _cached(contender)) is not None}
    if shares and max(shares.values()) - min(shares.values()) > FAR_APART:
        listed = ", ".join(f"{contender.label} {share:.0%}" for contender, share in shares.items())
        yield f"Different shares of the prompt came from the cache: {listed}. Replay with --cache cold or --cache warm."


def _cached(contender: Contender) -> float | None:
    """Return the share of the prompt that came from the server's cache; None where that is unknown."""
    usages = [run.metrics.input for run in contender.good if run.metrics.input]
    known = [(usage.cache_read or 0) / usage.total for usage in usages if usage.cache_read is not None]
    return median(known) if known else None


def different_lengths(comparison: Comparison) -> Iterator[str]:
    counts = {contender: count for contender in comparison.contenders if (count := contender.median("tokens"))}
    if not counts:
        return
    least, most = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
    if counts[most] > (1 + FAR_APART) * counts[least]:
        yield (
            f"The answers differ in length: {counts[least]:,.0f} tokens ({least.label}) to {counts[most]:,.0f} "
            f"({most.label}). More than 20% apart, total times aren't comparable."
        )


_WARNINGS: Sequence[Callable[[Comparison], Iterator[str]]] = (
    _other_models,
    _doubts,
    _false_counts,
    _truncation,
    _counted_twice,
    _different_requests,
    _few_runs,
    _warm_up,
    _different_cache_shares,
    different_lengths,
)


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"
