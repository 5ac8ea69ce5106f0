"""What `trace-analyzer sessions` shows: a row for each session, read from the first line of each of its traces.

Only traces without a session id in their first line are read whole.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from analysis.session.sums import has_output, sum_columns, waiting_seconds
from traces.clients import by_name
from traces.errors import TraceFormatError
from traces.metrics import sum_known
from traces.model import TIMES_UNKNOWN, Timing
from traces.money import book
from traces.money.book import Charge, PriceBook, total
from traces.money.busy import busy_seconds
from traces.sessions import lookup
from traces.sessions.agents import ON_THE_SIDE
from traces.sessions.grouping import Place, Turn, sessions
from traces.storage import catalog
from traces.storage.catalog import Catalog
from traces.storage.head import Head
from traces.storage.resolve import no_traces_in
from ui.reports import renderers
from ui.tables import Column, Row, as_count, as_dollars, as_seconds

_NAMES_SHOWN = 3


def _as_names(value: object) -> str:
    """Return the first of the names, and how many there are besides."""
    names = str(value).split(", ")
    return ", ".join(names[:_NAMES_SHOWN]) + (f" +{len(names) - _NAMES_SHOWN}" if len(names) > _NAMES_SHOWN else "")


COLUMNS = (
    Column("began", "Began (UTC)"),
    Column("session", "Session", cut=True),
    Column("mode", "Mode", spare=True),
    Column("client", "Client", optional=True, spare=True),
    Column("model", "Model", cut=True),
    Column("turns", "Turns", as_count),
    Column("agents", "Agents", as_count),
    Column("largest_input", "Largest input", as_count),
    Column("output_tokens", "Output", as_count, spare=True),
    Column("waiting", "Waiting", as_seconds),
    Column("cost", "Cost", as_dollars),
    Column("failed", "Failed", as_count, spare=True, paint=lambda value: "red" if value else None),
    Column("tools", "Tools", _as_names, cut=True, optional=True, spare=True, align="left"),
)


def rows(folder: Path, limit: int, skipped: list[str], each: lookup.Each = iter) -> list[Row]:
    """Return the newest sessions first, all of them with a limit of 0.

    Raises NoTrace where there is no file, TraceFormatError where none can be read, and PriceError.
    """
    prices = book.load()
    found = catalog.ask(folder, skipped, lambda known: _rows(known, limit, skipped, each, prices))
    if not found and not skipped:
        raise no_traces_in(folder)
    if not found:
        raise TraceFormatError(f"None of these files could be read as a trace; the first: {skipped[0]}")
    found.sort(key=lambda row: str(row["began"]), reverse=True)
    return found[:limit] if limit else found


def _rows(known: Catalog, limit: int, skipped: list[str], each: lookup.Each, prices: PriceBook) -> list[Row]:
    named = [_row(id, [head for _, head in known.heads(id)], prices) for id in known.sessions(newest=limit or -1)]
    unnamed = sessions(lookup.turns(each(known.unnamed()), skipped))
    return [*named, *(_row(one.id, list(map(_head, one.turns, one.places)), prices) for one in unnamed)]


def _head(turn: Turn, place: Place) -> Head:
    return Head(
        timestamp=turn.timestamp,
        mode=turn.mode,
        state=turn.state,
        ids=replace(turn.ids, agent=turn.ids.agent or place.agent),  # one without an id has a name of ours
        model=turn.model,
        kind=turn.kind,
        input_tokens=turn.usage.total if turn.usage else None,
        output_tokens=turn.output_tokens,
        ttft=turn.timing.ttft,
        total=turn.timing.total,
        billed=turn.billed,
        client=turn.client,
        tools=tuple(dict.fromkeys(turn.tools_used)),
        marks=(TIMES_UNKNOWN,) if turn.times_unknown else (),
    )


def _row(session: str, heads: Sequence[Head], prices: PriceBook) -> Row:
    """Return the row of a session, given the heads of its traces in the order of their files."""
    turns = [head for head in heads if head.kind not in ON_THE_SIDE]
    models = Counter(head.model for head in turns or heads if head.model).most_common()
    tools = Counter(name for head in heads for name in head.tools).most_common()
    return {
        "began": min(head.timestamp for head in heads)[:19].replace("T", " "),
        "session": session,
        "mode": ", ".join(dict.fromkeys(head.mode for head in heads)),
        "client": ", ".join(dict.fromkeys(by_name(head.client).title for head in heads if head.client)) or None,
        "model": models[0][0] + (f" +{len(models) - 1}" if len(models) > 1 else "") if models else None,
        "turns": len(turns),
        "side_requests": len(heads) - len(turns),
        "agents": len({head.ids.agent for head in turns}),
        "largest_input": max((head.input_tokens for head in heads if head.input_tokens is not None), default=None),
        **sum_columns("output_tokens", sum_known(head.output_tokens for head in heads if _has_output(head))),
        **sum_columns("waiting", sum_known(map(_waiting_seconds, heads))),
        **sum_columns("cost", total(_charges(heads, prices))),
        "tools": ", ".join(name for name, _ in tools),
        "failed": sum(head.state != "complete" for head in heads),
    }


def _charges(heads: Sequence[Head], prices: PriceBook) -> list[Charge]:
    """Return what each exchange cost. Where an hour has a price, a moment is shared out among the session's own."""
    seconds = busy_seconds([(head.mode, head.timestamp, head.total) for head in heads])
    return [prices.charge(head.billed, head.timestamp, busy) for head, busy in zip(heads, seconds, strict=True)]


def _shown(rows: Sequence[Row]) -> Sequence[Column]:
    """Return the columns without costs where nothing is known to have cost anything."""
    return COLUMNS if any(row["cost"] for row in rows) else [one for one in COLUMNS if one.key != "cost"]


def _waiting_seconds(head: Head) -> float | None:
    return waiting_seconds(Timing(ttft=head.ttft, total=head.total), TIMES_UNKNOWN in head.marks)


def _has_output(head: Head) -> bool:
    return has_output(head.kind, head.state, head.ttft)


RENDERERS = renderers(list[Row], _shown)
"""The name of a format -> the function that returns the text."""
