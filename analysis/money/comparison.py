"""What `trace-analyzer cost --as MODEL,…` prints: what was recorded beside what other models would have cost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.money.elsewhere import Elsewhere, elsewhere
from analysis.money.entries import Entry, groups
from analysis.money.text import TITLES, notes_on, sums
from traces.money import book
from traces.money.book import PriceBook
from traces.money.busy import busy_seconds
from traces.search import history
from traces.search.fill import Each
from traces.sessions import lookup
from traces.sessions.model import Session
from traces.storage import store
from ui.reports import renderers
from ui.tables import Column, Row, as_count, as_dollars

RECORDED = "as recorded"

_COLUMNS = (
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
    """The recorded sessions, and what their requests would have cost elsewhere.

    entries   what was recorded of each turn, in the order of the sessions
    by        what is added up, one of `analysis.money.entries.KEYS`; None for all together
    """

    sessions: Sequence[Session]
    book: PriceBook
    entries: Sequence[Entry]
    others: Sequence[Elsewhere]
    by: str | None


def compare(
    name: str | None,
    models: Sequence[str],
    by: str | None,
    tokenizer: str,
    skipped: list[str],
    each: lookup.Each,
    each_text: Each = iter,
) -> Comparison:
    """Return the comparison of the sessions that a name means, or of all. Raises ToolkitError."""
    prices = book.load()
    sessions = lookup.find(name or str(store.root()), skipped, each)
    projects = history.projects(skipped, each_text) if by == "project" else {}
    recorded = _entries(sessions, prices, projects)
    return Comparison(sessions, prices, recorded, elsewhere(sessions, models, prices, tokenizer), by)


def _entries(sessions: Sequence[Session], prices: PriceBook, projects: Mapping[Path, str]) -> list[Entry]:
    turns = [(session, turn) for session in sessions for turn in session.turns]
    seconds = busy_seconds([(turn.mode, turn.timestamp, turn.timing.total) for _, turn in turns])
    return [
        Entry(
            turn.timestamp,
            turn.ids.session,
            turn.ids.agent,
            turn.model,
            turn.mode,
            projects.get(turn.file) if turn.file else None,
            turn.billed,
            prices.charge(turn.billed, turn.timestamp, busy),
        )
        for (_, turn), busy in zip(turns, seconds, strict=True)
    ]


def rows(comparison: Comparison) -> list[Row]:
    """Return a row for what was recorded, then one for each model: of all, or of each group."""
    everything = range(len(comparison.entries))
    if comparison.by is None:
        return _rows(comparison, everything)
    place = {id(entry): number for number, entry in enumerate(comparison.entries)}
    return [
        {"group": key, **row}
        for key, entries in groups(comparison.entries, comparison.by)
        for row in _rows(comparison, [place[id(entry)] for entry in entries])
    ]


def _rows(comparison: Comparison, places: Sequence[int]) -> list[Row]:
    recorded = [comparison.entries[place] for place in places]
    return [
        {"model": RECORDED, **sums([entry.billed for entry in recorded], [entry.charge for entry in recorded])},
        *({"model": other.model, **_sums(other, places)} for other in comparison.others),
    ]


def _sums(other: Elsewhere, places: Sequence[int]) -> Row:
    return sums([other.billed[place] for place in places], [other.charges[place] for place in places])


def _shown(comparison: Comparison) -> list[Row]:
    found = rows(comparison)
    return [{**row, "group": row["group"] or "unknown"} for row in found] if comparison.by else found


def _columns(comparison: Comparison) -> Sequence[Column]:
    by = comparison.by
    title = "Recorded model" if by == "model" else TITLES[by] if by else ""
    return (Column("group", title, cut=True), *_COLUMNS) if by else _COLUMNS


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
    return {"by": comparison.by, "rows": rows(comparison), "notes": list(notes(comparison))}


RENDERERS = renderers(rows, _columns, notes, document, _shown)
"""The name of a format -> the function that returns the text."""
