"""A comparison as text: its table, the spread of each measure, advice and warnings."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from replay.compare import control, summary, variants
from replay.compare.advice import advice
from replay.compare.compare import COMPARED, DECIDING, GUIDE, Across, Comparison, Contender
from replay.compare.stats import LEVEL, Difference
from replay.compare.summary import Report
from replay.console.run import reason
from replay.result import ReplayResult
from ui import tables
from ui.tables import Column, Row
from ui.terminal import printable, width


def format_with(digits: int, unit: str = "") -> Callable[[object], str]:
    """Return a format with this many digits, which rounds as people round what they read: 25.395 is 25.40."""
    step = Decimal(1).scaleb(-digits)

    def show(value: object) -> str:
        number = value if isinstance(value, Decimal) else Decimal(repr(round(float(str(value)), digits + _NOISE)))
        return f"{number.quantize(step, ROUND_HALF_UP):,.{digits}f}{unit}"

    return show


_NOISE = 6
"""Digits after those that are shown: further ones are a float's own error."""


as_seconds, as_speed, as_count = format_with(2, "s"), format_with(2), format_with(0)


def _as_fine_seconds(beside: object) -> Callable[[object], str]:
    """Return the format of seconds, with thousandths where the value beside them is less than one."""
    return format_with(3 if isinstance(beside, int | float) and abs(beside) < 1 else 2, "s")


_MORE: Mapping[str, tuple[str, str]] = {"s": ("longer", "shorter"), "tokens/s": ("faster", "slower")}
"""The words for more of a unit, and for less."""


def _format_of(measure: str, beside: object) -> Callable[[object], str]:
    """Return the format of a measure's values beside this one."""
    return _as_fine_seconds(beside) if COMPARED[measure].unit == "s" else as_speed


def _name(measure: str) -> str:
    return COMPARED[measure].compare_column


def as_int(value: object) -> int:
    return value if isinstance(value, int) else 0


def successful(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of models with at least one successful run."""
    return [row for row in rows if as_int(row["failed"]) < as_int(row["runs"])]


Draw = Callable[[Sequence[Row], Sequence[Column]], str]
"""Draws a table."""


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


def spread_heading(rows: Sequence[Row]) -> str:
    """Return the heading of the spread, which says what the brackets are."""
    levels = {row["interval_level"] for row in rows} - {None}
    if not levels:
        return "SPREAD, median"
    return "SPREAD, median [95% interval]" if levels == {LEVEL} else "SPREAD, median [95% interval, or range]"


def _spread(row: Row) -> Row:
    return {**row, **{measure: _with_interval(row, measure) for measure in DECIDING}}


def _with_interval(row: Row, measure: str) -> str | None:
    show, low = _format_of(measure, row[measure]), row[f"{measure}_low"]
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
    show = _format_of(measure, difference.value)
    value, low, high = (_with_sign(show, number) for number in (difference.value, difference.low, difference.high))
    of = f"{difference.n} pairs" if difference.paired else "all runs"
    ratio = f"{difference.ratio:.2f}× " if difference.ratio else ""
    word, share = _MORE[COMPARED[measure].unit][difference.more < 0.5], max(difference.more, 1 - difference.more)
    effect = f"{ratio}that of {printable(other)}, {word} in {share:.0%} of {of}"
    return {**row, "difference": f"{value} [{low}, {high}]", "effect": effect}


def _with_sign(show: Callable[[object], str], number: float) -> str:
    return f"{'+' if number >= 0 else '-'}{show(abs(number))}"


def _column(key: str) -> Column:
    measure = COMPARED[key]
    show = format_with(measure.digits, "s" if measure.unit == "s" else "")
    return Column(key, measure.compare_column, show, optional=key not in GUIDE, spare=key not in DECIDING)


_TABLED = [key for key, measure in COMPARED.items() if "table" in measure.where]

COLUMNS = (
    Column("model", "Model"),
    Column("status", "Status", align="center"),
    Column("runs", "Runs", as_count, optional=True),
    *(_column(key) for key in _TABLED if key in GUIDE),
    Column("right", "Correct", align="center", optional=True),
    *(_column(key) for key in _TABLED if key not in GUIDE),
)

AVERAGED = [key for key in GUIDE if COMPARED[key].unit != "tokens"]


def render(results: Iterable[ReplayResult], sort: str = "time", style: str = "table") -> str:
    """Compare results and return the report in this format. Raises ResultError where all are warm-ups."""
    return RENDERERS[style](summary.report_of(results, sort))


@dataclass(frozen=True, slots=True)
class _Layout:
    """The layout of a document for people.

    gap    what separates a heading from what follows
    line   what begins a line
    item   what begins an item of a list
    """

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


_PLAIN = _Layout(lambda rows, columns: tables.as_table(rows, columns, width(), ruled=False), str, "\n", "", "  ")
_MARKDOWN = _Layout(tables.as_markdown, lambda text: f"**{text}**", "\n\n", "- ", "- ")


def _document(report: Report, layout: _Layout) -> str:
    blocks = [part for comparison in report.comparisons for part in _parts(report, comparison, layout)]
    blocks[0] = layout.part("REPLAY COMPARISON", blocks[0])
    if report.across:
        blocks.append(layout.part("OVER ALL REQUESTS, in pairs", across(report.across, layout.draw)))
    if report.warnings:
        blocks.append(layout.lines(f"⚠ {warning}" for warning in report.warnings))
    return "\n\n".join(blocks)


def _parts(report: Report, comparison: Comparison, layout: _Layout) -> Iterator[str]:
    rows = report.rows(comparison)
    table = layout.draw([*map(_readable, rows), *_average(rows)], COLUMNS)
    failed = [who for who in comparison.contenders if who.failed]
    top = [
        table,
        *([f"Failed: {sum(len(who.failed) for who in failed)}", layout.items(_reasons(failed))] if failed else []),
    ]
    several = len(report.comparisons) > 1
    yield layout.part(f"Request: {printable(comparison.request)}", *top) if several else layout.gap.join(top)
    if any(as_int(row["runs"]) > 1 for row in successful(rows)):
        yield layout.part(spread_heading(successful(rows)), spread(successful(rows), layout.draw))
    if any(comparison.differences.values()):
        yield layout.part("DIFFERENCE FROM THE BEST", differences(comparison, layout.draw))
    if mistakes := summary.mistakes(comparison):
        yield layout.part("INCORRECT ANSWERS", layout.items(_mistakes(mistakes)))
    if unjudged := summary.unjudged(comparison):
        yield layout.part("NOT JUDGED", layout.items(_mistakes(unjudged)))
    if lines := control.lines(comparison):
        yield layout.part("CONTROL, agreement with the recording [95% interval]", layout.items(lines))
    if lines := variants.lines(comparison):
        yield layout.part("CHANGES OF THE REQUEST [95% interval]", layout.lines(lines))
    if lines := advice(comparison):
        yield layout.part("ADVICE", layout.lines(lines))


def _readable(row: Row) -> Row:
    runs, failed, judged = (as_int(row[name]) for name in ("runs", "failed", "judged"))
    correct = None if not judged else _share(as_int(row["right"]), judged)
    if unjudged := as_int(row["unjudged"]):
        correct = f"{correct}, ? {unjudged}" if correct else "?"
    return {**row, "status": _share(runs - failed, runs), "right": correct, "runs": runs if runs > 1 else None}


def _share(good: int, of: int) -> str:
    return "✓" if good == of else "✗" if good == 0 else f"✓ {good}/{of}"


def _average(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield a row with the averages of the successful models: what to expect of a usual model on this machine."""
    succeeded = successful(rows)
    known = {name: [value for row in succeeded if isinstance(value := row[name], int | float)] for name in AVERAGED}
    means = {name: _mean(values) if values else "" for name, values in known.items()}
    blank = {column.key: "" for column in COLUMNS}
    if succeeded:
        yield {**blank, **means, "model": f"Average ({len(succeeded)} successful)"}


def _mean(values: Sequence[float]) -> Decimal:
    """Return the mean in decimal, so that the figures that are shown add up as they are read."""
    return sum((Decimal(repr(value)) for value in values), Decimal()) / len(values)


def _reasons(failed: Iterable[Contender]) -> Iterable[str]:
    """Return the reasons of failures, each once."""
    return dict.fromkeys(f"{who.label}: {reason(run.error)}" for who in failed for run in who.failed if run.error)


def _mistakes(rows: Sequence[Row]) -> Iterator[str]:
    """Yield each mistake of a model once, with the runs in which it was made."""
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
