"""Rows in, text out: the formats that every command speaks. This module knows nothing of traces.

A column says once what its value is called and how a person reads it. JSON and CSV carry the value itself.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import click

from analysis.terminal import middle_cut, printable, width

Row = Mapping[str, object]

NARROWEST = 8
"""A name cut shorter than this tells nothing."""

GAP = 2
"""Between two columns of a table."""


def as_text(value: object) -> str:
    return printable(value)


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
    """`key` is its name in JSON and CSV, `title` the heading; `show` isn't asked about None, which is shown as `-`.

    paint    the colour of a value on a terminal, if it has one
    cut      on a narrow terminal its texts are cut
    spare    where that isn't enough, it is left out
    """

    key: str
    title: str
    show: Callable[[object], str] = as_text
    paint: Callable[[object], str | None] = lambda value: None
    cut: bool = False
    spare: bool = False
    align: str = ""

    @property
    def alignment(self) -> str:
        return self.align or ("left" if self.show is as_text else "right")

    def cell(self, row: Row) -> str:
        value = row.get(self.key)
        return "-" if value is None else self.show(value)


def as_table(rows: Sequence[Row], columns: Sequence[Column], room: int | None = None) -> str:
    """The rows below their headings, in lines of `room` characters if that can be done."""
    painted = []
    for column, cells in _fitted(_cells(rows, columns), room).items():
        heading, *padded = _padded(column, cells)
        colours = [column.paint(row.get(column.key)) for row in rows]
        painted.append([heading, "-" * len(heading), *map(_painted, padded, colours)])
    return "\n".join((" " * GAP).join(line).rstrip() for line in zip(*painted, strict=True))


def as_markdown(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    padded = []
    for column, cells in _cells(rows, columns).items():
        heading, *texts = _padded(column, [cell.replace("|", "\\|") for cell in cells])
        dashes = "-" * (len(heading) + 1)
        rule = f":{dashes}" if column.alignment == "left" else f"{dashes}:"
        padded.append([f" {heading} ", rule, *(f" {text} " for text in texts)])
    return "\n".join(f"|{'|'.join(line)}|" for line in zip(*padded, strict=True))


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
    return {column: [column.cell(row) for row in rows] for column in columns}


def _padded(column: Column, cells: Sequence[str]) -> list[str]:
    """The heading and the cells below it, all of one width."""
    texts = [column.title, *cells]
    pad, width = str.ljust if column.alignment == "left" else str.rjust, max(map(len, texts))
    return [pad(text, width) for text in texts]


def _fitted(cells: dict[Column, list[str]], room: int | None) -> dict[Column, list[str]]:
    """Columns that may be cut are; where that isn't enough, those that can be spared go, the last first."""
    excess = 0 if room is None else sum(_width(*item) + GAP for item in cells.items()) - GAP - room
    if excess <= 0:
        return cells
    fitted = dict(cells)
    for column, texts in cells.items():
        if column.cut and excess > 0:
            least = max(NARROWEST, len(column.title), _width(column, texts) - excess)
            fitted[column] = [middle_cut(text, least) for text in texts]
            excess -= _width(column, texts) - _width(column, fitted[column])
    spare = [column for column in cells if column.spare]
    if excess <= 0 or not spare:
        return fitted
    return _fitted({column: texts for column, texts in cells.items() if column is not spare[-1]}, room)


def _width(column: Column, texts: Sequence[str]) -> int:
    return max(len(column.title), *map(len, texts), 0)


def _painted(cell: str, colour: str | None) -> str:
    return click.style(cell, fg=colour) if colour else cell
