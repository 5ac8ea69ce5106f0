"""All figures of all clients in one table, each also as a multiple of the toolkit's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tabulate import tabulate

OURS = "ours"

Cell = Sequence[float]
"""A figure, or its median and its 99th percentile."""


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    digits: int
    cells: Mapping[str, Cell]


def spread(values: Sequence[float]) -> Cell:
    """Return the median and the 99th percentile; nothing if there are no values."""
    return [_at(values, 50), _at(values, 99)] if values else []


def _at(values: Sequence[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def table(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Return a table with the ratios below the figures."""
    lines = []
    for row in rows:
        lines.append([row.title, *(_figures(row.cells.get(name, ()), row.digits) for name in names)])
        lines.append(["", *(_ratios(row.cells.get(name, ()), row.cells.get(OURS, ())) for name in names)])
    return tabulate(lines, ["", *names], disable_numparse=True, colalign=["left", *["right"] * len(names)])


def markdown(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Return the figures alone, as a table of Markdown."""
    lines = [["", *names], ["---"] * (len(names) + 1)]
    lines += [[row.title, *(_figures(row.cells.get(name, ()), row.digits) for name in names)] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _figures(cell: Cell, digits: int) -> str:
    return " / ".join(f"{value:,.{digits}f}" for value in cell) or "–"


def _ratios(cell: Cell, ours: Cell) -> str:
    """Return the ratios to our figures; none for ours itself, and where ours is 0 or missing."""
    if not cell or len(cell) != len(ours) or cell == ours or min(ours) <= 0:
        return ""
    return " / ".join(
        f"×{value / own:.2g}" if value < 10 * own else f"×{value / own:,.0f}"
        for value, own in zip(cell, ours, strict=True)
    )
