"""Servers that count cached tokens twice: within `input_tokens`, and beside it once more.

Anthropic's format leaves them out of `input_tokens`. A server that doesn't seems to have read twice the prompt at twice
the speed, and makes others look as if they had cut theirs off. A known count of the same prompt shows it.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from replay.result import ReplayResult
from traces import metrics

NOTE = "the server counts cached tokens within its input tokens: they are counted once here"


def correct(result: ReplayResult, expected: float, spread: float) -> ReplayResult:
    """Return the result with cached tokens counted once, and a note where that differs from the server's count."""
    usage = metrics.count_cached_once(result.metrics.input, expected, spread)
    if usage == result.metrics.input:
        return result
    notes = result.notes if NOTE in result.notes else (*result.notes, NOTE)
    return replace(result, metrics=replace(result.metrics, input=usage), notes=notes)


def correct_all(results: Sequence[ReplayResult]) -> list[ReplayResult]:
    """Correct the runs of one request by those that leave no doubt: where nothing was cached, or most was."""
    usages = [result.metrics.input for result in results if result.metrics.input]
    sure = [usage.total for usage in usages if not usage.cache_read or usage.cache_read > usage.uncached]
    return [correct(result, median(sure), 1.4) for result in results] if sure else list(results)
