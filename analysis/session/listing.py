"""What `trace-analyzer sessions` shows: a row for each session, read from the first line of each of its traces.

Only traces without a session id in their first line are read whole.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from analysis.session.sums import has_output, sum_columns, waiting_seconds
from traces.errors import TraceFormatError
from traces.metrics import sum_known
from traces.model import Timing
from traces.sessions import lookup
from traces.sessions.agents import ON_THE_SIDE
from traces.sessions.grouping import Place, Turn, sessions
from traces.storage import catalog
from traces.storage.catalog import Catalog
from traces.storage.codec import Head
from traces.storage.resolve import no_traces_in
from ui.tables import Column, Row, as_count, as_csv, as_json, as_markdown, as_seconds, as_table
from ui.terminal import width

COLUMNS = (
    Column("began", "Began (UTC)"),
    Column("session", "Session", cut=True),
    Column("mode", "Mode", spare=True),
    Column("model", "Model", cut=True),
    Column("turns", "Turns", as_count),
    Column("agents", "Agents", as_count),
    Column("largest_input", "Largest input", as_count),
    Column("output_tokens", "Output", as_count, spare=True),
    Column("waiting", "Waiting", as_seconds),
    Column("failed", "Failed", as_count, spare=True, paint=lambda value: "red" if value else None),
)


def rows(folder: Path, limit: int, skipped: list[str], each: lookup.Each = iter) -> list[Row]:
    """Return the newest sessions first, all of them with a limit of 0.

    Raises NoTrace where there is no file, and TraceFormatError where none can be read.
    """
    found = catalog.ask(folder, skipped, lambda known: _rows(known, limit, skipped, each))
    if not found and not skipped:
        raise no_traces_in(folder)
    if not found:
        raise TraceFormatError(f"None of these files could be read as a trace; the first: {skipped[0]}")
    found.sort(key=lambda row: str(row["began"]), reverse=True)
    return found[:limit] if limit else found


def _rows(known: Catalog, limit: int, skipped: list[str], each: lookup.Each) -> list[Row]:
    named = [_row(id, [head for _, head in known.heads(id)]) for id in known.sessions(newest=limit or -1)]
    unnamed = sessions(lookup.turns(each(known.unnamed()), skipped))
    return [*named, *(_row(one.id, list(map(_head, one.turns, one.places))) for one in unnamed)]


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
    )


def _row(session: str, heads: Sequence[Head]) -> Row:
    """Return the row of a session, given the heads of its traces in the order of their files."""
    turns = [head for head in heads if head.kind not in ON_THE_SIDE]
    models = Counter(head.model for head in turns or heads if head.model).most_common()
    return {
        "began": min(head.timestamp for head in heads)[:19].replace("T", " "),
        "session": session,
        "mode": ", ".join(dict.fromkeys(head.mode for head in heads)),
        "model": models[0][0] + (f" +{len(models) - 1}" if len(models) > 1 else "") if models else None,
        "turns": len(turns),
        "side_requests": len(heads) - len(turns),
        "agents": len({head.ids.agent for head in turns}),
        "largest_input": max((head.input_tokens for head in heads if head.input_tokens is not None), default=None),
        **sum_columns("output_tokens", sum_known(head.output_tokens for head in heads if _has_output(head))),
        **sum_columns("waiting", sum_known(map(_waiting_seconds, heads))),
        "failed": sum(head.state != "complete" for head in heads),
    }


def _waiting_seconds(head: Head) -> float | None:
    return waiting_seconds(Timing(ttft=head.ttft, total=head.total))


def _has_output(head: Head) -> bool:
    return has_output(head.kind, head.state, head.ttft)


RENDERERS: Mapping[str, Callable[[Sequence[Row]], str]] = {
    "table": lambda rows: as_table(rows, COLUMNS, width()),
    "json": lambda rows: as_json(rows),
    "csv": lambda rows: as_csv(rows, list(rows[0])),
    "markdown": lambda rows: as_markdown(rows, COLUMNS),
}
"""The name of a format -> the function that returns the text."""
