"""The command `trace-replayer replay`: makes the planned runs, shows their progress, saves and compares them."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from replay import api
from replay.console import run
from replay.exchange import Progress
from replay.request import Options
from replay.result import ReplayResult, RunEvent
from replay.results import files
from replay.run.run import Variants
from replay.run.schedule import ref_of
from replay.variants.wanted import NOTHING, Wanted, at_depths, edits
from traces.dialects import Dialect
from traces.model import Trace
from ui.terminal import LiveLine, printable, say

WIDTH = 20
"""Characters of the bar."""


class Live:
    """Shows the progress of runs in one line, by `show`."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._first: Progress | None = None

    def __call__(self, event: RunEvent) -> None:
        progress = event.progress
        if progress is None:
            self._first = None
        elif progress.chunks and self._first is None:
            self._first = progress
        self._show(" ".join([*_bar(event), event.run.label, self._state(event)]))

    def _state(self, event: RunEvent) -> str:
        progress = event.progress
        if event.loading:
            return "is being loaded"
        if progress is None or not progress.chunks:
            return f"{progress.elapsed if progress else 0:.1f} s, waiting for the first token"
        return f"{progress.elapsed:.1f} s, about {progress.chunks} tokens{self._speed(progress)}"

    def _speed(self, now: Progress) -> str:
        """Return the speed so far, with a chunk taken for a token, as with most servers. Results don't rest on it."""
        first = self._first or now
        seconds = now.elapsed - first.elapsed
        return f", {(now.chunks - first.chunks) / seconds:.1f} tokens/s" if seconds > 0 else ""


def _bar(event: RunEvent) -> list[str]:
    if event.of == 1:
        return []
    done = WIDTH * (event.number - 1) // event.of
    return [f"{'█' * done}{'░' * (WIDTH - done)}", f"{event.number}/{event.of}"]


STOPPED = 130
"""The exit code of a command that Ctrl-C ended."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a user asked for. With `resume`, runs that are saved in `folder` aren't made again, but are compared too.

    wanted   how the requests are to be changed beside being sent as recorded
    """

    traces: Sequence[Trace]
    target: str | None
    models: Sequence[str]
    dialect: Dialect | None
    options: Options
    folder: Path
    resume: bool
    control: bool = False
    wanted: Wanted = NOTHING


def options(given: Mapping[str, Any]) -> Options:
    """Return the options of a command; where no seed is given, one is drawn."""
    seed = random.randrange(10_000) if given["seed"] is None else given["seed"]
    return Options(**{**given, "seed": seed})


class Runner:
    """Carries out one plan. `results` are those of the runs that are finished."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.results: list[ReplayResult] = []
        self._before: list[ReplayResult] = []  # what was saved of this plan before
        self._line = LiveLine()
        self._live = Live(self._line.show)
        self._last: RunEvent | None = None
        self._edits: Variants = {}

    def play(self) -> int:
        """Make all runs and return the exit code. Raises ToolkitError before anything is sent."""
        self._edits = edits(self.plan.wanted, self.plan.traces)
        if self.plan.options.runs > 1 and (len(self.plan.models) * len(self.plan.traces) > 1 or self.plan.wanted):
            say(f"Runs take turns in an order of the seed {self.plan.options.seed} (--seed).")
        try:
            asyncio.run(self._play())
        except KeyboardInterrupt:
            say(f"Stopped. {_save_note(len(self.results), self.plan.folder)} To go on: the same command with --resume")
            return STOPPED
        if not self.results:
            say(f"Nothing is left to do: all of these runs are in {_place(self.plan.folder)}.")
        elif self._last is not None and self._last.of > 1:
            for note in run.notes(self.results):
                say(note)
        compared = [*self._before, *self.results]
        if len({result.key for result in compared if not result.run.warmup}) > 1:
            from replay.console import comparison  # nothing of it is needed before the first request goes out

            say(f"\n{comparison.render(compared)}")
        last_tries = {result.key: result for result in self.results if not result.run.warmup}
        return 0 if all(result.success for result in last_tries.values()) else 1

    async def _play(self) -> None:
        plan = self.plan
        connected = await api.connect(plan.traces, plan.target, plan.models, plan.dialect, plan.control)
        connected = await self._with_variants(connected)
        for missing in _without_control(plan.traces, connected) if plan.control else ():
            say(f"No control: the server doesn't have the recorded model, {printable(missing)}.")
        if plan.resume:
            asked = connected.keys(plan.traces, plan.options)
            self._before = [result for result in files.load_successful(plan.folder) if result.key in asked]
        files.reserve(plan.folder)
        left = replace(plan.options, done=frozenset(result.key for result in self._before))
        try:
            async with aclosing(api.replay_connected(plan.traces, connected, left, self._on_event)) as runs:
                async for result in runs:
                    self._keep(result)
        finally:
            self._line.clear()

    async def _with_variants(self, connected: api.Connected) -> api.Connected:
        """Return the connected server with the changed requests to send, each told with what was changed."""
        deep, lacking = await at_depths(self.plan.wanted, self.plan.traces, connected.to)
        both = [*self._edits.items(), *deep.items()]
        found = {ref: [each for of, changed in both if of == ref for each in changed] for ref, _ in both}
        for line in lacking:
            say(f"Left out: {printable(line)}")
        for variant in dict.fromkeys(variant for changed in found.values() for variant, _ in changed):
            say(f"{printable(variant.name)}:")
            for line in variant.changes:
                say(f"  {printable(line)}")
        return replace(connected, variants=found)

    def _on_event(self, event: RunEvent) -> None:
        if event.of == 1 and self._last is None:
            say(run.head(event.run))
        self._last = event
        if event.result is None:
            self._live(event)

    def _keep(self, result: ReplayResult) -> None:
        """Show a result, then save it: the disk may be full, and the figures matter more than the file."""
        self._line.clear()
        many = self._last if self._last and self._last.of > 1 else None
        say(run.line(result, many.number, many.of) if many else run.report(result))
        path = files.save(result, self.plan.folder)
        self.results.append(result)
        if not many:
            say(f"✓ Result saved to: {_place(path)}")


def _without_control(traces: Sequence[Trace], connected: api.Connected) -> list[str]:
    """Return the recorded models that the server doesn't have."""
    missing = [ref for ref in map(ref_of, traces) if ref not in connected.controls]
    return list(dict.fromkeys(ref.answered or ref.model or "the model" for ref in missing))


def _place(path: Path) -> str:
    return str(path) if path.is_absolute() else f"./{path}"


def _save_note(count: int, folder: Path) -> str:
    return f"{count} {'result is' if count == 1 else 'results are'} saved in {_place(folder)}."
