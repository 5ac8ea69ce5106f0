"""From what a user names to results: the server is asked what it is, the models are chosen, and the runs are made.

Knows nothing of commands and of files of results.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path

from replay import locate, prepare, run, targets
from replay.ask import ask
from replay.errors import NoAnswer
from replay.model import Options
from replay.outcome import Happening, ReplayResult
from replay.served import Served
from traces.message import Dialect
from traces.model import Trace


def _unseen(happening: Happening) -> None:
    """For those who don't watch."""


async def replays(
    traces: Sequence[Trace],
    target: str | None,
    models: Sequence[str] = (),
    options: Options = Options(),  # noqa: B008 - it's frozen
    dialect: Dialect | None = None,
    on_event: Callable[[Happening], None] = _unseen,
) -> AsyncGenerator[ReplayResult, None]:
    """Every result as soon as it is there. `target` is a name or a URL; without `models`, the one that is loaded.

    Raises TargetError and TranslationError before the first run; a run that fails is a result. Where nothing answers,
    each run to a model that was named is one that failed: the server may be there again for the next.
    """
    found, recorded = targets.find(target, os.environ), prepare.recorded_dialect(traces[0])
    served: Served | None = None
    try:
        connected, served = await targets.connect(found, recorded, ask, dialect)
    except NoAnswer:
        if not models:
            raise
        connected = targets.unasked(found, recorded, dialect)
    chosen = targets.chosen(served, models) if served else models
    async for result in run.replay_all(traces, connected, chosen, options, on_event, served):
        yield result


async def survey(target: str | None) -> Served:
    """What a server is and has. Raises TargetError."""
    return await targets.survey(targets.find(target, os.environ), ask)


async def replay_async(
    trace: Trace | Path | str,
    target: str | None = None,
    model: str | None = None,
    *,
    dialect: Dialect | None = None,
    options: Options = Options(),  # noqa: B008 - it's frozen
) -> ReplayResult:
    """Replays one trace (or the first in a file) once to one model; with more runs in `options`, the last result.

    Raises ToolkitError where there is no such trace, server or model; a run that fails is a result with an error.
    """
    found = trace if isinstance(trace, Trace) else locate.traces(str(trace), [])[0]
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
    """`replay_async` for code that isn't async."""
    return asyncio.run(replay_async(trace, target, model, dialect=dialect, options=options))
