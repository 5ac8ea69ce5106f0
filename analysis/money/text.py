"""What `trace-analyzer cost` prints: a row for each group, their sum, and what the prices are."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.money.entries import Entry, groups
from analysis.session.sums import sum_columns
from traces.money.billed import Billed
from traces.money.book import Charge, PriceBook, total
from traces.money.words import how_to_price
from ui.reports import renderers
from ui.tables import Column, Row, as_count, as_dollars

TITLES = {"day": "Day (UTC)", "session": "Session", "agent": "Agent", "model": "Model", "project": "Project"}


def _columns(by: str) -> tuple[Column, ...]:
    return (
        Column(by, TITLES[by], cut=True),
        Column("requests", "Requests", as_count),
        Column("input_tokens", "Input", as_count),
        Column("cached_tokens", "From cache", as_count),
        Column("written_tokens", "Written", as_count, spare=True),
        Column("output_tokens", "Output", as_count),
        Column("cost", "Cost", as_dollars),
    )


@dataclass(frozen=True, slots=True)
class Report:
    """The costs of exchanges, in groups by one of `analysis.money.entries.KEYS`."""

    by: str
    entries: Sequence[Entry]
    book: PriceBook


def rows(report: Report) -> list[Row]:
    """Return the row of each group."""
    return [{report.by: key, **_sums(some)} for key, some in groups(report.entries, report.by)]


def _sums(some: Sequence[Entry]) -> Row:
    return sums([entry.billed for entry in some], [entry.charge for entry in some])


def sums(billed: Sequence[Billed], charges: Sequence[Charge]) -> Row:
    """Return the sums of exchanges as columns."""
    return {
        "requests": len(billed),
        "input_tokens": sum(one.input for one in billed),
        "input_tokens_unknown": sum(not one.is_free and one.uncached is None for one in billed),
        "cached_tokens": sum(one.read for one in billed),
        "written_tokens": sum(one.written + one.written_1h for one in billed),
        "written_1h_tokens": sum(one.written_1h for one in billed),
        "output_tokens": sum(one.output or 0 for one in billed),
        "output_tokens_unknown": sum(not one.is_free and one.output is None for one in billed),
        **sum_columns("cost", total(charges)),
    }


def sources(charges: Sequence[Charge]) -> dict[str, int]:
    """Return who knew what was billed, with the number of exchanges, the most first."""
    return dict(Counter(charge.source for charge in charges if charge.source and charge.dollars).most_common())


def notes(report: Report) -> Iterator[str]:
    """Yield where the prices are from, and what isn't known and why."""
    unpriced = Counter(entry.model or "?" for entry in report.entries if entry.charge.problem == "price")
    named = ", ".join(name for name, _ in unpriced.most_common(5)) + (", …" if len(unpriced) > 5 else "")
    yield from notes_on([entry.charge for entry in report.entries], named, report.book)


def notes_on(charges: Sequence[Charge], unpriced: str, book: PriceBook) -> Iterator[str]:
    """Yield where the prices of exchanges are from, and what isn't known and why; `unpriced` names their models."""
    if known := sources(charges):
        yield f"Prices: {', '.join(f'{source} ({count:,})' for source, count in known.items())}. Dollars."
    problems = Counter(charge.problem for charge in charges)
    if problems["price"]:
        how = how_to_price(book.published is not None)
        yield f"No price is known of {_requests(problems['price'])} ({unpriced}): {how}."
    if problems["usage"]:
        yield f"Of {_requests(problems['usage'])} the server reported no tokens, or none that can be true."
    if problems["part"]:
        yield f"{_requests(problems['part']).capitalize()} broke off before the output was counted: at least the input."
    if problems["time"]:
        yield f"Of {_requests(problems['time'])} the time isn't known, for which there is a price."


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count:,} requests"


def document(report: Report) -> Row:
    """Return the report as JSON. Costs are dollars; `…_unknown` is of how many requests all or a part isn't known."""
    return {
        "by": report.by,
        "rows": rows(report),
        "total": _sums(report.entries),
        "sources": sources([entry.charge for entry in report.entries]),
        "unknown": dict(Counter(entry.charge.problem for entry in report.entries if entry.charge.problem)),
    }


def _shown(report: Report) -> list[Row]:
    found: list[Row] = [{**row, report.by: row[report.by] or "unknown"} for row in rows(report)]
    return [*found, {report.by: "all", **_sums(report.entries)}] if len(found) > 1 else found


RENDERERS = renderers(rows, lambda report: _columns(report.by), notes, document, _shown)
"""The name of a format -> the function that returns the text."""
