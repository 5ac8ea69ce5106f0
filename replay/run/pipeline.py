"""The steps of replaying one request, alone or in a session: prepare, check the fit, send, measure, judge.

An error in any of them is the result's error.
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
from replay.run import double_counting, fit, metrics, truncation, verdict
from replay.targets.probe import Ask
from replay.transport.send import send
from traces import jsonio
from traces.content.answers import stop_reason
from traces.dialects import model_of
from traces.metrics import content_chunks
from traces.model import Json, Trace
from traces.surveys import Served

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a run: what to send where, and how.

    marker   the beginning of a cold prompt, new to the server
    notes    how the recording was changed before: the result shows it
    """

    run: Run
    trace: Trace
    target: Target
    options: Options
    marker: str
    notes: tuple[str, ...] = ()


async def _do_nothing(prepared: Prepared) -> None:
    """Do nothing before the request goes out."""


async def replay(
    attempt: Attempt,
    ask: Ask,
    served: Served | None,
    on_progress: OnProgress,
    on_ready: Callable[[Prepared], Awaitable[None]] = _do_nothing,
    on_sent: Callable[[], None] | None = None,
) -> ReplayResult:
    """Replay one request, and return the result.

    `served` is a report made since the model was loaded; without it, the server is asked for one. `on_ready` is awaited
    just before the request goes out, and `on_sent` called as soon as it is on the wire.
    """
    run, target, options = attempt.run, attempt.target, attempt.options
    try:
        prepared = prepare(attempt.trace, target, run.model, options, attempt.marker)
    except TranslationError as error:
        return failed_result(run, target, ReplayError("translation", str(error)), options.settings)
    served = served or await fit.try_survey(target, ask)
    if served and not options.force and (too_large := await fit.problem(prepared, ask, served)):
        return failed_result(run, target, too_large, options.settings, prepared.notes)
    await on_ready(prepared)
    exchange = await send_with(prepared, options, on_progress, on_sent)
    context = fit.loaded_context(served, run.model)
    return measured_result(run, target, attempt.trace, exchange, *attempt.notes, context=context)


async def send_with(
    prepared: Prepared, options: Options, on_progress: OnProgress, on_sent: Callable[[], None] | None = None
) -> Sent:
    """Send a request with the timeouts of these options."""
    return await send(
        prepared,
        timeout=options.timeout,
        stall_timeout=options.stall_timeout,
        on_progress=on_progress,
        on_sent=on_sent,
    )


def describe_machine() -> Mapping[str, Json]:
    """Describe this machine. `load` is its load average of the last minute, since a busy machine measures itself."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    """Return the processor's name: on Linux from a file, elsewhere as the platform reports it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def measured_result(
    run: Run, target: Target, trace: Trace, exchange: Sent, *notes: str, context: int | None = None
) -> ReplayResult:
    """Return the result of a request that was sent; the answer is judged by the one that `trace` recorded.

    `context` is the context that the model was loaded with, where that is known.
    """
    message: Any = exchange.message if isinstance(exchange.message, dict) else {}
    found = metrics.measure(exchange)
    if exchange.error is None:
        as_sent = replace(trace, response=None) if run.variant else trace  # its count is of the request as recorded
        found = replace(
            found, doubts=found.doubts + truncation.doubts(exchange.prepared, as_sent, found.input, context)
        )
    result = ReplayResult(
        run=run,
        target=target,
        started=exchange.started,
        model_answered=model_of(exchange.message),
        settings=exchange.prepared.settings,
        notes=(*exchange.prepared.notes, *notes),
        metrics=found,
        chunks=content_chunks(exchange.events),
        usage=message.get("usage", message.get("usageMetadata")),
        message=exchange.message,
        stop_reason=stop_reason(exchange.message),
        verdicts=verdict.judge(trace, exchange),
        error=exchange.error,
        load=exchange.load,
        machine=describe_machine(),
        exchange=exchange.exchange(),
    )
    estimate = fit.estimate(jsonio.loads(exchange.prepared.body))
    return double_counting.correct(result, estimate, _ESTIMATE_SPREAD) if exchange.error is None else result


_ESTIMATE_SPREAD = 1.6
"""An estimate by length is within this factor of what a tokenizer counts."""


def failed_result(
    run: Run,
    target: Target,
    error: ReplayError,
    settings: Mapping[str, Json] | None = None,
    notes: tuple[str, ...] = (),
) -> ReplayResult:
    """Return the result of a run that failed before its request was sent."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return ReplayResult(run, target, now, settings=settings or {}, notes=notes, error=error, machine=describe_machine())
