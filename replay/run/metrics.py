"""The metrics of a request that was sent."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from replay.exchange import Sent
from replay.result import Gaps, Metrics, ServerTimes
from traces import counts, jsonio, metrics
from traces.metrics import InputUsage
from traces.model import Event, Json, Timing

BUSY = 0.8
"""The share of a core above which this process may have read chunks late."""

LATE = 0.01
LATE_SHARE = 0.02
"""How late the event loop may be: seconds, or this share of the measured time, whichever is more."""


def measure(exchange: Sent) -> Metrics:
    """Return the metrics of an exchange."""
    times = metrics.measure(exchange.events, exchange.headers_at, exchange.total)
    output = counts.output(exchange.message, exchange.events)
    return Metrics(
        timing=times,
        connect=exchange.connect,
        output=output.tokens,
        output_by=None if output.tokens is None else "estimate" if output.estimated else "server",
        output_reported=output.reported,
        reasoning=output.reasoning,
        decode=counts.decode(exchange.message, exchange.events, output),
        gaps=_gaps(exchange.events),
        input=_input(exchange),
        server=_server_times(exchange.message),
        doubts=_doubts(exchange, times),
    )


def _input(exchange: Sent) -> InputUsage | None:
    """Return the input tokens as the server counts them. The request is read only where the count may not be true."""
    usage = metrics.input_usage(exchange.message)
    if usage is None or usage.total >= counts.SMALLEST_CONTEXT:
        return usage
    with suppress(ValueError):
        return counts.credible_input(exchange.message, jsonio.loads(exchange.prepared.body))
    return counts.credible_input(exchange.message, None)


def _gaps(events: Sequence[Event]) -> Gaps | None:
    gaps = sorted(metrics.chunk_gaps(events))
    p50, p90, p99 = (metrics.percentile(gaps, percent) for percent in (50, 90, 99))
    return None if p50 is None or p90 is None or p99 is None else Gaps(len(gaps), p50, p90, p99, gaps[-1])


def _server_times(message: Json) -> ServerTimes | None:
    """Return the server's own figures, which only llama.cpp reports."""
    match message:
        case {
            "timings": {
                "prompt_n": int(read),
                "prompt_ms": prefill,
                "predicted_n": int(written),
                "predicted_ms": decode,
            }
        } if _number(prefill) and _number(decode):
            return ServerTimes(read, prefill / 1000, written, decode / 1000)
    return None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _doubts(exchange: Sent, times: Timing) -> tuple[str, ...]:
    """Return the reasons why the figures can't be trusted."""
    doubts = []
    load = exchange.load
    measured = min((time for time in (times.ttft, times.generation) if time), default=0.0)
    if load.cpu >= BUSY:
        doubts.append(f"this client used {load.cpu:.0%} of a core itself: it may have read late")
    if load.late > max(LATE, LATE_SHARE * measured):
        doubts.append(f"this client was up to {load.late * 1000:.0f} ms late: the machine was busy")
    if exchange.odd:
        count = exchange.odd.count
        doubts.append(f"{count} event{'s' if count > 1 else ''} of the stream couldn't be read")
    return tuple(doubts)
