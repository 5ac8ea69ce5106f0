"""The report of one exchange: its tokens, its measures and what the answer did, as plain data."""

from dataclasses import asdict, dataclass

from analysis import measures
from analysis.exchange import on_the_way
from analysis.exchange.breakdown import Breakdown, CountedExchange
from analysis.tokens.models import context_window
from traces.content import answers
from traces.measures import Figures
from traces.model import Trace
from traces.raw_body import is_as_sent


@dataclass(frozen=True, slots=True)
class Report:
    """What `trace-analyzer analyze` shows of an exchange.

    kind      the request type, such as TOOL_CALL
    window    the model's context window in tokens, where that is known
    exchange  the exchange's place in its file, from 1
    """

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
        """How much of the context window the request takes; None where the window or the total is unknown."""
        total = self.tokens.total
        return round(100 * total / self.window, 1) if self.window and total is not None else None


def report(counted: CountedExchange, window: int | None = None, exchange: int = 1) -> Report:
    """Return the report of a counted exchange; a `window` given by the user wins over the known one."""
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
    """Return the report as JSON. Times are seconds, speeds tokens per second, percentages of the total input."""
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
        "cost": asdict(trace.cost) if trace.cost else None,
        "origin": asdict(trace.origin) if trace.origin else None,
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
            "unknown": sorted(tokens.unknown),
            "recorded": tokens.recorded,
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
        "upstream": on_the_way.document(trace.upstream),
        "timing": measures.timing(report.figures),
        "measures": measures.document(report.figures),
    }
