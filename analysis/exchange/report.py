"""Everything there is to say about one exchange, as plain data. Pure; knows nothing of how it is shown."""

from dataclasses import asdict, dataclass

from analysis import measures
from analysis.exchange.breakdown import Breakdown, Counted
from analysis.tokens.models import context_window
from traces.content import answers
from traces.measures import Figures
from traces.model import Trace
from traces.raw_body import is_as_sent


@dataclass(frozen=True, slots=True)
class Report:
    """`window` is how many tokens the model can be given, where that is known; `exchange` its place in its file."""

    trace: Trace
    tokens: Breakdown
    figures: Figures
    kind: str
    tools_used: list[str]
    stop_reason: str | None
    window: int | None
    exchange: int = 1

    @property
    def window_percent(self) -> float | None:
        return round(100 * self.tokens.total / self.window, 1) if self.window else None


def report(counted: Counted, window: int | None = None, exchange: int = 1) -> Report:
    """`window` is the user's word, if there is one."""
    trace, counter, tokens = counted
    answer = trace.response.body if trace.response else None
    return Report(
        trace=trace,
        tokens=tokens,
        figures=measures.figures(trace, counter),
        kind=answers.kind_of(trace),
        tools_used=answers.tools_used(answer),
        stop_reason=answers.stop_reason(answer),
        window=window or context_window(trace.model),
        exchange=exchange,
    )


def document(report: Report) -> dict[str, object]:
    """The report as JSON. Times are seconds, speeds tokens per second, percentages of the total input."""
    trace, tokens = report.trace, report.tokens
    return {
        "file": str(trace.source) if trace.source else None,
        "exchange": report.exchange,
        "timestamp": trace.timestamp,
        "mode": trace.mode,
        "model": trace.model,
        "state": trace.state,
        "error": {"kind": trace.error.kind, "message": trace.error.message} if trace.error else None,
        "status": trace.response.status if trace.response else None,
        "ids": asdict(trace.ids),
        "marks": list(trace.marks),
        "request_as_sent": is_as_sent(trace.request.body, trace.request.raw),
        "odd_events": asdict(trace.odd) if trace.odd else None,
        "request_type": report.kind,
        "tools_used": report.tools_used,
        "stop_reason": report.stop_reason,
        "tokens": {
            "counter": tokens.counter,
            "estimate": tokens.estimate,
            "system": tokens.tokens("system"),
            "tools": tokens.tokens("tools"),
            "messages": tokens.tokens("messages"),
            "total": tokens.total,
            "uncounted_parts": tokens.uncounted,
            "percent": tokens.percents,
            "reported": {
                "total": tokens.reported.total,
                "uncached": tokens.reported.uncached,
                "cache_read": tokens.reported.cache_read,
                "cache_written": tokens.reported.cache_written,
            }
            if tokens.reported
            else None,
            "difference": tokens.difference,
            "context_window": report.window,
            "context_percent": report.window_percent,
        },
        "tools": [asdict(row) for row in tokens.tool_rows],
        "system": [asdict(row) for row in tokens.system_rows],
        "messages": [asdict(row) for row in tokens.message_rows],
        "timing": measures.timing(report.figures),
        "measures": measures.document(report.figures),
    }
