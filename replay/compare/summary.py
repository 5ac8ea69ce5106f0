"""The report of a comparison: its rows in the order that was asked for, and its JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from replay.compare import control, variants
from replay.compare.advice import advice
from replay.compare.compare import COMPARED, Across, Comparison, Contender, across, compare
from replay.compare.sorting import SORTS
from replay.compare.stats import Difference
from replay.compare.warnings import warnings
from replay.errors import ResultError
from replay.result import ReplayResult, Verdict
from replay.run import verdict
from traces.model import Json
from ui.tables import ESTIMATED_SUFFIX, Row


def in_order(rows: Iterable[Row], sort: str) -> list[Row]:
    """Return the rows, best first; unknown values come last."""
    key = SORTS[sort]
    return list(rows) if key is None else sorted(rows, key=lambda row: _sortable(row[key], falling=_falls(key)))


def _falls(key: str) -> bool:
    return key in COMPARED and COMPARED[key].better == "more"


def _sortable(value: object, falling: bool) -> tuple[bool, float, str]:
    if isinstance(value, int | float):
        return False, -value if falling else value, ""
    return value is None, 0.0, str(value)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is reported of some results."""

    comparisons: Sequence[Comparison]
    across: Sequence[Across]
    warnings: Sequence[str]
    sort: str

    def rows(self, comparison: Comparison) -> list[Row]:
        """Return a row for each contender, in the order that was asked for."""
        return in_order((row(comparison, contender) for contender in comparison.contenders), self.sort)


def report_of(results: Iterable[ReplayResult], sort: str = "time") -> Report:
    """Return the report of these results. Raises ResultError where all are warm-ups."""
    comparisons = compare(results)
    if not comparisons:
        raise ResultError("These are results of warm-ups only: there is nothing to compare.")
    return Report(comparisons, across(comparisons), warnings(comparisons), sort)


def row(comparison: Comparison, contender: Contender) -> Row:
    """Return a contender's row: medians by the measures' names, their intervals and tails by names made from these."""
    spread = {f"{measure}_{name}": value for measure in COMPARED for name, value in _spread(contender, measure)}
    total = contender.summaries["total"]
    return {
        "request": comparison.request,
        "model": contender.label,
        "runs": len(contender.runs),
        "failed": len(contender.failed),
        "judged": len(contender.judged),
        "right": contender.judged.count(True) if contender.judged else None,
        "unjudged": contender.unjudged,
        **{measure: contender.median(measure) for measure in COMPARED},
        "interval_level": total.interval.level if total and total.interval else None,
        **{f"{key}{ESTIMATED_SUFFIX}": _estimates(contender) for key, measure in COMPARED.items() if measure.by_count},
        **spread,
    }


def _estimates(contender: Contender) -> int:
    """Return how many of its counts of output tokens are our estimates."""
    return sum(run.metrics.output_by == "estimate" for run in contender.good)


def _spread(contender: Contender, measure: str) -> list[tuple[str, float | None]]:
    """Return a measure's interval and tails; `n` counts the runs that have a value."""
    summary = contender.summaries[measure]
    interval = summary.interval if summary else None
    return [
        ("n", summary.n if summary else 0),
        ("low", interval.low if interval else None),
        ("high", interval.high if interval else None),
        ("p90", summary.p90 if summary else None),
        ("p99", summary.p99 if summary else None),
    ]


def document(report: Report) -> Json:
    """Return the report as JSON."""
    return {
        "comparisons": [
            {
                "request": comparison.request,
                "models": report.rows(comparison),
                "differences": {
                    measure: {"best": comparison.ranked(measure)[0].label, "others": _differences(found)}
                    for measure, found in comparison.differences.items()
                    if found
                },
                "failures": [
                    _failure(contender, run) for contender in comparison.contenders for run in contender.failed
                ],
                "wrong": mistakes(comparison),
                "unjudged": unjudged(comparison),
                "control": control.document(comparison),
                "variants": variants.document(comparison),
                "advice": advice(comparison),
            }
            for comparison in report.comparisons
        ],
        "across_requests": [
            {"one": each.one, "other": each.other, "measure": each.measure, **_difference(each.difference)}
            for each in report.across
        ],
        "cautions": list(report.warnings),
    }


def mistakes(comparison: Comparison) -> list[Row]:
    """Return a row for each mistake in an answer."""
    return _verdict_rows(comparison, lambda verdicts: [each for each in verdicts if each.passed is False])


def unjudged(comparison: Comparison) -> list[Row]:
    """Return a row for each question that couldn't be judged, with the reason."""
    return _verdict_rows(comparison, verdict.unjudged)


def _verdict_rows(comparison: Comparison, choose: Callable[[Sequence[Verdict]], Sequence[Verdict]]) -> list[Row]:
    return [
        {"model": contender.label, "round": run.run.round, "question": each.name, "detail": each.detail}
        for contender in comparison.contenders
        for run in contender.good
        for each in choose(run.verdicts)
    ]


def _failure(contender: Contender, run: ReplayResult) -> Row:
    assert run.error is not None
    error = run.error
    return {
        "model": contender.label,
        "round": run.run.round,
        "kind": error.kind,
        "status": error.status,
        "message": error.message,
    }


def _differences(found: Mapping[str, Difference]) -> Json:
    return {label: _difference(difference) for label, difference in found.items()}


def _difference(difference: Difference) -> dict[str, Json]:
    return {**difference._asdict(), "shown": difference.shown}
