"""Published prices, as the package genai-prices has them, where it is installed.

It is an extra: it needs a newer h11 than mitmproxy 11 allows, so on Python 3.11 there is none.
"""

import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from importlib.util import find_spec
from typing import Any, Protocol

from traces.money.billed import Billed
from traces.servers import kind_of, split_address

REMEMBERED = 2**16
"""Exchanges whose costs are remembered: working one out takes a tenth of a millisecond."""


class Published(Protocol):
    """Knows what providers take."""

    name: str

    def cost(self, billed: Billed, model: str, when: datetime) -> Decimal | None:
        """Return the dollars of an exchange with this model; None where its price isn't known."""


class GenaiPrices:
    """The prices in the package. What a server on the user's own hardware answers has none."""

    def __init__(self) -> None:
        from importlib.metadata import version  # itself slow to import

        self.name = f"genai-prices {version('genai-prices')}"

    @cached_property
    def _package(self) -> Any:
        """The package, which takes half a second to import: only where something may have a price in it."""
        import genai_prices

        return genai_prices

    def cost(self, billed: Billed, model: str, when: datetime) -> Decimal | None:
        """Return the dollars; a page that is live asks for the same ones again and again."""
        return self._calculated(billed, model, when)

    @lru_cache(REMEMBERED)  # noqa: B019 - there is one such object in a process
    def _calculated(self, billed: Billed, model: str, when: datetime) -> Decimal | None:
        provider = kind_of(billed.mode).price_list
        if not provider and is_loopback(billed.url):
            return None
        where = {"provider_id": provider} if provider else {"provider_api_url": billed.url}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of price keys that this version of the package doesn't know
                found = self._package.calc_price(
                    self._package.Usage(**_counts(billed)),
                    model,
                    genai_request_timestamp=when if when.tzinfo else when.replace(tzinfo=UTC),
                    price_context=dict(billed.context) or None,
                    **where,
                )
        except (LookupError, ValueError):
            return None
        return Decimal(found.total_price)


def _counts(billed: Billed) -> Mapping[str, int]:
    """Return the counts under the names of the package, in which what was written for an hour is part of the rest."""
    counts = {
        "input_tokens": billed.input,
        "cache_read_tokens": billed.read,
        "cache_write_tokens": billed.written + billed.written_1h,
        "cache_write_5m_tokens": billed.written,
        "cache_write_1h_tokens": billed.written_1h,
        "output_tokens": billed.output or 0,
        "web_searches": billed.searches,
    }
    return {name: count for name, count in counts.items() if count or name in ("input_tokens", "output_tokens")}


def is_loopback(url: str) -> bool:
    """Return whether this is an address on the user's own machine, where no provider is."""
    return split_address(url)[0] in ("localhost", "127.0.0.1", "::1", "")


def published() -> Published | None:
    """Return the published prices; None where the package isn't installed."""
    return GenaiPrices() if find_spec("genai_prices") else None
