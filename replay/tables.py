"""Cells in, text out: the formats that `compare` and `models` speak. This module knows nothing of results."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from replay.terminal import printable, width

Row = Mapping[str, object]

FORMATS = ("table", "json", "csv", "markdown")

SORTS = {
    "time": None,
    "model": "model",
    "prompt": "ttft",
    "generation": "generation",
    "total": "total",
    "tokens": "tokens",
    "speed": "end_to_end",
    "decode": "decode",
}
"""What rows can be sorted by, and the key of a row that is meant; `time` is the order of the runs."""

NOTHING = "–"
"""What isn't known."""

GAP = 2
"""Between two columns of a table."""


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is its name in JSON and CSV, `title` the heading; `show` is asked about numbers only.

    optional   left out where no row has a value
    spare      left out where lines would be too long for the terminal, the last first
    """

    key: str
    title: str
    show: Callable[[object], str] = str
    align: str = "right"
    optional: bool = False
    spare: bool = False

    def cell(self, row: Row) -> str:
        value = row.get(self.key)
        if isinstance(value, str):
            return printable(value)
        return NOTHING if value is None else self.show(value)


def as_table(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    return _tabulated(rows, _fitting(rows, columns, width()), "plain", "|")


def as_markdown(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    return _tabulated(rows, _told(rows, columns), "pipe", "\\|")


def as_csv(rows: Sequence[Row], keys: Sequence[str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(keys)
    for row in rows:
        writer.writerow([printable(value) if isinstance(value, str) else value for value in map(row.get, keys)])
    return out.getvalue().rstrip("\n")


def as_json(document: object) -> str:
    """In ASCII, which every terminal shows as it is: nothing in it can be taken for an escape sequence."""
    return json.dumps(document, indent=2).replace("\x7f", "\\u007f")


def _told(rows: Sequence[Row], columns: Sequence[Column]) -> list[Column]:
    return [
        column
        for column in columns
        if not column.optional or any(row.get(column.key) not in (None, "") for row in rows)
    ]


def _fitting(rows: Sequence[Row], columns: Sequence[Column], room: int | None) -> list[Column]:
    told = _told(rows, columns)
    while room is not None and sum(_width(column, rows) + GAP for column in told) - GAP > room:
        spare = [column for column in told if column.spare]
        if not spare:
            break
        told.remove(spare[-1])
    return told


def _width(column: Column, rows: Sequence[Row]) -> int:
    return max(len(column.title), *(len(column.cell(row)) for row in rows))


def _tabulated(rows: Sequence[Row], columns: Sequence[Column], style: str, bar: str) -> str:
    import tabulate  # takes a third of the time of `--help`

    tabulate.MIN_PADDING = 0
    return tabulate.tabulate(
        [[column.cell(row).replace("|", bar) for column in columns] for row in rows],
        headers=[column.title for column in columns],
        tablefmt=style,
        disable_numparse=True,
        colalign=[column.align for column in columns],
    )
