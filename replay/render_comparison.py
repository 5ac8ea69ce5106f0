"""A comparison as a person reads it, and the other formats by name. Knows nothing of how its figures come about."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from display import tables
from display.tables import Column, Row
from display.terminal import printable, width
from replay import comparison_rows, render_spread
from replay.advice import advice
from replay.compare import Comparison
from replay.comparison_rows import Report
from replay.outcome import ReplayResult
from replay.render_run import reason
from replay.render_spread import as_count, as_seconds, as_speed, fixed, good, whole

COLUMNS = (
    Column("model", "Model"),
    Column("status", "Status", align="center"),
    Column("runs", "Runs", as_count, optional=True),
    Column("ttft", "Prompt Proc", as_seconds),
    Column("generation", "Generation", as_seconds, spare=True),
    Column("total", "Total Time", as_seconds),
    Column("tokens", "Tokens", as_count, spare=True),
    Column("end_to_end", "Tok/sec", as_speed, spare=True),
    Column("decode", "Decode tok/s", as_speed),
    Column("right", "Right", align="center", optional=True),
    Column("first_tool_call", "First Tool", as_seconds, optional=True, spare=True),
    Column("prefill", "Prefill tok/s", fixed(1), optional=True, spare=True),
)

AVERAGED = ("ttft", "generation", "total", "end_to_end", "decode")


def shown(results: Iterable[ReplayResult], sort: str = "time", style: str = "table") -> str:
    """The results compared, in the format of that name. Raises ResultError where all are warm-ups."""
    return SHOWN[style](comparison_rows.of(results, sort))


def _table(report: Report) -> str:
    blocks = [_one(report, comparison) for comparison in report.comparisons]
    if report.across:
        blocks.append(f"OVER ALL REQUESTS, in pairs\n{render_spread.across(report.across)}")
    if report.cautions:
        blocks.append("\n".join(f"⚠ {printable(caution)}" for caution in report.cautions))
    return "\n\n".join(["REPLAY COMPARISON\n" + blocks[0], *blocks[1:]])


def _one(report: Report, comparison: Comparison) -> str:
    heading = f"Request: {printable(comparison.request)}\n" if len(report.comparisons) > 1 else ""
    rows = report.rows(comparison)
    table = tables.as_table([*map(_readable, rows), *_average(rows)], COLUMNS, width(), ruled=False)
    parts = [heading + table + _failures(comparison)]
    if any(whole(row["runs"]) > 1 for row in good(rows)):
        parts.append(render_spread.spread(good(rows)))
    if any(comparison.differences.values()):
        parts.append(f"DIFFERENCE FROM THE BEST\n{render_spread.differences(comparison)}")
    if wrong := comparison_rows.wrongs(comparison):
        parts.append("NOT RIGHT\n" + "\n".join(_wrong(wrong)))
    if lines := advice(comparison):
        parts.append("ADVICE\n" + "\n".join(printable(line) for line in lines))
    return "\n\n".join(parts)


def _readable(row: Row) -> Row:
    runs, failed, judged = (whole(row[name]) for name in ("runs", "failed", "judged"))
    right = None if not judged else _share(whole(row["right"]), judged)
    return {**row, "status": _share(runs - failed, runs), "right": right, "runs": runs if runs > 1 else None}


def _share(good: int, of: int) -> str:
    return "✓" if good == of else "✗" if good == 0 else f"✓ {good}/{of}"


def _average(rows: Sequence[Row]) -> Iterator[Row]:
    """Of those that have succeeded: what a person expects of a usual model on this machine."""
    succeeded = good(rows)
    known = {name: [value for row in succeeded if isinstance(value := row[name], int | float)] for name in AVERAGED}
    means = {name: sum(values) / len(values) if values else "" for name, values in known.items()}
    blank = {column.key: "" for column in COLUMNS}
    if succeeded:
        yield {**blank, **means, "model": f"Average ({len(succeeded)} successful)"}


def _failures(comparison: Comparison) -> str:
    failed = [(who.label, run.error) for who in comparison.contenders for run in who.failed if run.error]
    lines = [f"  {label}: {reason(error)}" for label, error in failed]
    told = [f"Failed: {len(failed)}", *dict.fromkeys(lines)] if failed else []
    return "".join(f"\n{printable(line)}" for line in told)


def _wrong(rows: Sequence[Row]) -> Iterator[str]:
    """The same mistake of a model once, with the runs in which it was made."""
    rounds: dict[tuple[object, object], list[str]] = defaultdict(list)
    for row in rows:
        rounds[row["model"], row["detail"]].append(str(row["round"]))
    for (model, detail), numbers in rounds.items():
        yield printable(f"  {model}, {'run' if len(numbers) == 1 else 'runs'} {', '.join(numbers)}: {detail}")


def _csv(report: Report) -> str:
    rows = [row for comparison in report.comparisons for row in report.rows(comparison)]
    return tables.as_csv(rows, list(rows[0]))


def _markdown(report: Report) -> str:
    parts = []
    for comparison in report.comparisons:
        heading = f"**{printable(comparison.request)}**\n\n" if len(report.comparisons) > 1 else ""
        parts.append(heading + tables.as_markdown([_readable(row) for row in report.rows(comparison)], COLUMNS))
    return "\n\n".join(parts)


SHOWN: Mapping[str, Callable[[Report], str]] = {
    "table": _table,
    "json": lambda report: tables.as_json(comparison_rows.document(report)),
    "csv": _csv,
    "markdown": _markdown,
}
