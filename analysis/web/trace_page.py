"""The data of the page of one exchange: the JSON of `analyze`, and request and answer, in parts and as recorded.

The scripts of the page, in `web`, read the keys that are written here.
"""

from typing import Any

from analysis import measures
from analysis.exchange import on_the_way
from analysis.exchange.report import Report, document
from analysis.web.contents import Contents
from traces.measures import Measure, shown_in
from traces.metrics import GENERATED
from traces.sessions.reader import TurnReader
from ui.page.measures import kind


def data(report: Report) -> dict[str, Any]:
    """Return the page's data."""
    trace, tokens = report.trace, report.tokens
    counted = dict(zip(tokens.parts, tokens.counts, strict=True))
    contents = Contents(lambda parts: [counted.get(part) for part in parts])
    exchange = {
        "report": document(report),
        "measures": [_measure(report, measure) for measure in shown_in("analyze")],
        "parts": contents.parts.add(tokens.parts),
        "answer": contents.parts.add(TurnReader().read(trace).answer),
        "arrivals": [[event.at, event.content, event.size] for event in trace.events if event.content in GENERATED],
        "raw": contents.raw(trace),
        "upstream": _upstream(report, contents),
    }
    return {"title": title(report), "exchanges": [exchange], **contents.lists()}


def _upstream(report: Report, contents: Contents) -> dict[str, Any] | None:
    """Return what the server got and sent, where the proxy changed it."""
    trace = report.trace
    if trace.upstream is None:
        return None
    return {
        "parts": contents.parts.add(on_the_way.sent_parts(trace, report.tokens.parts)),
        "raw": contents.raw(trace.upstream.exchange),
    }


def _measure(report: Report, measure: Measure) -> dict[str, Any]:
    """Return a measure: its path in the report, its name, unit and note."""
    place = "timing" if measure.key in measures.timing(report.figures) else "measures"
    note = " ".join(
        filter(None, [f"{measure.unit}:" if measure.unit == "tokens/s" else "", measure.remark(report.figures)])
    )
    return {"path": f"{place}.{measure.key}", "name": measure.name, "kind": kind(measure), "note": note}


def title(report: Report) -> str:
    """Return the page's title: model, request type and time."""
    return f"{report.trace.model or 'unknown model'}, {report.kind}, {report.trace.timestamp}"
