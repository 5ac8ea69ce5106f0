"""Runs, one after the other: each prepared, sent, measured and judged."""

import asyncio
import os
import platform
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from replay.errors import TranslationError
from replay.exchange import Progress, ReplayError, Sent
from replay.prepare.prepare import prepare, recorded_dialect
from replay.request import Options, Prepared, Run, Target, TraceRef, known_by
from replay.result import Happening, ReplayResult
from replay.run import cut, fit, inclusive, metrics, verdict
from replay.run.schedule import ref_of, schedule
from replay.targets import resolve
from replay.targets.probe import Ask, Served
from replay.transport.send import ask as ask_server
from replay.transport.send import send
from traces import jsonio
from traces.content.answers import stop_reason
from traces.dialects import Dialect
from traces.metrics import content_chunks
from traces.model import Json, Trace


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


OnEvent = Callable[[Happening], None]
Sleep = Callable[[float], Awaitable[None]]

WORTH_A_RETRY = ("refused", "server_disconnected", "stream_cut", "stalled", "timeout", "stream_error")
FIRST_WAIT = 1.0
"""Seconds before the first retry where the server names none; twice as many before each one after it."""


async def replay_all(
    traces: Sequence[Trace],
    to: Mapping[Dialect, Target],
    models: Sequence[str],
    options: Options,
    on_event: OnEvent,
    served: Served | None = None,
    ask: Ask = ask_server,
    sleep: Sleep = asyncio.sleep,
    controls: Mapping[TraceRef, str] = MappingProxyType({}),
) -> AsyncGenerator[ReplayResult, None]:
    """Every result as soon as it is there, those of retries and warm-ups included.

    `to` is the target by the dialect of a recording. `served` is what the server just said it has: the first run
    needn't ask for it again. `controls` are the models that were recorded, where they are asked once more.
    """
    recorded = {ref_of(trace): (trace, to[recorded_dialect(trace)]) for trace in traces}

    def saved(run: Run) -> bool:
        return known_by(run, recorded[run.trace][1], options.settings) in options.done

    runs = schedule(list(recorded), models, options, saved, controls)
    before: Run | None = None
    for number, run in enumerate(runs, 1):
        turn = _Turn(run, *recorded[run.trace], options, _numbered(on_event, number, len(runs)), ask)
        async for result in turn.results(before, served, sleep):
            yield result
        before, served = run, None


def _numbered(on_event: OnEvent, number: int, of: int) -> OnEvent:
    return lambda happening: on_event(replace(happening, number=number, of=of))


class _Turn:
    """One run, with its retries."""

    def __init__(self, run: Run, trace: Trace, target: Target, options: Options, on_event: OnEvent, ask: Ask) -> None:
        self._run = run
        self._trace = trace
        self._target = target
        self._options = options
        self._on_event = on_event
        self._ask = ask

    async def results(
        self, before: Run | None, served: Served | None, sleep: Sleep
    ) -> AsyncGenerator[ReplayResult, None]:
        """`before` is the run before this one: what it left loaded and cached needn't be done again."""
        wait = FIRST_WAIT
        while True:
            result = await self._result(before, served)
            self._tell(result=result)
            yield result
            if self._run.attempt > self._options.retries or not _worth_a_retry(result.error):
                return
            await sleep(result.error.retry_after or wait if result.error else wait)
            wait *= 2
            before, served, self._run = None, None, replace(self._run, attempt=self._run.attempt + 1)

    async def _result(self, before: Run | None, served: Served | None) -> ReplayResult:
        run = self._run
        if before is None or before.model != run.model:
            self._tell(loading=True)
            if unready := await resolve.ready(self._target, run.model, self._ask, served):
                return self._failed(unready)
            if served and not served.has_loaded(run.model):
                served = None  # loading has changed it
        try:
            prepared = prepare(self._trace, self._target, run.model, self._options, uuid.uuid4().hex)
        except TranslationError as error:
            return self._failed(ReplayError("translation", str(error)))
        served = served or await fit.served_by(self._target, self._ask)
        if served and not self._options.force and (too_large := await fit.problem(prepared, self._ask, served)):
            return self._failed(too_large, prepared.notes)
        self._tell()
        if run.cache == "warm" and (before is None or (before.trace, before.model) != (run.trace, run.model)):
            await self._send(prepared)
        context = fit.context(served, run.model)
        return measured(self._run, self._target, self._trace, await self._send(prepared), context=context)

    def _failed(self, error: ReplayError, notes: tuple[str, ...] = ()) -> ReplayResult:
        return failed(self._run, self._target, error, self._options.settings, notes)

    async def _send(self, prepared: Prepared) -> Sent:
        options = self._options
        return await send(
            prepared,
            timeout=options.timeout,
            stall_timeout=options.stall_timeout,
            on_progress=lambda progress: self._tell(progress=progress),
        )

    def _tell(
        self, loading: bool = False, progress: Progress | None = None, result: ReplayResult | None = None
    ) -> None:
        self._on_event(Happening(self._run, 0, 0, loading, progress, result))


def _worth_a_retry(error: ReplayError | None) -> bool:
    """What another try can fix. A request that the server refuses will be refused again."""
    if error is None:
        return False
    return error.kind in WORTH_A_RETRY or error.status in (408, 429) or (error.status or 0) >= 500
