"""A model's price by the user's own list: dollars for a million tokens, or for an hour of the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from traces.money.billed import Billed

MILLION = 10**6
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Rates:
    """Dollars for a million tokens, for requests with more than `above` input tokens."""

    input: Decimal
    output: Decimal
    read: Decimal
    written: Decimal
    written_1h: Decimal
    above: int = 0

    def cost(self, billed: Billed) -> Decimal:
        """Return the dollars for these tokens."""
        counts = (
            (self.input, billed.uncached or 0),
            (self.output, billed.output or 0),
            (self.read, billed.read),
            (self.written, billed.written),
            (self.written_1h, billed.written_1h),
        )
        return sum((rate * tokens for rate, tokens in counts), Decimal(0)) / MILLION


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """What the user says that a model costs.

    pattern    of its name, or of its server's kind and its name: `llamacpp/*`
    where      the file and the key
    rates      the first, and those for larger requests, the largest last; empty where tokens cost nothing by themselves
    per_hour   dollars for an hour in which the server is busy
    """

    pattern: str
    where: str
    rates: Sequence[Rates] = ()
    per_hour: Decimal | None = None

    def cost(self, billed: Billed, seconds: float | None) -> Decimal | None:
        """Return the dollars of an exchange that kept its server busy for so long; None where that isn't known."""
        if self.per_hour is None:
            return self._for_tokens(billed)
        if seconds is None:
            return None
        return self._for_tokens(billed) + self.per_hour * Decimal(str(seconds)) / HOUR

    def _for_tokens(self, billed: Billed) -> Decimal:
        """Return the dollars for the tokens. As providers do, all of a large request's have the price of its size."""
        fitting = [rates for rates in self.rates if billed.input > rates.above or not rates.above]
        return fitting[-1].cost(billed) if fitting else Decimal(0)
