"""Replays for Python and for the commands: ask the server what it has, choose the models, and make the runs."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from replay.errors import NoAnswer
from replay.prepare import prepare
from replay.request import Options, Target, TraceRef, run_key
from replay.result import ReplayResult, RunEvent
from replay.run import inputs, run
from replay.run.schedule import ref_of, schedule
from replay.targets import resolve
from replay.targets.names import is_same_model
from replay.transport.send import ask
from traces.dialects import Dialect
from traces.model import Trace
from traces.surveys import Served


def _ignore(event: RunEvent) -> None:
    """Ignore the event."""


@dataclass(frozen=True, slots=True)
class Connected:
    """A server that was asked what it has, and the models to replay to.

    to       the target for each API format of a recording
    served   the server's report; None where it didn't answer
    controls the recorded model of each trace, where the server has it and a control was asked for
    variants the changed requests to send beside each trace
    """

    to: Mapping[Dialect, Target]
    models: Sequence[str]
    served: Served | None
    controls: Mapping[TraceRef, str] = field(default_factory=dict)
    variants: run.Variants = field(default_factory=dict)

    def keys(self, traces: Sequence[Trace], options: Options) -> set[str]:
        """Return the keys of all counted runs that are asked for, also of those that are saved already."""
        to = {ref_of(trace): self.to[prepare.recorded_dialect(trace)] for trace in traces}
        variants = {ref: [variant for variant, _ in each] for ref, each in self.variants.items()}
        runs = schedule(list(to), self.models, options, controls=self.controls, variants=variants)
        return {run_key(each, to[each.trace], options.settings) for each in runs if not each.warmup}


async def connect(
    traces: Sequence[Trace],
    target: str | None,
    models: Sequence[str] = (),
    dialect: Dialect | None = None,
    control: bool = False,
) -> Connected:
    """Ask a server what it has. `target` is a name or a URL; without `models`, the one that is loaded is used.

    The traces may be of several API formats: each is sent in its own where the server takes it. With `control`, each is
    also replayed to the recorded model.

    Raises TargetError and TranslationError. Where nothing answers, that is no error as long as models are named: the
    server may answer again by the next run.
    """
    found = resolve.find(target, os.environ)
    recorded = dict.fromkeys(map(prepare.recorded_dialect, traces))
    try:
        served = await resolve.survey(found, ask)
        to = {each: await resolve.with_format(found, served, each, ask, dialect) for each in recorded}
    except NoAnswer:
        if not models:
            raise
        return Connected({each: resolve.assume_format(found, each, dialect) for each in recorded}, models, None)
    return Connected(
        to,
        resolve.choose_models(served, models),
        served,
        controls_among(map(ref_of, traces), served) if control else {},
    )


def controls_among(refs: Iterable[TraceRef], served: Served) -> dict[TraceRef, str]:
    """Return the recorded models by the server's names: the one that answered, else the one that was asked for.

    For a server that doesn't list its models, the recorded name is used.
    """
    found = {}
    for ref in refs:
        names = [name for name in (ref.answered, ref.model) if name]
        served_names = [model.name for name in names for model in served.models if is_same_model(name, model.name)]
        if served_names or (names and not served.models):
            found[ref] = served_names[0] if served_names else names[0]
    return found


async def replays(
    traces: Sequence[Trace],
    target: str | None,
    models: Sequence[str] = (),
    options: Options = Options(),  # noqa: B008 - it's frozen
    dialect: Dialect | None = None,
    on_event: Callable[[RunEvent], None] = _ignore,
    control: bool = False,
) -> AsyncGenerator[ReplayResult, None]:
    """Yield each result as soon as it is measured; a run that fails is a result.

    Raises what `connect` raises, before the first run.
    """
    connected = await connect(traces, target, models, dialect, control)
    async for result in replay_connected(traces, connected, options, on_event):
        yield result


def replay_connected(
    traces: Sequence[Trace], connected: Connected, options: Options, on_event: Callable[[RunEvent], None] = _ignore
) -> AsyncGenerator[ReplayResult, None]:
    """Yield each result as soon as it is measured, from a server that `connect` returned."""
    to, models, served = connected.to, connected.models, connected.served
    return run.replay_all(
        traces, to, models, options, on_event, served, controls=connected.controls, variants=connected.variants
    )


async def survey(target: str | None) -> Served:
    """Return a server's report of itself. Raises TargetError."""
    return resolve.require_report(await resolve.survey(resolve.find(target, os.environ), ask))


async def replay_async(
    trace: Trace | Path | str,
    target: str | None = None,
    model: str | None = None,
    *,
    dialect: Dialect | None = None,
    options: Options = Options(),  # noqa: B008 - it's frozen
) -> ReplayResult:
    """Replay one trace (or the first in a file) to one model, and return the result; the last one of several runs.

    Raises ToolkitError where there is no such trace, server or model. A run that fails is a result with an error.
    """
    found = trace if isinstance(trace, Trace) else inputs.traces(str(trace), [])[0]
    last = None
    async with aclosing(replays([found], target, [model] if model else [], options, dialect)) as results:
        async for result in results:
            last = result
    assert last is not None, "a replay has at least one run"
    return last


def replay(
    trace: Trace | Path | str,
    target: str | None = None,
    model: str | None = None,
    *,
    dialect: Dialect | None = None,
    options: Options = Options(),  # noqa: B008 - it's frozen
) -> ReplayResult:
    """Do the same as `replay_async` where no event loop runs. Raises RuntimeError where one does, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(replay_async(trace, target, model, dialect=dialect, options=options))
    raise RuntimeError("A loop is running here, as in a notebook: `await replay.replay_async(…)` instead.")
