"""What `trace-analyzer cost --as MODEL,…` prints: what was recorded beside what other models would have cost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import click

from analysis.money.elsewhere import Elsewhere, elsewhere
from analysis.money.text import notes_on, sums
from traces.money import book
from traces.money.book import PriceBook
from traces.money.busy import busy_seconds
from traces.sessions import lookup
from traces.sessions.model import Session
from traces.storage import store
from ui.tables import Column, Row, as_count, as_csv, as_dollars, as_json, as_markdown, as_table
from ui.terminal import printable, width

RECORDED = "as recorded"

COLUMNS = (
    Column("model", "Model", cut=True),
    Column("requests", "Requests", as_count),
    Column("input_tokens", "Input", as_count),
    Column("cached_tokens", "From cache", as_count),
    Column("written_tokens", "Written", as_count),
    Column("output_tokens", "Output", as_count),
    Column("cost", "Cost", as_dollars),
)

CAVEAT = (
    "Tokens are those that the recorded server counted: another model's tokenizer counts otherwise, and its answers "
    "would have been others. Each session is taken by itself."
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The recorded sessions, and what their requests would have cost elsewhere."""

    sessions: Sequence[Session]
    book: PriceBook
    others: Sequence[Elsewhere]


def compare(
    name: str | None, models: Sequence[str], tokenizer: str, skipped: list[str], each: lookup.Each
) -> Comparison:
    """Return the comparison of the sessions that a name means, or of all. Raises ToolkitError."""
    prices = book.load()
    sessions = lookup.find(name or str(store.root()), skipped, each)
    return Comparison(sessions, prices, elsewhere(sessions, models, prices, tokenizer))


def rows(comparison: Comparison) -> list[Row]:
    """Return a row for what was recorded, then one for each model."""
    turns = [turn for session in comparison.sessions for turn in session.turns]
    seconds = busy_seconds([(turn.mode, turn.timestamp, turn.timing.total) for turn in turns])
    charges = [
        comparison.book.charge(turn.billed, turn.timestamp, busy) for turn, busy in zip(turns, seconds, strict=True)
    ]
    return [
        {"model": RECORDED, **sums([turn.billed for turn in turns], charges)},
        *({"model": other.model, **sums(other.billed, other.charges)} for other in comparison.others),
    ]


def notes(comparison: Comparison) -> Iterator[str]:
    """Yield what is assumed of each model's cache, whose prices these are, and what isn't known."""
    for other in comparison.others:
        yield f"{other.model}: its cache reads {other.provider.rule}."
        yield from (f"{other.model}: {line}" for line in notes_on(other.charges, other.model, comparison.book))
    markers = any(turn.markers for session in comparison.sessions for turn in session.turns)
    if not markers and any(other.provider.marked for other in comparison.others):
        yield "These requests mark nothing with cache_control, so Anthropic's cache would have kept nothing."
    yield CAVEAT


def document(comparison: Comparison) -> Row:
    """Return the comparison as JSON."""
    return {"rows": rows(comparison), "notes": list(notes(comparison))}


def _page(comparison: Comparison) -> str:
    below = "\n".join(click.style(printable(line), dim=True) for line in notes(comparison))
    return f"{as_table(rows(comparison), COLUMNS, width())}\n\n{below}"


def _csv(comparison: Comparison) -> str:
    found = rows(comparison)
    return as_csv(found, list(found[0]))


RENDERERS: Mapping[str, Callable[[Comparison], str]] = {
    "table": _page,
    "json": lambda comparison: as_json(document(comparison)),
    "csv": _csv,
    "markdown": lambda comparison: "\n\n".join((as_markdown(rows(comparison), COLUMNS), *notes(comparison))),
}
"""The name of a format -> the function that returns the text."""
