"""All runs of a schedule, one after the other, with retries where another try may help."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from replay.exchange import Progress, ReplayError
from replay.prepare.prepare import recorded_dialect
from replay.request import Options, Prepared, Run, Target, TraceRef, Variant, run_key
from replay.result import ReplayResult, RunEvent
from replay.run.pipeline import Attempt, failed_result, replay, send_with
from replay.run.schedule import ref_of, schedule
from replay.targets import resolve
from replay.targets.probe import Ask
from replay.transport.send import ask as ask_server
from traces.dialects import Dialect
from traces.model import Trace
from traces.surveys import Served

OnEvent = Callable[[RunEvent], None]
Sleep = Callable[[float], Awaitable[None]]

Variants = Mapping[TraceRef, Sequence[tuple[Variant, Trace]]]
"""The changed requests that are sent beside a recorded one, as traces with its recorded answer."""

RETRIED_KINDS = ("refused", "server_disconnected", "stream_cut", "stalled", "timeout", "stream_error")
FIRST_WAIT = 1.0
"""Seconds before the first retry where the server names none; the wait doubles before each further one."""


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
    variants: Variants = MappingProxyType({}),
) -> AsyncGenerator[ReplayResult, None]:
    """Make all runs and yield each result at once, those of retries and warm-ups included.

    `to` is the target for each API format of a recording. `served` is a report that was just made, for the first run.
    `controls` are the recorded models to replay to as well, and `variants` the changed requests, by trace.
    """
    recorded = {ref_of(trace): (trace, to[recorded_dialect(trace)]) for trace in traces}
    changed = {(ref, variant): trace for ref, each in variants.items() for variant, trace in each}

    def is_saved(run: Run) -> bool:
        return run_key(run, recorded[run.trace][1], options.settings) in options.done

    names = {ref: [variant for variant, _ in each] for ref, each in variants.items()}
    runs = schedule(list(recorded), models, options, is_saved, controls, names)
    before: Run | None = None
    for number, run in enumerate(runs, 1):
        trace, target = recorded[run.trace]
        if run.variant:
            trace = changed[run.trace, run.variant]
        tries = _Tries(run, trace, target, options, _with_number(on_event, number, len(runs)), ask)
        async for result in tries.results(before, served, sleep):
            yield result
        before, served = run, None


def _with_number(on_event: OnEvent, number: int, of: int) -> OnEvent:
    return lambda event: on_event(replace(event, number=number, of=of))


class _Tries:
    """The tries of one run: the first, and its retries."""

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
        """Yield the result of each try. `before` is the run before: its model is loaded, and its prompt cached."""
        wait = FIRST_WAIT
        while True:
            result = await self._result(before, served)
            self._report(result=result)
            yield result
            if self._run.attempt > self._options.retries or not _worth_a_retry(result.error):
                return
            await sleep(result.error.retry_after or wait if result.error else wait)
            wait *= 2
            before, served, self._run = None, None, replace(self._run, attempt=self._run.attempt + 1)

    async def _result(self, before: Run | None, served: Served | None) -> ReplayResult:
        run = self._run
        if before is None or before.model != run.model:
            self._report(loading=True)
            if error := await resolve.ensure_loaded(self._target, run.model, self._ask, served):
                return failed_result(run, self._target, error, self._options.settings)
            if served and not served.has_loaded(run.model):
                served = None  # loading has outdated it
        return await replay(
            Attempt(run, self._trace, self._target, self._options, uuid.uuid4().hex),
            self._ask,
            served,
            on_ready=lambda prepared: self._ready(prepared, before),
            on_progress=self._show_progress,
        )

    async def _ready(self, prepared: Prepared, before: Run | None) -> None:
        """Report that the request goes out; send it once uncounted where the cache must be warm and isn't yet."""
        self._report()
        run = self._run
        if run.cache == "warm" and (before is None or _prompt_of(before) != _prompt_of(run)):
            await send_with(prepared, self._options, self._show_progress)

    def _show_progress(self, progress: Progress) -> None:
        self._report(progress=progress)

    def _report(
        self, loading: bool = False, progress: Progress | None = None, result: ReplayResult | None = None
    ) -> None:
        self._on_event(RunEvent(self._run, 0, 0, loading, progress, result))


def _prompt_of(run: Run) -> tuple[TraceRef, str, Variant | None]:
    """Return what makes a run's prompt, and the cache that holds it, another one."""
    return run.trace, run.model, run.variant


def _worth_a_retry(error: ReplayError | None) -> bool:
    """Return whether another try may help. A request that the server refuses would be refused again."""
    if error is None:
        return False
    return error.kind in RETRIED_KINDS or error.status in (408, 429) or (error.status or 0) >= 500
