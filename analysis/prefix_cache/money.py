"""What a prefix break cost: the tokens that were prefilled again, at their price beyond that of reading them."""

from collections.abc import Sequence
from dataclasses import replace

from analysis.prefix_cache.report import Row
from analysis.prefix_cache.totals import by_kind
from traces.metrics import Sum
from traces.money.billed import Billed
from traces.money.book import Charge, PriceBook, total


def costs(rows: Sequence[Row], prices: PriceBook) -> dict[str, Sum]:
    """Return what each kind of cause cost, in dollars; a lower bound where a price isn't known."""
    found: dict[str, list[Charge]] = {}
    for row in rows:
        for one in by_kind(row.breaks):
            found.setdefault(one.cause.kind, []).append(loss(row, one.wasted, prices))
    return {kind: total(charges) for kind, charges in found.items()}


def loss(row: Row, wasted: int, prices: PriceBook) -> Charge:
    """Return what it cost that so many tokens weren't read from the cache: what the turn cost more than it would have.

    A server's own account says nothing of that, so these are the prices that are known besides.
    """
    billed = replace(row.turn.billed, reported=None)
    as_it_was = prices.charge(billed, row.turn.timestamp, row.seconds(wasted))
    if as_it_was.dollars is None:
        return as_it_was
    as_read = prices.charge(had_read(billed, wasted), row.turn.timestamp, 0.0)
    assert as_read.dollars is not None
    return Charge(max(as_it_was.dollars - as_read.dollars, as_it_was.dollars * 0), as_it_was.source)


def had_read(billed: Billed, tokens: int) -> Billed:
    """Return what would have been billed, had the cache held so many tokens more.

    A prefix that broke is written again, so these are of the written ones, of both lifetimes as they are, and then of
    those that were neither.
    """
    written = billed.written + billed.written_1h
    again = min(tokens, written)
    for_minutes = again * billed.written // written if written else 0
    others = min(tokens - again, billed.uncached or 0)
    return replace(
        billed,
        read=billed.read + again + others,
        written=billed.written - for_minutes,
        written_1h=billed.written_1h - (again - for_minutes),
        uncached=None if billed.uncached is None else billed.uncached - others,
    )
