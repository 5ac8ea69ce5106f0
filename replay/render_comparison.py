"""A comparison as a person reads it, and the other formats by name. Knows nothing of how its figures come about."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from replay import comparison_rows, render_spread
from replay.advice import advice
from replay.compare import Comparison, Contender
from replay.comparison_rows import Report
from replay.outcome import ReplayResult
from replay.render_run import reason
from replay.render_spread import Draw, as_count, as_seconds, as_speed, fixed, good, whole
from ui import tables
from ui.tables import Column, Row
from ui.terminal import printable, width

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
        blocks.append(look.part("OVER ALL REQUESTS, in pairs", render_spread.across(report.across, look.draw)))
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
        yield look.part(render_spread.heading(good(rows)), render_spread.spread(good(rows), look.draw))
    if any(comparison.differences.values()):
        yield look.part("DIFFERENCE FROM THE BEST", render_spread.differences(comparison, look.draw))
    if wrong := comparison_rows.wrongs(comparison):
        yield look.part("NOT RIGHT", look.items(_wrong(wrong)))
    if lines := advice(comparison):
        yield look.part("ADVICE", look.lines(lines))


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


SHOWN: Mapping[str, Callable[[Report], str]] = {
    "table": lambda report: _document(report, _PLAIN),
    "json": lambda report: tables.as_json(comparison_rows.document(report)),
    "csv": _csv,
    "markdown": lambda report: _document(report, _MARKDOWN),
}
