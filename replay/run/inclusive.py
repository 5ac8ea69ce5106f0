"""Servers that count the tokens from their cache within `input_tokens`, and beside it once more.

Anthropic's format leaves them out of `input_tokens`; a server that doesn't seems to be given twice the prompt, reads it
twice as fast, and makes others look as if they had cut theirs. Told by a count of the same prompt that is known.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from replay.result import ReplayResult
from traces.metrics import InputUsage

NOTE = "the server counts cached tokens within its input tokens: they are counted once here"


def once(usage: InputUsage | None, expected: float, spread: float) -> InputUsage | None:
    """The usage with cached tokens counted once. `expected` is what the prompt has about, within so large a factor."""
    if usage is None or not usage.cache_read or usage.uncached < usage.cache_read:
        return usage
    alone = usage.uncached
    if not expected / spread <= alone <= expected * spread < usage.total:
        return usage
    return usage._replace(uncached=alone - usage.cache_read)


def corrected(result: ReplayResult, expected: float, spread: float) -> ReplayResult:
    """The result with that usage, and a note where it isn't the server's own."""
    usage = once(result.metrics.input, expected, spread)
    if usage == result.metrics.input:
        return result
    notes = result.notes if NOTE in result.notes else (*result.notes, NOTE)
    return replace(result, metrics=replace(result.metrics, input=usage), notes=notes)


def correct_all(results: Sequence[ReplayResult]) -> list[ReplayResult]:
    """Runs of one request, each counted as those are that leave no doubt: of which nothing or most was cached."""
    usages = [result.metrics.input for result in results if result.metrics.input]
    sure = [usage.total for usage in usages if not usage.cache_read or usage.cache_read > usage.uncached]
    return [corrected(result, median(sure), 1.4) for result in results] if sure else list(results)
