"""Runs, one after the other, in the order of the schedule, and again where another try may help."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from replay.exchange import Progress, ReplayError
from replay.prepare.prepare import recorded_dialect
from replay.request import Options, Prepared, Run, Target, TraceRef, known_by
from replay.result import ReplayResult, RunEvent
from replay.run.pipeline import Attempt, failed, replayed, sent
from replay.run.schedule import ref_of, schedule
from replay.targets import resolve
from replay.targets.probe import Ask, Served
from replay.transport.send import ask as ask_server
from traces.dialects import Dialect
from traces.model import Trace

OnEvent = Callable[[RunEvent], None]
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
    return lambda event: on_event(replace(event, number=number, of=of))


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
            if unready := await resolve.ensure_loaded(self._target, run.model, self._ask, served):
                return failed(run, self._target, unready, self._options.settings)
            if served and not served.has_loaded(run.model):
                served = None  # loading has changed it
        return await replayed(
            Attempt(run, self._trace, self._target, self._options, uuid.uuid4().hex),
            self._ask,
            served,
            on_ready=lambda prepared: self._ready(prepared, before),
            on_progress=self._show_progress,
        )

    async def _ready(self, prepared: Prepared, before: Run | None) -> None:
        """The request is about to go out: to a server that shall be warm, for the first time."""
        self._tell()
        run = self._run
        if run.cache == "warm" and (before is None or (before.trace, before.model) != (run.trace, run.model)):
            await sent(prepared, self._options, self._show_progress)

    def _show_progress(self, progress: Progress) -> None:
        self._tell(progress=progress)

    def _tell(
        self, loading: bool = False, progress: Progress | None = None, result: ReplayResult | None = None
    ) -> None:
        self._on_event(RunEvent(self._run, 0, 0, loading, progress, result))


def _worth_a_retry(error: ReplayError | None) -> bool:
    """What another try can fix. A request that the server refuses will be refused again."""
    if error is None:
        return False
    return error.kind in WORTH_A_RETRY or error.status in (408, 429) or (error.status or 0) >= 500
