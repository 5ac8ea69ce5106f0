"""What of a budget is spent, and in which words."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support import factories
from traces.money import own
from traces.money.bill import Bill
from traces.money.billed import Billed
from traces.money.book import PriceBook
from traces.money.budget import ALLOWED, Account, Budget
from traces.money.busy import BusyTime

PRICES = {"claude": {"input": 1, "output": 10, "cacheRead": 0.1}, "llamacpp/*": {"perHour": 3600}}


def bill(seconds: float | None = 2.0, at: float = 0.0, **counts: Any) -> Bill:
    found = {"mode": "claude", "models": ("claude",), "uncached": 0, "output": 0, **counts}
    return Bill(Billed(**found), factories.stamp(at), seconds)


def account(budget: str) -> Account:
    return Account(Budget.parse(budget), PriceBook(list(own.prices(Path("rc"), PRICES))))


@pytest.mark.parametrize(
    ("words", "most", "in_tokens"),
    [
        ("5", "5", False),
        ("$5", "5", False),
        (" 0.50 ", "0.5", False),
        ("200k-tokens", "200000", True),
        ("1.5M tokens", "1500000", True),
        ("900tokens", "900", True),
    ],
)
def test_a_budget_is_dollars_or_tokens(words: str, most: str, in_tokens: bool) -> None:
    assert Budget.parse(words) == Budget(Decimal(most), in_tokens)


@pytest.mark.parametrize("words", ["", "0", "-5", "5 euros", "1e3", "200k", "0k-tokens", "nan", "5,00"])
def test_anything_else_is_no_budget(words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(ALLOWED)):
        Budget.parse(words)


def test_without_a_limit_it_only_counts() -> None:
    for words, said in (("unlimited", "$11.00 spent"), ("unlimited-tokens", "2,000,000 new tokens spent")):
        spent = account(words)
        spent.add(bill(uncached=1_000_000, output=1_000_000))
        assert (spent.words, spent.is_used_up, spent.budget.is_limited) == (said, False, False)
        assert f"{spent.share:.0%}" == "0%"


def test_dollars_are_added_up_by_the_prices() -> None:
    spent = account("5")
    spent.add(bill(uncached=1_000_000, output=200_000))
    assert (float(spent.spent), spent.words, spent.is_used_up) == (3.0, "$3.00 of $5.00 spent", False)
    spent.add(bill(read=20_000_000))
    assert (spent.words, spent.is_used_up) == ("$5.00 of $5.00 spent", True)


def test_tokens_are_those_that_no_cache_had() -> None:
    spent = account("1k-tokens")
    spent.add(bill(uncached=100, read=50_000, written=300, written_1h=200, output=50))
    assert spent.words == "650 of 1,000 new tokens spent"
    spent.add(bill(uncached=340, output=None))  # it broke off
    assert spent.words == "at least 990 of 1,000 new tokens spent"
    assert not spent.is_used_up


def test_what_has_no_price_is_named_and_makes_the_sum_a_lower_bound() -> None:
    spent = account("5")
    spent.add(bill(models=("unheard-of",), uncached=10**9))
    assert (spent.words, spent.unpriced) == ("at least $0.00 of $5.00 spent", {"unheard-of"})


def test_an_hour_counts_once_for_all_requests_at_the_same_time() -> None:
    spent = account("20")
    for at in (0.0, 1.0, 5.0):  # 0 to 4, 1 to 5, 5 to 9
        spent.add(bill(4.0, at, mode="llamacpp", models=("qwen3",)))
    assert spent.words == "$9.00 of $20.00 spent"


def test_a_refusal_costs_nothing() -> None:
    for budget in ("5", "1k-tokens"):
        spent = account(budget)
        spent.add(bill(is_free=True, uncached=None, output=None))
        assert (float(spent.spent), spent.unknown) == (0.0, 0)


def test_a_larger_budget_is_proposed_as_it_would_be_written() -> None:
    assert [Budget.parse(words).doubled for words in ("5", "0.50", "10", "200k-tokens")] == [
        "10",
        "1",
        "20",
        "400000-tokens",
    ]


def test_a_bill_survives_as_a_line() -> None:
    for one in (bill(), bill(None, uncached=None, output=None, reported="0.5", context=(("speed", "fast"),))):
        assert Bill.from_line(one.to_line()) == one


def test_time_is_covered_in_any_order() -> None:
    busy = BusyTime()
    assert [busy.add(*span) for span in ((5, 6), (0, 10), (2, 3), (12, 13), (9, 14))] == [1, 9, 0, 1, 3]
