"""Rows in, text out: the formats that every command speaks. This module must not know what its rows are about.

A column says once what its value is called and how a person reads it. JSON and CSV carry the value itself.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import click

from ui.terminal import cut_middle, printable, width

Row = Mapping[str, object]

UNKNOWN = "–"
"""What isn't known."""

AT_LEAST = "≥ "
"""Before a sum some members of which aren't known."""

UNKNOWN_SUFFIX = "_unknown"
"""Behind the key of a sum: how many of its members aren't known. It need not be there."""

NARROWEST = 8
"""A name cut shorter than this tells nothing."""

GAP = 2
"""Between two columns of a table."""


def as_count(value: object) -> str:
    return f"{value:,}"


def as_percent(value: object) -> str:
    return f"{value}%"


def as_seconds(value: object) -> str:
    return f"{value:.2f} s"


def as_size(value: object) -> str:
    size = float(str(value))
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is its name in JSON and CSV, `title` the heading; `show` makes a value readable. It isn't asked about None,
    which is shown as a dash, and about the empty text, which stays empty. A sum some members of which aren't known is
    shown as the least it can be.

    paint      the colour of a value on a terminal, if it has one
    cut        on a narrow terminal its texts are cut
    spare      where that isn't enough, it is left out
    optional   left out of what a person reads where no row has a value
    align      left, right or center; if it isn't said, texts stand on the left and what `show` makes on the right
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
        return (AT_LEAST if row.get(f"{self.key}{UNKNOWN_SUFFIX}") else "") + printable(self.show(value))


def as_table(rows: Sequence[Row], columns: Sequence[Column], room: int | None = None, ruled: bool = True) -> str:
    """The rows below their headings, in lines of `room` characters if that can be done; `ruled`: a line in between."""
    fitted = _fitted(_cells(rows, columns), room)
    painted = {
        column: [_painted(cell, column.paint(row.get(column.key))) for cell, row in zip(cells, rows, strict=True)]
        for column, cells in fitted.items()
    }
    return _tabulated(painted, "simple" if ruled else "plain")


def as_markdown(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    cells = _cells(rows, columns).items()
    return _tabulated({column: [text.replace("|", "\\|") for text in texts] for column, texts in cells}, "pipe")


def as_csv(rows: Iterable[Row], keys: Sequence[str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(keys)
    for row in rows:
        writer.writerow([printable(value) if isinstance(value, str) else value for value in map(row.get, keys)])
    return out.getvalue().rstrip("\n")


def as_json(document: object) -> str:
    """In ASCII, which every terminal shows as it is: nothing in it can be taken for an escape sequence."""
    return json.dumps(document, indent=2).replace("\x7f", "\\u007f")


def render(rows: Sequence[Row], columns: Sequence[Column], style: str) -> str:
    """One table, in the format of that name."""
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


def _tabulated(cells: Mapping[Column, Sequence[str]], style: str) -> str:
    import tabulate  # takes a third of the time of `--help`

    tabulate.MIN_PADDING = 0
    tabulate.PRESERVE_WHITESPACE = True  # a tree is indented
    return tabulate.tabulate(
        list(zip(*cells.values(), strict=True)),
        headers=[column.title for column in cells],
        tablefmt=style,
        disable_numparse=True,
        colalign=[column.alignment for column in cells],
    )


def _fitted(cells: dict[Column, list[str]], room: int | None) -> dict[Column, list[str]]:
    """Columns that may be cut are; where that isn't enough, those that can be spared go, the last first."""
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
    return _fitted({column: texts for column, texts in cells.items() if column is not spare[-1]}, room)


def _width(column: Column, texts: Sequence[str]) -> int:
    return max(len(column.title), *map(len, texts), 0)


def _painted(cell: str, colour: str | None) -> str:
    return click.style(cell, fg=colour) if colour else cell
