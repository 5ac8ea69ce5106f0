"""The page of one exchange: its report, which is the JSON of `analyze`, and what was said, in parts and as it was.

Knows nothing of how a page looks; what the scripts in `web` find in it is what stands here.
"""

from typing import Any

from analysis import measures
from analysis.exchange.report import Report, document
from analysis.web.contents import Contents
from traces.measures import Measure, shown_in
from traces.metrics import GENERATED
from traces.sessions.reader import TurnReader
from ui.page.measures import kind


def data(report: Report) -> dict[str, Any]:
    """What the page of one exchange is given."""
    trace, tokens = report.trace, report.tokens
    counted = dict(zip(tokens.parts, tokens.counts, strict=True))
    contents = Contents(lambda parts: [counted.get(part) for part in parts])
    exchange = {
        "report": document(report),
        "measures": [_measured(report, measure) for measure in shown_in("analyze")],
        "parts": contents.parts.add(tokens.parts),
        "answer": contents.parts.add(TurnReader().read(trace).answer),
        "arrivals": [[event.at, event.content, event.size] for event in trace.events if event.content in GENERATED],
        "raw": contents.raw(trace),
    }
    return {"title": title(report), "exchanges": [exchange], **contents.lists()}


def _measured(report: Report, measure: Measure) -> dict[str, Any]:
    """A measure, with its place in the report and what is said of it."""
    place = "timing" if measure.key in measures.timing(report.figures) else "measures"
    note = " ".join(
        filter(None, [f"{measure.unit}:" if measure.unit == "tokens/s" else "", measure.remark(report.figures)])
    )
    return {"path": f"{place}.{measure.key}", "name": measure.name, "kind": kind(measure), "note": note}


def title(report: Report) -> str:
    return f"{report.trace.model or 'unknown model'}, {report.kind}, {report.trace.timestamp}"
