"""Speeds and latencies of exchanges whose times are known."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from analysis.measures import document, figures
from analysis.tokens.counters import Counter
from tests.support import synthetic
from traces.model import Response, Trace


class Letters:
    """Every character is a token."""

    name = "letters"
    estimate = False

    def count(self, text: str) -> int:
        return len(text)

    def count_many(self, texts: Sequence[str]) -> list[int]:
        return [len(text) for text in texts]


def measured(trace: Trace, counter: Counter) -> Any:
    """Return the measures of an exchange, by their keys."""
    return SimpleNamespace(**document(figures(trace, counter)))


def test_the_servers_own_count_is_preferred() -> None:
    found = measured(synthetic.tool_call(), Letters())
    assert (found.output_tokens, found.output_counted) == (26, False)


def test_an_answer_without_usage_is_counted() -> None:
    trace = synthetic.text()
    silent = replace(trace, response=Response(200, {}, {"content": [{"type": "text", "text": "Paris"}]}))
    found = measured(silent, Letters())
    assert (found.output_tokens, found.output_counted) == (5, True)


def test_an_implausible_count_is_replaced_by_ours_and_kept_beside_it() -> None:
    trace = synthetic.text()
    usage = {"input_tokens": 9, "output_tokens": 0}
    false = replace(trace, response=Response(200, {}, {"content": [{"type": "text", "text": "Paris"}], "usage": usage}))
    found = measured(false, Letters())
    assert (found.output_tokens, found.output_counted, found.output_reported) == (5, True, 0)


def test_speeds_follow_from_times_and_usage() -> None:
    found = measured(synthetic.tool_call(), Letters())
    assert found.end_to_end_speed == pytest.approx(26 / 2.0)
    assert found.prefill_speed == pytest.approx(110 / 0.5)  # 400 of 510 input tokens came from the cache
    assert found.generation_speed == pytest.approx(26 * (1 - 10 / 52) / 1.0)
    assert found.generation_estimated
    assert (found.latency_p50, found.latency_p95, found.latency_max) == (0.25, 0.25, 0.25)


def test_what_was_not_measured_is_none() -> None:
    found = measured(synthetic.failed(), Letters())
    assert [found.output_tokens, found.generation_speed, found.end_to_end_speed, found.prefill_speed] == [None] * 4
    assert found.latency_p50 is None
