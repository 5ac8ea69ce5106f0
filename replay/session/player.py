"""A session's replay in the terminal: each turn is saved, then reported; what is finished survives Ctrl-C.

FOLDER/<session>_<time>/<variant>-<run>/….json     one result a turn, as `replay` saves them
FOLDER/<session>_<time>/session.csv                the table
"""

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from replay.console.run import notes
from replay.console.runner import STOPPED
from replay.exchange import Progress
from replay.prepare.prepare import recorded_dialect
from replay.request import Options, SystemRole
from replay.result import ReplayResult
from replay.results import files
from replay.session import scheduler, steps, table
from replay.session.scheduler import Pace
from replay.session.steps import Step
from replay.session.table import Outcome
from replay.session.turn import PassSetup, Sender, Variant, read_trace, warm_up
from replay.targets import resolve
from replay.transport.send import ask
from traces.dialects import Dialect
from traces.errors import ToolkitError
from traces.model import Json
from traces.sessions.model import Session
from traces.storage import store
from ui.tables import as_csv, render
from ui.terminal import LiveLine, printable, say


class NothingToReplay(ToolkitError):
    """The session has no request that can be sent again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a user asked for. Each variant is played `runs` times, and the variants take turns."""

    session: Session
    target: str | None
    model: str | None
    dialect: Dialect | None
    folder: Path
    style: str
    variants: Sequence[Variant]
    pace: Pace
    runs: int
    max_tokens: int | None
    options: Options


def options(
    settings: Mapping[str, Json],
    timeout: float,
    stall_timeout: float,
    force: bool,
    system_role: SystemRole | None = None,
) -> Options:
    """Return the options of all passes, which begin with a cold cache: see `replay.session.turn`."""
    return Options(
        cache="cold",
        settings=settings,
        timeout=timeout,
        stall_timeout=stall_timeout,
        force=force,
        system_role=system_role,
    )


class Player:
    """Carries out one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._steps = steps.plan(plan.session)
        self._results: dict[tuple[str, int], list[ReplayResult]] = {}
        self._kept: dict[tuple[str, int], float] = {}
        now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        name = re.sub(r"[^\w-]", "_", plan.session.short_id)  # a client's own id could be anything
        self._folder = plan.folder / f"{name}_{store.stem_of(now)}"
        self._line = LiveLine()

    def play(self) -> int:
        """Play all passes and return the exit code. Raises ToolkitError before anything is sent."""
        if not self._steps:
            raise NothingToReplay(f"Session {self.plan.session.short_id} has no request that can be sent again.")
        try:
            asyncio.run(self._play())
        except KeyboardInterrupt:
            self._report("Stopped. This is what was finished:")
            self._show()
            return STOPPED
        self._show()
        return 0 if all(result.success for runs in self._results.values() for result in runs) else 1

    async def _play(self) -> None:
        setup = await self._connect()
        await warm_up(setup)
        try:
            for number in range(1, self.plan.runs + 1):
                for variant in self.plan.variants:
                    await self._pass(Sender(setup, variant, number, self._show_progress), variant, number)
        finally:
            self._line.clear()

    async def _connect(self) -> PassSetup:
        plan, first = self.plan, recorded_dialect(read_trace(self._steps[0]))
        found = resolve.find(plan.target, os.environ)
        target, served = await resolve.connect(found, first, ask, plan.dialect)
        [model, *_] = resolve.choose_models(served, [plan.model] if plan.model else [])
        if error := await resolve.ensure_loaded(target, model, ask, served):
            raise NothingToReplay(error.message)
        left_out = steps.describe_left_out(plan.session)
        agents = len({step.place.agent for step in self._steps})
        excluded = f" (without {', '.join(left_out)})" if left_out else ""
        whose = f"{agents} agents" if agents > 1 else "one agent"
        self._report(
            f"Session {printable(plan.session.short_id)}: {len(self._steps)} turns of {whose}{excluded}, to {model}"
        )
        return PassSetup(target, model, plan.options, await resolve.survey(target, ask), plan.max_tokens)

    async def _pass(self, sender: Sender, variant: Variant, number: int) -> None:
        def on_result(step: Step, result: ReplayResult) -> None:
            files.save(result, self._folder / f"{variant.name}-{number}")
            self._results.setdefault((variant.name, step.number), []).append(result)
            self._line.clear()
            self._report(printable(f"{variant.name:<12} {table.line(step, result)}"))

        await scheduler.play(self._steps, sender.send, self.plan.pace, on_result)
        self._kept |= {(variant.name, turn): share for turn, share in sender.prefixes.kept.items()}

    def _show_progress(self, step: Step, now: Progress) -> None:
        state = f"about {now.chunks} tokens" if now.chunks else "waiting for the first token"
        self._line.show(f"turn {step.number}: {now.elapsed:.1f} s, {state}")

    def _show(self) -> None:
        outcome = Outcome(self._steps, self.plan.variants, self._results, self._kept)
        rows, columns = table.rows(outcome), table.columns(outcome)
        if self._results:
            file = self._folder / "session.csv"
            store.replace(file, (as_csv(rows, [column.key for column in columns]) + "\n").encode())
            self._report(f"✓ Results saved to: {self._folder}\n")
        say(render(rows, columns, self.plan.style))
        for conclusion in table.conclusions(outcome):
            self._report(conclusion)
        for note in notes(result for runs in self._results.values() for result in runs if result.error):
            self._report(note)

    def _report(self, words: str) -> None:
        """Print a line: to standard error where the table is in a format for programs."""
        say(words, error=self.plan.style != "table")
