"""What `trace-analyzer compare` shows: a row for each exchange, and the averages of each request type.

A row holds names and numbers, no trace, so that any number of traces can be compared.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from analysis.exchange.breakdown import SECTIONS, CountedExchange
from traces.content import answers
from traces.metrics import whole_percentages
from traces.storage.index.sections import Counted
from ui.tables import Column, Row, as_count, as_csv, as_json, as_markdown, as_percent, as_table
from ui.terminal import width

_NUMBERS = (
    Column("total", "Total", as_count),
    Column("system", "System", as_count),
    Column("system_percent", "%", as_percent),
    Column("tools", "Tools", as_count),
    Column("tools_percent", "%", as_percent),
    Column("messages", "Messages", as_count),
    Column("messages_percent", "%", as_percent),
)

COLUMNS = (Column("trace", "Trace", cut=True), Column("request_type", "Type"), *_NUMBERS)

AVERAGES = (Column("request_type", "Average of"), Column("traces", "Traces", as_count), *_NUMBERS)


def counted(exchange: CountedExchange, key: bytes) -> Counted:
    """Return what of an exchange is compared; `key` says who counted."""
    trace, _, tokens = exchange
    sums = (tokens.tokens(section) for section in SECTIONS)
    return Counted(str(trace.source), trace.timestamp, answers.kind_of(trace), key, *sums)


def row(counted: Counted) -> Row:
    """Return the row of an exchange."""
    tokens = [counted.system, counted.tools, counted.messages]
    known = [count for count in tokens if count is not None]
    percents = whole_percentages(known) if len(known) == len(tokens) else [None] * len(tokens)
    file = Path(counted.file)
    return {
        "file": counted.file,
        "trace": file.stem if file.suffix == ".json" else counted.timestamp,
        "request_type": counted.kind,
        **_figures(tokens, percents),
    }


def averages(rows: Sequence[Row]) -> list[Row]:
    """Return a row for each request type, the most frequent first; percentages are of the average total.

    Those whose total isn't known aren't in an average, nor counted in it.
    """
    by_type: dict[str, list[list[int]]] = {}
    for row in rows:
        if row["total"] is not None:
            by_type.setdefault(str(row["request_type"]), []).append([int(str(row[section])) for section in SECTIONS])
    return [
        {"request_type": kind, "traces": len(counts), **_average(counts)}
        for kind, counts in sorted(by_type.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def _average(counts: Sequence[Sequence[int]]) -> dict[str, object]:
    means = [round(sum(column) / len(counts)) for column in zip(*counts, strict=True)]
    return _figures(means, whole_percentages(means))


def _figures(tokens: Sequence[int | None], percents: Sequence[int | None]) -> dict[str, object]:
    known = [count for count in tokens if count is not None]
    figures: dict[str, object] = {"total": sum(known) if len(known) == len(tokens) else None}
    for section, count, percent in zip(SECTIONS, tokens, percents, strict=True):
        figures |= {section: count, f"{section}_percent": percent}
    return figures


RENDERERS: Mapping[str, Callable[[Sequence[Row]], str]] = {
    "table": lambda rows: f"{as_table(rows, COLUMNS, width())}\n\n{as_table(averages(rows), AVERAGES, width())}",
    "json": lambda rows: as_json({"traces": rows, "averages": averages(rows)}),
    "csv": lambda rows: as_csv(rows, ["file", *(column.key for column in COLUMNS)]),
    "markdown": lambda rows: f"{as_markdown(rows, COLUMNS)}\n\n{as_markdown(averages(rows), AVERAGES)}",
}
"""The name of a format -> the function that returns the text."""
