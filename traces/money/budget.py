"""A budget in dollars or tokens, and what of it is spent."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from traces.money.bill import Bill
from traces.money.book import PriceBook
from traces.money.busy import BusyTime
from traces.money.words import dollars

WARN_AT = Decimal("0.8")
"""The share of a budget at which its user is warned."""

ALLOWED = "dollars, as 5 or 0.50, or tokens, as 200k-tokens or 1.5m-tokens"

UNLIMITED = {"unlimited": False, "unlimited-tokens": True}
"""Words of budgets that are only counted -> whether in tokens."""

_DOLLARS = re.compile(r"\$?\s*(\d{1,9}(?:\.\d{1,6})?)")
_TOKENS = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([km]?)[- ]?tokens?", re.I)
_TIMES = {"": 1, "k": 10**3, "m": 10**6}


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that may be spent: dollars, or tokens; infinite where it is only counted."""

    most: Decimal
    in_tokens: bool = False

    @classmethod
    def parse(cls, text: str) -> "Budget":
        """Return the budget in these words. Raises ValueError, with what is allowed, for other words."""
        words = text.strip()
        if words in UNLIMITED:
            return cls(Decimal("Infinity"), UNLIMITED[words])
        if found := _DOLLARS.fullmatch(words):
            most, in_tokens = Decimal(found[1]), False
        elif found := _TOKENS.fullmatch(words):
            most, in_tokens = Decimal(found[1]) * _TIMES[found[2].lower()], True
        else:
            raise ValueError(ALLOWED)
        if not most:
            raise ValueError(f"more than 0: {ALLOWED}")
        return cls(most, in_tokens)

    def words(self, spent: Decimal) -> str:
        """Return how much of it is spent, as a person reads it: `$4.12 of $5.00 spent`."""
        if self.in_tokens:
            most = f" of {int(self.most):,}" if self.is_limited else ""
            return f"{int(spent):,}{most} new tokens spent"
        return f"{dollars(spent)}{f' of {dollars(self.most)}' if self.is_limited else ''} spent"

    @property
    def is_limited(self) -> bool:
        return self.most.is_finite()

    @property
    def doubled(self) -> str:
        """Twice the budget, as it would be asked for."""
        twice = self.most * 2
        return f"{int(twice)}-tokens" if self.in_tokens else f"{twice.normalize():f}"


@dataclass(slots=True)
class Account:
    """What was spent of a budget.

    Tokens are those that Anthropic's own limits count: input that wasn't read from a cache, and output.

    spent       at least this
    unknown     of how many exchanges all or a part of the cost isn't known
    unpriced    the models whose price isn't known
    """

    budget: Budget
    book: PriceBook
    spent: Decimal = Decimal(0)
    unknown: int = 0
    unpriced: set[str] = field(default_factory=set)
    _busy: BusyTime = field(default_factory=BusyTime)

    def add(self, bill: Bill) -> None:
        """Count an exchange."""
        billed = bill.billed
        if self.budget.in_tokens:
            self.spent += 0 if billed.is_free else billed.new_tokens
            self.unknown += not (billed.is_free or billed.is_whole)
            return
        charge = self.book.charge(billed, bill.timestamp, self._busy.add(*bill.span) if bill.span else None)
        self.spent += charge.dollars or 0
        self.unknown += not charge.is_whole
        if charge.problem == "price":
            self.unpriced.update(billed.models[:1])

    @property
    def is_used_up(self) -> bool:
        return self.spent >= self.budget.most

    @property
    def share(self) -> Decimal:
        return self.spent / self.budget.most

    @property
    def words(self) -> str:
        """How much of the budget is spent, in words."""
        return f"{'at least ' if self.unknown else ''}{self.budget.words(self.spent)}"
