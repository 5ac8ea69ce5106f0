"""One request's way, in a single replay and in a session's alike: prepared, fitted, sent, measured and judged.

Whatever goes wrong on it is the result's error.
"""

import os
import platform
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from replay.errors import TranslationError
from replay.exchange import Progress, ReplayError, Sent
from replay.prepare.prepare import prepare
from replay.request import Options, Prepared, Run, Target
from replay.result import ReplayResult
from replay.run import cut, fit, inclusive, metrics, verdict
from replay.targets.probe import Ask, Served
from replay.transport.send import send
from traces import jsonio
from traces.content.answers import stop_reason
from traces.metrics import content_chunks
from traces.model import Json, Trace

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is sent where, and how.

    marker   what a cold prompt begins with, new to the server
    notes    what was done to the recording before: the result shows it
    """

    run: Run
    trace: Trace
    target: Target
    options: Options
    marker: str
    notes: tuple[str, ...] = ()


async def _at_once(prepared: Prepared) -> None:
    """For those who have nothing to do before the request goes out."""


async def replayed(
    attempt: Attempt,
    ask: Ask,
    served: Served | None,
    on_progress: OnProgress,
    on_ready: Callable[[Prepared], Awaitable[None]] = _at_once,
    on_sent: Callable[[], None] | None = None,
) -> ReplayResult:
    """Return the result of one request.

    `served` is what the server said since the model was loaded; without it, it is asked. `on_ready` is awaited when all
    is ready to go out.
    """
    run, target, options = attempt.run, attempt.target, attempt.options
    try:
        prepared = prepare(attempt.trace, target, run.model, options, attempt.marker)
    except TranslationError as error:
        return failed(run, target, ReplayError("translation", str(error)), options.settings)
    served = served or await fit.served_by(target, ask)
    if served and not options.force and (too_large := await fit.problem(prepared, ask, served)):
        return failed(run, target, too_large, options.settings, prepared.notes)
    await on_ready(prepared)
    exchange = await sent(prepared, options, on_progress, on_sent)
    return measured(run, target, attempt.trace, exchange, *attempt.notes, context=fit.context(served, run.model))


async def sent(
    prepared: Prepared, options: Options, on_progress: OnProgress, on_sent: Callable[[], None] | None = None
) -> Sent:
    """Send a request with the patience that was asked for."""
    return await send(
        prepared,
        timeout=options.timeout,
        stall_timeout=options.stall_timeout,
        on_progress=on_progress,
        on_sent=on_sent,
    )


def describe() -> Mapping[str, Json]:
    """`load` is the load average of the last minute, before the run: a busy machine measures itself."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    """On Linux the name is in a file; elsewhere the platform says what it can."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def measured(
    run: Run, target: Target, trace: Trace, exchange: Sent, *notes: str, context: int | None = None
) -> ReplayResult:
    """Of a request that was sent; the answer is judged by what `trace` recorded. `context` is what the model was loaded
    with, where that is known."""
    message: Any = exchange.message if isinstance(exchange.message, dict) else {}
    found = metrics.measure(exchange)
    if exchange.error is None:
        found = replace(found, doubts=found.doubts + cut.doubts(exchange.prepared, trace, found.input, context))
    result = ReplayResult(
        run=run,
        target=target,
        started=exchange.started,
        model_answered=message.get("model"),
        settings=exchange.prepared.settings,
        notes=(*exchange.prepared.notes, *notes),
        metrics=found,
        chunks=content_chunks(exchange.events),
        usage=message.get("usage"),
        message=exchange.message,
        stop_reason=stop_reason(exchange.message),
        verdicts=verdict.judge(trace, exchange),
        error=exchange.error,
        load=exchange.load,
        machine=describe(),
        exchange=exchange.exchange(),
    )
    estimate = fit.estimate(jsonio.loads(exchange.prepared.body))
    return inclusive.corrected(result, estimate, _ESTIMATED) if exchange.error is None else result


_ESTIMATED = 1.6
"""An estimate by length is within this factor of what a tokenizer counts."""


def failed(
    run: Run,
    target: Target,
    error: ReplayError,
    settings: Mapping[str, Json] | None = None,
    notes: tuple[str, ...] = (),
) -> ReplayResult:
    """Of a run that came to nothing before its request was sent."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return ReplayResult(run, target, now, settings=settings or {}, notes=notes, error=error, machine=describe())
