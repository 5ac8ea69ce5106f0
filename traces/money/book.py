"""The book of prices: the cost of an exchange, by the first of these that knows it, and who it was.

1. what the server itself says that it takes (OpenRouter, LiteLLM)
2. the user's own prices
3. published prices
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from traces.metrics import Sum
from traces.money import own, published
from traces.money.billed import Billed
from traces.money.published import Published
from traces.money.rates import OwnPrice

REPORTED = "the server's own account"
FREE = "nothing was billed"

Problem = Literal["", "price", "usage", "part", "time"]
"""Why a cost isn't known: no price is, the server counted nothing, or only a part, or an hour has a price and the time
wasn't measured."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What an exchange cost.

    dollars   None where it isn't known; with the problem "part", the least that it was
    source    who knows the price
    """

    dollars: Decimal | None
    source: str = ""
    problem: Problem = ""

    @property
    def is_whole(self) -> bool:
        """Whether this is all that it cost."""
        return self.dollars is not None and not self.problem


UNPRICED = Charge(None, problem="price")


class PriceBook:
    """The prices that are known."""

    def __init__(self, own_prices: Sequence[OwnPrice] = (), published_prices: Published | None = None) -> None:
        self.own = own_prices
        self.published = published_prices

    def charge(self, billed: Billed, timestamp: str, seconds: float | None = None) -> Charge:
        """Return what an exchange cost that began then and kept its server busy for so many seconds."""
        if billed.is_free:
            return Charge(Decimal(0), FREE)
        if billed.reported is not None:
            return Charge(Decimal(billed.reported), REPORTED)
        for price in self.own:
            if _fits(price.pattern, billed):
                return self._by_own(price, billed, seconds)
        if self.published is None:
            return UNPRICED
        for model in billed.models:
            cost = self.published.cost(billed, model, _moment(timestamp))
            if cost is not None:
                return _charge(cost, self.published.name, billed)
        return UNPRICED

    def _by_own(self, price: OwnPrice, billed: Billed, seconds: float | None) -> Charge:
        cost = price.cost(billed, seconds)
        if cost is None:
            return Charge(None, price.where, "time")
        return _charge(cost, price.where, billed) if price.rates else Charge(cost, price.where)


def _charge(cost: Decimal, source: str, billed: Billed) -> Charge:
    if billed.uncached is None:
        return Charge(None, source, "usage")
    return Charge(cost, source, "" if billed.is_whole else "part")


def _fits(pattern: str, billed: Billed) -> bool:
    """Return whether the pattern is one of the exchange's models, or its server's kind, a slash and one of them."""
    kinds = [f"{billed.mode}/{model}" for model in (*billed.models, "")] if "/" in pattern else []
    wanted = ".*".join(map(re.escape, pattern.split("*")))
    return any(re.fullmatch(wanted, name, re.S) for name in (*billed.models, *kinds))


def _moment(timestamp: str) -> datetime:
    try:
        found = datetime.fromisoformat(timestamp)
    except ValueError:
        return datetime.now(UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def load(folder: Path | None = None, home: Path | None = None) -> PriceBook:
    """Return the book of prices that are known here. Raises PriceError where the user's own can't be used."""
    return PriceBook(own.read_all(folder or Path.cwd(), home or Path.home()), published.published())


def total(charges: Iterable[Charge]) -> Sum:
    """Return the sum in dollars: a lower bound where something isn't known, and None where nothing above 0 is."""
    everything = list(charges)
    known = sum((one.dollars for one in everything if one.dollars is not None), Decimal(0))
    unknown = sum(not one.is_whole for one in everything)
    return Sum(float(known) if known or not unknown else None, unknown)
