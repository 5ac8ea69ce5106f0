"""A report that is one table, with notes below it: in each of the formats in which commands print."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import click

from ui.tables import Column, Row, as_csv, as_json, as_markdown, as_table
from ui.terminal import printable, width

Report = TypeVar("Report")


def renderers(
    rows: Callable[[Report], Sequence[Row]],
    columns: Callable[[Report], Sequence[Column]],
    notes: Callable[[Report], Iterable[str]] = lambda report: (),
    document: Callable[[Report], object] | None = None,
    shown: Callable[[Report], Sequence[Row]] | None = None,
) -> Mapping[str, Callable[[Report], str]]:
    """Return the name of each format -> the function that returns a report's text.

    rows       of CSV, and of the others unless they differ; there is at least one
    columns    of tables and of Markdown
    document   what JSON holds; by default the rows
    shown      the rows of tables and of Markdown
    """
    as_read = shown or rows

    def table(report: Report) -> str:
        below = "\n".join(click.style(printable(line), dim=True) for line in notes(report))
        return f"{as_table(as_read(report), columns(report), width())}\n\n{below}".rstrip()

    def markdown(report: Report) -> str:
        return "\n\n".join((as_markdown(as_read(report), columns(report)), *notes(report)))

    def csv(report: Report) -> str:
        found = rows(report)
        return as_csv(found, list(found[0]))

    return {
        "table": table,
        "json": lambda report: as_json((document or rows)(report)),
        "csv": csv,
        "markdown": markdown,
    }
