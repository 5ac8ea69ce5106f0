"""The data of a comparison's page: its report, which is the JSON of `compare`, and what the report sums up of each run.

The scripts in `web` draw it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from replay.compare import summary
from replay.compare.compare import COMPARED, Comparison, Contender
from replay.compare.summary import Report
from replay.result import ReplayResult
from replay.run import verdict
from traces.metrics import content_chunks
from traces.model import Request, Response, Trace
from traces.sessions.reader import TurnReader
from ui.page.dedup import Texts
from ui.page.measures import compared
from ui.page.parts import Parts, no_counts


def data(results: Iterable[ReplayResult], sort: str = "time") -> dict[str, Any]:
    """Return the data of the page. Raises ResultError where all results are warm-ups."""
    report = summary.report_of(results, sort)
    texts = Texts()
    parts = Parts(texts, no_counts)
    return {
        "title": title(report.comparisons),
        "report": summary.document(report),
        "measures": [compared(measure) for measure in COMPARED.values() if "table" in measure.where],
        "requests": [_request(comparison, report, parts) for comparison in report.comparisons],
        "parts": parts.parts,
        "lists": parts.lists.runs,
        "texts": texts.texts,
    }


def _request(comparison: Comparison, report: Report, parts: Parts) -> list[dict[str, Any]]:
    """Return the contenders for one request, in the order of the report's rows."""
    contenders = [comparison.contender(str(row["model"])) for row in report.rows(comparison)]
    return [
        {
            "label": contender.label,
            "questions": _questions(contender),
            "runs": [_run(result, parts) for result in contender.runs],
        }
        for contender in contenders
    ]


def _questions(contender: Contender) -> dict[str, list[int]]:
    """Return, for each question that could be answered, how many answers passed, and of how many."""
    asked: dict[str, list[int]] = {}
    for result in contender.good:
        for each in result.verdicts:
            if each.passed is not None:
                passed, of = asked.get(each.name, [0, 0])
                asked[each.name] = [passed + each.passed, of + 1]
    return asked


def _run(result: ReplayResult, parts: Parts) -> dict[str, Any]:
    answer = TurnReader().read(_as_trace(result)).answer
    return {
        "round": result.run.round,
        "started": result.started,
        "error": result.error.message if result.error else None,
        "doubts": list(result.metrics.doubts),
        "notes": list(result.notes),
        "stop_reason": result.stop_reason,
        "measures": {key: measure.value(result.figures) for key, measure in COMPARED.items()} if result.success else {},
        "arrivals": [[chunk.at, chunk.content, chunk.size] for chunk in content_chunks(result.chunks)],
        "wrong": [each.detail or each.name for each in result.verdicts if each.passed is False],
        "unjudged": [each.detail for each in verdict.unjudged(result.verdicts)],
        "answer": parts.add(answer),
    }


def _as_trace(result: ReplayResult) -> Trace:
    """Return the answer as a trace, so that what reads traces reads it, in whichever API format."""
    return Trace(result.started, "", Request("POST", result.target.url, {}, None), Response(200, {}, result.message))


def title(comparisons: Sequence[Comparison]) -> str:
    labels = dict.fromkeys(contender.label for comparison in comparisons for contender in comparison.contenders)
    return f"{', '.join(labels)} compared"
