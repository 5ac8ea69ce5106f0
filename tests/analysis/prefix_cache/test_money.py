"""What a prefix break cost: the price of prefilling tokens again, beyond that of reading them."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from analysis.prefix_cache import document, view
from analysis.prefix_cache.money import had_read, loss
from analysis.prefix_cache.report import Row
from tests.support import factories
from traces.model import Trace
from traces.money import own
from traces.money.billed import Billed
from traces.money.book import PriceBook
from traces.sessions.grouping import sessions

PRICES = {
    "claude*": {"input": 3, "output": 15, "cacheRead": 0.3, "cacheWrite": 3.75, "cacheWrite1h": 6},
    "llamacpp/*": {"perHour": 3600},
}
MILLION = 10**6


def row(seconds: float | None = None, **counts: Any) -> Row:
    billed = Billed(**{"mode": "claude", "models": ("claude-x",), "uncached": 0, "output": 0, **counts})
    turn = SimpleNamespace(billed=billed, timestamp=factories.stamp())
    return cast(Row, SimpleNamespace(turn=turn, seconds=lambda wasted: seconds))


def cost(wasted: int, one: Row) -> Decimal | None:
    return loss(one, wasted, PriceBook(list(own.prices(Path("rc"), PRICES)))).dollars


def test_what_was_written_again_costs_the_writing_less_the_reading() -> None:
    assert cost(MILLION, row(written=2 * MILLION)) == Decimal("3.45")
    assert cost(MILLION, row(written_1h=MILLION)) == Decimal("5.7")
    assert cost(MILLION, row(uncached=MILLION)) == Decimal("2.7")


def test_no_more_is_lost_than_was_prefilled() -> None:
    assert cost(9 * MILLION, row(uncached=MILLION, written=MILLION)) == Decimal("6.15")
    assert cost(9 * MILLION, row(read=MILLION)) == 0


def test_of_both_lifetimes_as_many_as_there_were() -> None:
    found = had_read(Billed(uncached=5, written=300, written_1h=100, read=7, output=0), 40)
    assert (found.read, found.written, found.written_1h, found.uncached) == (47, 270, 90, 5)


def test_where_an_hour_has_a_price_the_time_is_what_it_cost() -> None:
    assert cost(100, row(2.5, mode="llamacpp", models=("qwen",))) == Decimal("2.5")
    assert cost(100, row(None, mode="llamacpp", models=("qwen",))) is None


def test_without_a_price_or_usage_it_is_unknown() -> None:
    assert cost(100, row(models=("unheard-of",), mode="openai")) is None
    assert cost(100, row(uncached=None)) is None


def turns() -> Iterator[Trace]:
    words = "word " * 3000
    for number, prompt in enumerate(("The first prompt.", "The second prompt.")):
        body = {"model": "claude-x", "system": prompt, "messages": [{"role": "user", "content": words}]}
        answer = factories.message("Hello", {"input_tokens": 3000, "cache_read_input_tokens": 0, "output_tokens": 5})
        yield factories.trace(body, answer, at=10.0 * number, mode="litellm")


def test_the_command_adds_it_up_by_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / own.NAME).write_text(json.dumps({"prices": PRICES}))
    found = view.view(sessions(iter(factories.read(*turns()))))
    losses = cast("dict[str, dict[str, Any]]", document.document(found)["losses"])
    [(kind, lost)] = losses.items()
    wasted = lost["tokens"]
    assert 2900 < wasted <= 3000
    assert lost["cost"] == pytest.approx(wasted * 2.7 / MILLION)
    assert lost["cost_unknown"] == 0
    assert found.costs[kind].known == lost["cost"]
