"""Rows as a table, Markdown, CSV or JSON: the formats in which every command prints.

A column says how its value is named and how a person reads it. JSON and CSV carry the value itself.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import click

from traces.money.words import dollars
from ui.terminal import cut_middle, printable, width

Row = Mapping[str, object]

UNKNOWN = "–"
"""Shown in place of a value that isn't known."""

AT_LEAST = "≥ "
"""Put before a sum some members of which aren't known."""

UNKNOWN_SUFFIX = "_unknown"
"""A sum's key with this suffix holds how many of its members aren't known. It may be absent."""

ABOUT = "~"
"""Put before an estimate."""

ESTIMATED_SUFFIX = "_estimated"
"""A figure's key with this suffix holds whether it is an estimate, or how many of its runs are. It may be absent."""

NARROWEST = 8
"""Names aren't cut shorter than this, since they would say nothing."""

GAP = 2
"""Characters between two columns of a table."""


def as_count(value: object) -> str:
    return f"{value:,}"


def as_percent(value: object) -> str:
    return f"{value}%"


def as_seconds(value: object) -> str:
    return f"{value:.2f} s"


def as_dollars(value: object) -> str:
    return dollars(float(str(value)))


def as_size(value: object) -> str:
    size = float(str(value))
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    None is shown as a dash, and an empty text stays empty. A sum some members of which aren't known is shown as the
    least it can be.

    key        its name in JSON and CSV
    title      its heading
    show       formats a value for a person; it isn't called for None and for the empty text
    paint      returns the colour of a value on a terminal, if it has one
    cut        whether its texts are cut on a narrow terminal
    spare      whether it is left out where that isn't enough
    optional   whether it is left out of what a person reads where no row has a value
    align      left, right or center; by default, right where `show` is given, else left
    """

    key: str
    title: str
    show: Callable[[object], str] = str
    paint: Callable[[object], str | None] = lambda value: None
    cut: bool = False
    spare: bool = False
    optional: bool = False
    align: str = ""

    @property
    def alignment(self) -> str:
        return self.align or ("left" if self.show is str else "right")

    def cell(self, row: Row) -> str:
        value = row.get(self.key)
        if value is None:
            return UNKNOWN
        if value == "":
            return ""
        before = (
            AT_LEAST
            if row.get(f"{self.key}{UNKNOWN_SUFFIX}")
            else ABOUT
            if row.get(f"{self.key}{ESTIMATED_SUFFIX}")
            else ""
        )
        return before + printable(self.show(value))


def as_table(rows: Sequence[Row], columns: Sequence[Column], room: int | None = None, ruled: bool = True) -> str:
    """Return a table in lines of at most `room` characters, if possible; `ruled`: with a line below the headings."""
    fitted = _fit(_cells(rows, columns), room)
    painted = {
        column: [_paint(cell, column.paint(row.get(column.key))) for cell, row in zip(cells, rows, strict=True)]
        for column, cells in fitted.items()
    }
    return _tabulate(painted, "simple" if ruled else "plain")


def as_markdown(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    cells = _cells(rows, columns).items()
    return _tabulate({column: [text.replace("|", "\\|") for text in texts] for column, texts in cells}, "pipe")


def as_csv(rows: Iterable[Row], keys: Sequence[str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(keys)
    for row in rows:
        writer.writerow([printable(value) if isinstance(value, str) else value for value in map(row.get, keys)])
    return out.getvalue().rstrip("\n")


def as_json(document: object) -> str:
    """Return JSON in ASCII: a terminal can't take anything in it for an escape sequence."""
    return json.dumps(document, indent=2).replace("\x7f", "\\u007f")


def render(rows: Sequence[Row], columns: Sequence[Column], style: str) -> str:
    """Return the rows in one of the formats table, json, csv and markdown."""
    if style == "json":
        return as_json(rows)
    if style == "csv":
        return as_csv(rows, [column.key for column in columns])
    return as_markdown(rows, columns) if style == "markdown" else as_table(rows, columns, width())


def _cells(rows: Sequence[Row], columns: Sequence[Column]) -> dict[Column, list[str]]:
    return {
        column: [column.cell(row) for row in rows]
        for column in columns
        if not column.optional or any(row.get(column.key) not in (None, "") for row in rows)
    }


def _tabulate(cells: Mapping[Column, Sequence[str]], style: str) -> str:
    import tabulate  # takes a third of the time of `--help`

    tabulate.MIN_PADDING = 0
    return tabulate.tabulate(
        list(zip(*cells.values(), strict=True)),
        headers=[column.title for column in cells],
        tablefmt=style,
        disable_numparse=True,
        colalign=[column.alignment for column in cells],
        preserve_whitespace=True,  # a tree is indented
    )


def _fit(cells: dict[Column, list[str]], room: int | None) -> dict[Column, list[str]]:
    """Return the cells cut to fit into `room` characters.

    Where that isn't enough, the columns that can be spared are left out, the last first.
    """
    excess = 0 if room is None else sum(_width(*item) + GAP for item in cells.items()) - GAP - room
    if excess <= 0:
        return cells
    fitted = dict(cells)
    for column, texts in cells.items():
        if column.cut and excess > 0:
            least = max(NARROWEST, len(column.title), _width(column, texts) - excess)
            fitted[column] = [cut_middle(text, least) for text in texts]
            excess -= _width(column, texts) - _width(column, fitted[column])
    spare = [column for column in cells if column.spare]
    if excess <= 0 or not spare:
        return fitted
    return _fit({column: texts for column, texts in cells.items() if column is not spare[-1]}, room)


def _width(column: Column, texts: Sequence[str]) -> int:
    return max(len(column.title), *map(len, texts), 0)


def _paint(cell: str, colour: str | None) -> str:
    return click.style(cell, fg=colour) if colour else cell
