"""In which order the rows of a comparison stand. Light, as a command's options name the orders; measures nothing."""

from collections.abc import Iterable

from ui.tables import Row

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

_FALLING = ("end_to_end", "decode")


def in_order(rows: Iterable[Row], sort: str) -> list[Row]:
    """The best first; what isn't known comes last."""
    key = SORTS[sort]
    return list(rows) if key is None else sorted(rows, key=lambda row: _sortable(row[key], falling=key in _FALLING))


def _sortable(value: object, falling: bool) -> tuple[bool, float, str]:
    if isinstance(value, int | float):
        return False, -value if falling else value, ""
    return value is None, 0.0, str(value)
