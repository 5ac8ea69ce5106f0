"""The page of one exchange: its report, which is the JSON of `analyze`, and what was said, in parts and as it was.

Knows nothing of how a page looks; what the scripts in `assets` find in it is what stands here.
"""

from pathlib import Path
from typing import Any

from analysis.report import Report, document
from display.page_parts import Parts
from display.page_texts import Texts
from traces.model import Trace
from traces.timing import GENERATED
from traces.turns import TurnReader

SCRIPTS = [Path(__file__).with_name("assets") / f"{name}.js" for name in ("tokens", "timing", "raw", "trace")]


def data(report: Report) -> dict[str, Any]:
    """What the page of one exchange is given."""
    texts = Texts()
    parts = Parts(texts)
    exchanges = [exchange(report, parts, texts)]
    return {
        "title": title(report),
        "exchanges": exchanges,
        "parts": parts.parts,
        "texts": texts.texts,
        "items": texts.items,
    }


def exchange(report: Report, parts: Parts, texts: Texts) -> dict[str, Any]:
    trace, tokens = report.trace, report.tokens
    answer = TurnReader().read(trace).answer
    return {
        "report": document(report),
        "parts": parts.runs(tokens.parts, tokens.counts),
        "answer": parts.runs(answer, [None] * len(answer)),
        "arrivals": [[event.at, event.content, event.size] for event in trace.events if event.content in GENERATED],
        "raw": _raw(trace, texts),
    }


def _raw(trace: Trace, texts: Texts) -> dict[str, Any]:
    request, response = trace.request, trace.response
    return {
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": dict(request.headers),
            "body": texts.body(request.body),
        },
        "response": {
            "status": response.status,
            "headers": dict(response.headers),
            "body": texts.body(response.body),
        }
        if response
        else None,
    }


def title(report: Report) -> str:
    return f"{report.trace.model or 'unknown model'}, {report.kind}, {report.trace.timestamp}"
