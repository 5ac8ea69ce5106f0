"""A replay as a person watches it: each result is saved at once, then shown; what is finished survives Ctrl-C.

Knows nothing of how a run is made and of how results are compared.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from display.progress import LiveLine
from display.terminal import say
from replay import api, render_run, results
from replay.live import Live
from replay.model import Options
from replay.outcome import Happening, ReplayResult
from replay.schedule import is_of, ref_of
from traces.message import Dialect
from traces.model import Trace

STOPPED = 130
"""The exit code of a command that Ctrl-C ended."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a user asked for. `resume` leaves out the runs that `folder` holds already, but compares them, too."""

    traces: Sequence[Trace]
    target: str | None
    models: Sequence[str]
    dialect: Dialect | None
    options: Options
    folder: Path
    resume: bool

    def saved_before(self) -> list[ReplayResult]:
        return results.succeeded(self.folder) if self.resume else []


def options(given: Mapping[str, Any]) -> Options:
    """The options of a command; where no seed is given, one is drawn."""
    seed = random.randrange(10_000) if given["seed"] is None else given["seed"]
    return Options(**{**given, "seed": seed})


class Session:
    """One plan being carried out; `results` are those of the runs that are finished."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.results: list[ReplayResult] = []
        self._before = plan.saved_before()
        self._line = LiveLine()
        self._live = Live(self._line.show)
        self._last: Happening | None = None

    def play(self) -> int:
        """Runs it all; answers with the exit code."""
        if len(self.plan.models) > 1:
            say(f"Models take turns in an order of the seed {self.plan.options.seed} (--seed).")
        try:
            asyncio.run(self._play())
        except KeyboardInterrupt:
            say(f"Stopped. {_saved(len(self.results), self.plan.folder)} To go on: the same command with --resume")
            return STOPPED
        if not self.results:
            say(f"Nothing is left to do: all of these runs are in {_place(self.plan.folder)}.")
        compared = [*self._of_this_plan(), *self.results]
        if sum(not result.run.warmup for result in compared) > 1:
            from replay import render_comparison  # nothing of it is needed before the first request goes out

            say(f"\n{render_comparison.shown(compared)}")
        last_tries = {result.run.key: result for result in self.results}
        return 0 if all(result.success for result in last_tries.values()) else 1

    async def _play(self) -> None:
        plan = self.plan
        left = replace(plan.options, done=frozenset(result.run.key for result in self._before))
        made = api.replays(plan.traces, plan.target, plan.models, left, plan.dialect, self._happened)
        try:
            async with aclosing(made) as runs:
                async for result in runs:
                    self._keep(result)
        finally:
            self._line.clear()

    def _of_this_plan(self) -> list[ReplayResult]:
        """The runs that an earlier session made of it. Where no model was named, it is the one of the new runs."""
        plan, traces = self.plan, [ref_of(trace) for trace in self.plan.traces]
        models = plan.models or [result.run.model for result in self.results or self._before]
        return [result for result in self._before if is_of(result.run, traces, models, plan.options)]

    def _happened(self, happening: Happening) -> None:
        if happening.of == 1 and self._last is None:
            say(render_run.head(happening.run))
        self._last = happening
        if happening.result is None:
            self._live(happening)

    def _keep(self, result: ReplayResult) -> None:
        path = results.save(result, self.plan.folder)
        self.results.append(result)
        self._line.clear()
        if self._last is None or self._last.of == 1:
            say(render_run.whole(result))
            say(f"✓ Result saved to: {_place(path)}")
        else:
            say(render_run.line(result, self._last.number, self._last.of))


def _place(path: Path) -> str:
    return str(path) if path.is_absolute() else f"./{path}"


def _saved(count: int, folder: Path) -> str:
    return f"{count} {'result is' if count == 1 else 'results are'} saved in {_place(folder)}."
