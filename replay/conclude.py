"""The end of a run: what came back, measured and judged, becomes its result. Knows nothing of sending."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from replay import machine, metrics, verdict
from replay.exchange import Exchange, ReplayError
from replay.model import Run, Target
from replay.outcome import ReplayResult
from traces.content.answers import stop_reason
from traces.metrics import content_chunks
from traces.model import Json, Trace


def measured(run: Run, target: Target, trace: Trace, exchange: Exchange, *notes: str) -> ReplayResult:
    """Of a request that was sent; the answer is judged by what `trace` recorded."""
    message: Any = exchange.message if isinstance(exchange.message, dict) else {}
    return ReplayResult(
        run=run,
        target=target,
        started=exchange.started,
        model_answered=message.get("model"),
        settings=exchange.prepared.settings,
        notes=(*exchange.prepared.notes, *notes),
        metrics=metrics.measure(exchange),
        chunks=content_chunks(exchange.events),
        usage=message.get("usage"),
        message=exchange.message,
        stop_reason=stop_reason(exchange.message),
        verdicts=verdict.judge(trace, exchange),
        error=exchange.error,
        load=exchange.load,
        machine=machine.describe(),
    )


def failed(run: Run, target: Target, error: ReplayError, settings: Mapping[str, Json] | None = None) -> ReplayResult:
    """Of a run that came to nothing before its request was sent."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return ReplayResult(run, target, now, settings=settings or {}, error=error, machine=machine.describe())
