"""The page of a comparison: its report, which is the JSON of `compare`, and of each run what the report sums up.

Knows nothing of how a page looks; what the scripts in `web` find in it is what stands here.
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
    """What the page is given. Raises ResultError where all results are warm-ups."""
    report = summary.of(results, sort)
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
    """Those who answered it, in the order of the report's rows."""
    contenders = [comparison.named(str(row["model"])) for row in report.rows(comparison)]
    return [
        {
            "label": contender.label,
            "questions": _questions(contender),
            "runs": [_run(result, parts) for result in contender.runs],
        }
        for contender in contenders
    ]


def _questions(contender: Contender) -> dict[str, list[int]]:
    """Of each question that could be asked: how many answers passed, and of how many."""
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
    """The answer as if it had been recorded: whoever takes traces apart reads it then, whatever dialect it is in."""
    return Trace(result.started, "", Request("POST", result.target.url, {}, None), Response(200, {}, result.message))


def title(comparisons: Sequence[Comparison]) -> str:
    labels = dict.fromkeys(contender.label for comparison in comparisons for contender in comparison.contenders)
    return f"{', '.join(labels)} compared"
