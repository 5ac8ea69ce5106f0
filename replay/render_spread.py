"""What repeated runs show, as a person reads it: how far they spread, and how far models are apart."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from replay.compare import DECIDING, Across, Comparison
from replay.stats import LEVEL, Difference
from ui.tables import Column, Row
from ui.terminal import printable


def fixed(digits: int, unit: str = "") -> Callable[[object], str]:
    return lambda value: f"{value:,.{digits}f}{unit}"


as_seconds, as_speed, as_count = fixed(2, "s"), fixed(2), fixed(0)


def _fine(like: object) -> Callable[[object], str]:
    """Seconds, with thousandths where what they are like is less than one."""
    return fixed(3 if isinstance(like, int | float) and abs(like) < 1 else 2, "s")


NAMES = {"ttft": "Prompt Proc", "decode": "Decode tok/s", "total": "Total Time"}
"""Of the measures that decide."""

_MORE = {"ttft": ("longer", "shorter"), "decode": ("faster", "slower"), "total": ("longer", "shorter")}

_SHOW: Mapping[str, Callable[[object], Callable[[object], str]]] = {
    "ttft": _fine,
    "decode": lambda like: as_speed,
    "total": _fine,
}
"""How a measure is shown beside a value that it is like."""


def whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def good(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if whole(row["failed"]) < whole(row["runs"])]


Draw = Callable[[Sequence[Row], Sequence[Column]], str]
"""How a table looks."""


def spread(rows: Sequence[Row], draw: Draw) -> str:
    return draw([*map(_spread, rows)], _SPREAD)


def differences(comparison: Comparison, draw: Draw) -> str:
    return draw(list(_differences(comparison)), _DIFFERENCES)


def across(found: Iterable[Across], draw: Draw) -> str:
    return draw([_difference_row(*each) for each in found], _DIFFERENCES)


_SPREAD = (
    Column("model", "Model"),
    Column("total_n", "n", as_count),
    *(Column(measure, NAMES[measure], align="right") for measure in DECIDING),
    *(
        Column(f"{measure}_{tail}", f"{tail} {NAMES[measure]}", as_seconds, optional=True, spare=True)
        for tail in ("p90", "p99")
        for measure in ("ttft", "total")
    ),
)


def heading(rows: Sequence[Row]) -> str:
    """What stands in the brackets, if there are any."""
    levels = {row["interval_level"] for row in rows} - {None}
    if not levels:
        return "SPREAD, median"
    return "SPREAD, median [95% interval]" if levels == {LEVEL} else "SPREAD, median [95% interval, or range]"


def _spread(row: Row) -> Row:
    return {**row, **{measure: _with_interval(row, measure) for measure in DECIDING}}


def _with_interval(row: Row, measure: str) -> str | None:
    show, low = _SHOW[measure](row[measure]), row[f"{measure}_low"]
    if row[measure] is None:
        return None
    fewer = "" if row[f"{measure}_n"] == row["total_n"] else f" (n {row[f'{measure}_n']})"
    return show(row[measure]) + (f" [{show(low)}, {show(row[f'{measure}_high'])}]" if low is not None else "") + fewer


_DIFFERENCES = (
    Column("model", "Model"),
    Column("measure", "Measure"),
    Column("difference", "Difference"),
    Column("effect", "Effect"),
)


def _differences(comparison: Comparison) -> Iterator[Row]:
    for measure, found in comparison.differences.items():
        for label, difference in found.items():
            yield _difference_row(label, comparison.ranked(measure)[0].label, measure, difference)


def _difference_row(one: str, other: str, measure: str, difference: Difference) -> Row:
    row = {"model": one, "measure": NAMES[measure]}
    if not difference.shown:
        return {**row, "difference": "no difference shown", "effect": f"to {printable(other)}"}
    show = _SHOW[measure](difference.value)
    value, low, high = (_signed(show, number) for number in (difference.value, difference.low, difference.high))
    of = f"{difference.n} pairs" if difference.paired else "all runs"
    ratio = f"{difference.ratio:.2f}× " if difference.ratio else ""
    word, share = _MORE[measure][difference.more < 0.5], max(difference.more, 1 - difference.more)
    effect = f"{ratio}that of {printable(other)}, {word} in {share:.0%} of {of}"
    return {**row, "difference": f"{value} [{low}, {high}]", "effect": effect}


def _signed(show: Callable[[object], str], number: float) -> str:
    return f"{'+' if number >= 0 else '-'}{show(abs(number))}"
