"""A session's replay as a person watches it: every turn is saved at once, then told; what is finished survives Ctrl-C.

    FOLDER/<session>_<time>/<variant>-<run>/….json     one result a turn, as `replay` saves them
    FOLDER/<session>_<time>/session.csv                the table

Knows nothing of how a turn is sent and of what a table says.
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
from replay.session.turn import Asked, Sender, Variant, recorded, warm_up
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
    """The session holds no request that could be sent again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a user asked for. Each of the variants is played `runs` times, and they take turns."""

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
    """All passes begin cold: see `session_turn`."""
    return Options(
        cache="cold",
        settings=settings,
        timeout=timeout,
        stall_timeout=stall_timeout,
        force=force,
        system_role=system_role,
    )


class Player:
    """One plan being carried out."""

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
        """Runs it all; answers with the exit code. Raises ToolkitError before anything is sent."""
        if not self._steps:
            raise NothingToReplay(f"Session {self.plan.session.short_id} holds no request that could be sent again.")
        try:
            asyncio.run(self._play())
        except KeyboardInterrupt:
            self._tell("Stopped. This is what was finished:")
            self._show()
            return STOPPED
        self._show()
        return 0 if all(result.success for runs in self._results.values() for result in runs) else 1

    async def _play(self) -> None:
        asked = await self._asked()
        await warm_up(asked)
        try:
            for number in range(1, self.plan.runs + 1):
                for variant in self.plan.variants:
                    await self._pass(Sender(asked, variant, number, self._progressed), variant, number)
        finally:
            self._line.clear()

    async def _asked(self) -> Asked:
        plan, first = self.plan, recorded_dialect(recorded(self._steps[0]))
        found = resolve.find(plan.target, os.environ)
        target, served = await resolve.connect(found, first, ask, plan.dialect)
        [model, *_] = resolve.chosen(served, [plan.model] if plan.model else [])
        if unready := await resolve.ready(target, model, ask, served):
            raise NothingToReplay(unready.message)
        left_out = steps.left_out(plan.session)
        agents = len({step.place.agent for step in self._steps})
        without = f" (without {', '.join(left_out)})" if left_out else ""
        whose = f"{agents} agents" if agents > 1 else "one agent"
        self._tell(
            f"Session {printable(plan.session.short_id)}: {len(self._steps)} turns of {whose}{without}, to {model}"
        )
        return Asked(target, model, plan.options, await resolve.survey(target, ask), plan.max_tokens)

    async def _pass(self, sender: Sender, variant: Variant, number: int) -> None:
        def finished(step: Step, result: ReplayResult) -> None:
            files.save(result, self._folder / f"{variant.name}-{number}")
            self._results.setdefault((variant.name, step.number), []).append(result)
            self._line.clear()
            self._tell(printable(f"{variant.name:<12} {table.line(step, result)}"))

        await scheduler.play(self._steps, sender.send, self.plan.pace, finished)
        self._kept |= {(variant.name, turn): share for turn, share in sender.prefixes.kept.items()}

    def _progressed(self, step: Step, now: Progress) -> None:
        state = f"about {now.chunks} tokens" if now.chunks else "waiting for the first token"
        self._line.show(f"turn {step.number}: {now.elapsed:.1f} s, {state}")

    def _show(self) -> None:
        outcome = Outcome(self._steps, self.plan.variants, self._results, self._kept)
        rows, columns = table.rows(outcome), table.columns(outcome)
        if self._results:
            file = self._folder / "session.csv"
            store.replace(file, (as_csv(rows, [column.key for column in columns]) + "\n").encode())
            self._tell(f"✓ Results saved to: {self._folder}\n")
        say(render(rows, columns, self.plan.style))
        for conclusion in table.conclusions(outcome):
            self._tell(conclusion)
        for note in notes(result for runs in self._results.values() for result in runs if result.error):
            self._tell(note)

    def _tell(self, words: str) -> None:
        """What is no table goes elsewhere, where a table isn't for people."""
        say(words, error=self.plan.style != "table")
