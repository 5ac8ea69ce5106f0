"""A comparison as text: its table, the spread of each measure, advice and warnings."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from replay.compare import control, summary
from replay.compare.advice import advice
from replay.compare.compare import COMPARED, DECIDING, GUIDE, Across, Comparison, Contender
from replay.compare.stats import LEVEL, Difference
from replay.compare.summary import Report
from replay.console.run import reason
from replay.result import ReplayResult
from ui import tables
from ui.tables import Column, Row
from ui.terminal import printable, width


def fixed(digits: int, unit: str = "") -> Callable[[object], str]:
    """Return how a number is shown with so many digits, rounded as people round what they read: 25.395 is 25.40."""
    step = Decimal(1).scaleb(-digits)

    def show(value: object) -> str:
        number = value if isinstance(value, Decimal) else Decimal(repr(round(float(str(value)), digits + _NOISE)))
        return f"{number.quantize(step, ROUND_HALF_UP):,.{digits}f}{unit}"

    return show


_NOISE = 6
"""Digits after those that are shown, beyond which a float's own error lies."""


as_seconds, as_speed, as_count = fixed(2, "s"), fixed(2), fixed(0)


def _fine(like: object) -> Callable[[object], str]:
    """Seconds, with thousandths where what they are like is less than one."""
    return fixed(3 if isinstance(like, int | float) and abs(like) < 1 else 2, "s")


_MORE: Mapping[str, tuple[str, str]] = {"s": ("longer", "shorter"), "tokens/s": ("faster", "slower")}
"""How having more of a unit is called, and how having less."""


def _shown(measure: str) -> Callable[[object], Callable[[object], str]]:
    """How a measure is shown beside a value that it is like."""
    return _fine if COMPARED[measure].unit == "s" else lambda like: as_speed


def _name(measure: str) -> str:
    return COMPARED[measure].compare_column


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
    *(Column(measure, _name(measure), align="right") for measure in DECIDING),
    *(
        Column(f"{measure}_{tail}", f"{tail} {_name(measure)}", as_seconds, optional=True, spare=True)
        for tail in ("p90", "p99")
        for measure in DECIDING
        if COMPARED[measure].unit == "s"
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
    show, low = _shown(measure)(row[measure]), row[f"{measure}_low"]
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
    row = {"model": one, "measure": _name(measure)}
    if not difference.shown:
        return {**row, "difference": "no difference shown", "effect": f"to {printable(other)}"}
    show = _shown(measure)(difference.value)
    value, low, high = (_signed(show, number) for number in (difference.value, difference.low, difference.high))
    of = f"{difference.n} pairs" if difference.paired else "all runs"
    ratio = f"{difference.ratio:.2f}× " if difference.ratio else ""
    word, share = _MORE[COMPARED[measure].unit][difference.more < 0.5], max(difference.more, 1 - difference.more)
    effect = f"{ratio}that of {printable(other)}, {word} in {share:.0%} of {of}"
    return {**row, "difference": f"{value} [{low}, {high}]", "effect": effect}


def _signed(show: Callable[[object], str], number: float) -> str:
    return f"{'+' if number >= 0 else '-'}{show(abs(number))}"


def _column(key: str) -> Column:
    measure = COMPARED[key]
    show = fixed(measure.digits, "s" if measure.unit == "s" else "")
    return Column(key, measure.compare_column, show, optional=key not in GUIDE, spare=key not in DECIDING)


_TABLED = [key for key, measure in COMPARED.items() if "table" in measure.where]

COLUMNS = (
    Column("model", "Model"),
    Column("status", "Status", align="center"),
    Column("runs", "Runs", as_count, optional=True),
    *(_column(key) for key in _TABLED if key in GUIDE),
    Column("right", "Right", align="center", optional=True),
    *(_column(key) for key in _TABLED if key not in GUIDE),
)

AVERAGED = [key for key in GUIDE if COMPARED[key].unit != "tokens"]


def shown(results: Iterable[ReplayResult], sort: str = "time", style: str = "table") -> str:
    """The results compared, in the format of that name. Raises ResultError where all are warm-ups."""
    return RENDERERS[style](summary.of(results, sort))


@dataclass(frozen=True, slots=True)
class _Look:
    """How a document for people is set: its tables, its headings, what parts these from what follows, and what stands
    before a line and before an item of a list."""

    draw: Draw
    heading: Callable[[str], str]
    gap: str
    line: str
    item: str

    def part(self, heading: str, *body: str) -> str:
        return self.gap.join([self.heading(heading), *body])

    def lines(self, lines: Iterable[str]) -> str:
        return "\n".join(f"{self.line}{printable(line)}" for line in lines)

    def items(self, items: Iterable[str]) -> str:
        return "\n".join(f"{self.item}{printable(item)}" for item in items)


_PLAIN = _Look(lambda rows, columns: tables.as_table(rows, columns, width(), ruled=False), str, "\n", "", "  ")
_MARKDOWN = _Look(tables.as_markdown, lambda text: f"**{text}**", "\n\n", "- ", "- ")


def _document(report: Report, look: _Look) -> str:
    blocks = [part for comparison in report.comparisons for part in _one(report, comparison, look)]
    blocks[0] = look.part("REPLAY COMPARISON", blocks[0])
    if report.across:
        blocks.append(look.part("OVER ALL REQUESTS, in pairs", across(report.across, look.draw)))
    if report.cautions:
        blocks.append(look.lines(f"⚠ {caution}" for caution in report.cautions))
    return "\n\n".join(blocks)


def _one(report: Report, comparison: Comparison, look: _Look) -> Iterator[str]:
    rows = report.rows(comparison)
    table = look.draw([*map(_readable, rows), *_average(rows)], COLUMNS)
    failed = [who for who in comparison.contenders if who.failed]
    top = [
        table,
        *([f"Failed: {sum(len(who.failed) for who in failed)}", look.items(_reasons(failed))] if failed else []),
    ]
    several = len(report.comparisons) > 1
    yield look.part(f"Request: {printable(comparison.request)}", *top) if several else look.gap.join(top)
    if any(whole(row["runs"]) > 1 for row in good(rows)):
        yield look.part(heading(good(rows)), spread(good(rows), look.draw))
    if any(comparison.differences.values()):
        yield look.part("DIFFERENCE FROM THE BEST", differences(comparison, look.draw))
    if wrong := summary.wrongs(comparison):
        yield look.part("NOT RIGHT", look.items(_wrong(wrong)))
    if unjudged := summary.unjudged(comparison):
        yield look.part("NOT JUDGED", look.items(_wrong(unjudged)))
    if lines := control.lines(comparison):
        yield look.part("CONTROL, agreement with the recording [95% interval]", look.items(lines))
    if lines := advice(comparison):
        yield look.part("ADVICE", look.lines(lines))


def _readable(row: Row) -> Row:
    runs, failed, judged = (whole(row[name]) for name in ("runs", "failed", "judged"))
    right = None if not judged else _share(whole(row["right"]), judged)
    if unjudged := whole(row["unjudged"]):
        right = f"{right}, ? {unjudged}" if right else "?"
    return {**row, "status": _share(runs - failed, runs), "right": right, "runs": runs if runs > 1 else None}


def _share(good: int, of: int) -> str:
    return "✓" if good == of else "✗" if good == 0 else f"✓ {good}/{of}"


def _average(rows: Sequence[Row]) -> Iterator[Row]:
    """Of those that have succeeded: what a person expects of a usual model on this machine."""
    succeeded = good(rows)
    known = {name: [value for row in succeeded if isinstance(value := row[name], int | float)] for name in AVERAGED}
    means = {name: _mean(values) if values else "" for name, values in known.items()}
    blank = {column.key: "" for column in COLUMNS}
    if succeeded:
        yield {**blank, **means, "model": f"Average ({len(succeeded)} successful)"}


def _mean(values: Sequence[float]) -> Decimal:
    """In decimal: the figures that are shown add up as they are read."""
    return sum((Decimal(repr(value)) for value in values), Decimal()) / len(values)


def _reasons(failed: Iterable[Contender]) -> Iterable[str]:
    """Each once."""
    return dict.fromkeys(f"{who.label}: {reason(run.error)}" for who in failed for run in who.failed if run.error)


def _wrong(rows: Sequence[Row]) -> Iterator[str]:
    """The same mistake of a model once, with the runs in which it was made."""
    rounds: dict[tuple[object, object], list[str]] = defaultdict(list)
    for row in rows:
        rounds[row["model"], row["detail"]].append(str(row["round"]))
    for (model, detail), numbers in rounds.items():
        yield printable(f"{model}, {'run' if len(numbers) == 1 else 'runs'} {', '.join(numbers)}: {detail}")


def _csv(report: Report) -> str:
    rows = [row for comparison in report.comparisons for row in report.rows(comparison)]
    return tables.as_csv(rows, list(rows[0]))


RENDERERS: Mapping[str, Callable[[Report], str]] = {
    "table": lambda report: _document(report, _PLAIN),
    "json": lambda report: tables.as_json(summary.document(report)),
    "csv": _csv,
    "markdown": lambda report: _document(report, _MARKDOWN),
}
