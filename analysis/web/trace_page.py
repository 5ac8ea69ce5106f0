"""The page of one exchange: its report, which is the JSON of `analyze`, and what was said, in parts and as it was.

Knows nothing of how a page looks; what the scripts in `web` find in it is what stands here.
"""

from typing import Any

from analysis.exchange.report import Report, document
from analysis.web.contents import Contents
from traces.metrics import GENERATED
from traces.sessions.reader import TurnReader


def data(report: Report) -> dict[str, Any]:
    """What the page of one exchange is given."""
    trace, tokens = report.trace, report.tokens
    counted = dict(zip(tokens.parts, tokens.counts, strict=True))
    contents = Contents(lambda parts: [counted.get(part) for part in parts])
    exchange = {
        "report": document(report),
        "parts": contents.parts.add(tokens.parts),
        "answer": contents.parts.add(TurnReader().read(trace).answer),
        "arrivals": [[event.at, event.content, event.size] for event in trace.events if event.content in GENERATED],
        "raw": contents.raw(trace),
    }
    return {"title": title(report), "exchanges": [exchange], **contents.lists()}


def title(report: Report) -> str:
    return f"{report.trace.model or 'unknown model'}, {report.kind}, {report.trace.timestamp}"
