"""The data of a load's page: each load's figures, and its requests as they followed one another.

The scripts in `web` draw it. Several loads, of two servers or two settings, are drawn over each other.
"""

from collections.abc import Sequence
from typing import Any

from replay.load import table
from replay.load.objectives import within
from replay.load.results import Run, Saved
from replay.load.rows import Row


def data(loads: Sequence[Saved]) -> dict[str, Any]:
    """Return the data of the page."""
    labels = _labels(loads)
    return {
        "title": f"{' and '.join(dict.fromkeys(labels))} under load",
        "loads": [_load(saved, label) for saved, label in zip(loads, labels, strict=True)],
    }


def _labels(loads: Sequence[Saved]) -> list[str]:
    """Return a name for each load: its model, and whatever else is needed to tell it from the others."""
    for label in (lambda one: one.model, lambda one: f"{one.model} at {one.target}"):
        found = [label(one) for one in loads]
        if len(set(found)) == len(found):
            return found
    return [f"{one.model}, {one.started[:19]}" for one in loads]


def _load(saved: Saved, label: str) -> dict[str, Any]:
    summaries = saved.summaries()
    found = saved.knee and saved.plan.knee
    return {
        "label": label,
        "model": saved.model,
        "server": saved.server,
        "target": saved.target,
        "started": saved.started,
        "objectives": [str(each) for each in saved.plan.objectives],
        "duration": saved.plan.duration,
        "warmup": saved.plan.warmup,
        "sessions": len(saved.turns_of),
        "levels": [table.row(summary) for summary in summaries],
        "sentences": table.sentences(summaries, saved.plan.objectives),
        "verdict": list(table.verdict(saved.knee, found, summaries, saved.cause())) if saved.knee and found else [],
        "troubles": [f"{run.level}: {trouble}" for run in saved.runs for trouble in run.troubles],
        "runs": [_run(saved, run) for run in saved.runs],
    }


def _run(saved: Saved, run: Run) -> dict[str, Any]:
    """Return a run's requests, and what the server told meanwhile, on the clock of the run."""
    rows = [row for row in saved.rows if row.run == run.run]
    until = max([saved.plan.duration, *(row.ended for row in rows)])
    return {
        "level": run.level,
        "run": run.run,
        "rows": [_row(row, within(row, saved.plan.objectives)) for row in sorted(rows, key=lambda row: row.sent)],
        "samples": [
            [
                round(sample.at - run.start_at, 3),
                *(sample.values.get(key) for key in ("running", "waiting", "kv_usage")),
            ]
            for sample in saved.samples
            if 0 <= sample.at - run.start_at <= until
        ],
    }


def _row(row: Row, good: bool) -> list[float | int | str | None]:
    """Return what the timeline shows of a request; its order is that of the type `LoadRow` of the scripts."""
    ttft = None if row.ttft is None else round(row.ttft, 4)
    return [
        *(row.lane, round(row.sent, 4), ttft, round(row.total or 0.0, 4), row.error, int(good)),
        *(row.turn, row.agent, row.input, row.cached, row.predicted),
    ]
