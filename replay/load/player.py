"""A load in the terminal: progress in one line, then a table with a row for each level, and a sentence for each.

What is finished is in the results folder at once, and survives Ctrl-C.
"""

import asyncio
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from replay.console.runner import STOPPED
from replay.errors import TargetError
from replay.load import history, script, table
from replay.load.driver import Driver, LevelRun, Stopped, Watch
from replay.load.knee import OutOfRequests, ServerGone, Tally, search
from replay.load.monitor import Monitor
from replay.load.objectives import within
from replay.load.plan import Agents, Level, LoadPlan
from replay.load.processes import Local, Placement
from replay.load.results import Folder
from replay.load.rows import Row
from replay.load.script import Scripts
from replay.request import Options, SystemRole, Target
from replay.session.turn import PassSetup, warm_up
from replay.targets import resolve
from replay.transport.send import ask
from traces.dialects import Dialect
from traces.metrics import percentile
from traces.sessions import lookup
from traces.sessions.model import Session, short_ids
from ui.tables import render
from ui.terminal import LiveLine, printable, say, with_progress

RECENT = 20
"""Turns whose median is shown while a level is played."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user asked for."""

    names: Sequence[str]
    target: str | None
    model: str | None
    dialect: Dialect | None
    folder: Path
    style: str
    plan: LoadPlan
    system_role: SystemRole | None = None
    placement: Placement = field(default_factory=Local)


def sessions_of(names: Sequence[str], skipped: list[str]) -> dict[str, Session]:
    """Return the sessions that these names mean, each once, by a short name. Raises NoTrace."""
    found = {session.id: session for name in names for session in lookup.find(name, skipped, _reading)}
    short = short_ids(list(found.values()))
    return {short[id]: session for id, session in found.items()}


def _reading(files: Sequence[Path]) -> Iterable[Path]:
    return with_progress(files, "Reading sessions")


def play(asked: Asked, sessions: dict[str, Session]) -> int:
    """Play all levels and return the exit code. Raises ToolkitError before anything is played."""
    scripts, target, model = asyncio.run(_connect(asked, sessions))
    return _Player(asked, scripts, target, model).play()


async def _connect(asked: Asked, sessions: dict[str, Session]) -> tuple[Scripts, Target, str]:
    """Ask the server what it has, and get ready every request and the model."""
    plan = asked.plan
    found = resolve.find(asked.target, os.environ)
    served = await resolve.survey(found, ask)
    recorded = script.dialects_in(list(sessions.values()))
    to = {each: await resolve.with_format(found, served, each, ask, asked.dialect) for each in recorded}
    [model, *_] = resolve.choose_models(served, [asked.model] if asked.model else [])
    if plan.answers == "live":
        _check_live(to.values())
    options = Options(
        settings=plan.settings,
        timeout=plan.timeout,
        stall_timeout=plan.stall_timeout,
        system_role=asked.system_role,
    )
    scripts = script.prepare_all(
        sessions, to, model, plan, options, lambda steps: with_progress(steps, "Making requests ready")
    )
    target = next(iter(to.values()))
    if error := await resolve.ensure_loaded(target, model, ask, served):
        raise TargetError(error.message)
    await warm_up(PassSetup(target, model, options))
    return scripts, target, model


def _check_live(targets: Iterable[Target]) -> None:
    for target in targets:
        if target.dialect not in history.FORMATS:
            raise TargetError(
                f"--answers live works in the API formats {' and '.join(history.FORMATS)}, not in {target.dialect}. "
                "Choose one with --dialect."
            )


class _Player:
    def __init__(self, asked: Asked, scripts: Scripts, target: Target, model: str) -> None:
        self._asked = asked
        self._scripts = scripts
        self._target = target
        self._model = model
        self._driver = Driver(asked.plan, scripts, asked.placement)
        self._line = LiveLine()
        self._rows: list[Row] = []  # of the level that is being played
        self._level: Level = asked.plan.levels[0]
        self._watch = Watch(self._on_row, self._on_tick)

    def play(self) -> int:
        asked, plan = self._asked, self._asked.plan
        self._folder = Folder(asked.folder, plan, self._target, self._model, self._scripts)
        turns_of = self._scripts.turns_of
        sessions = f"{len(turns_of)} session{'s' if len(turns_of) > 1 else ''}"
        self._report(
            f"Plays {sessions} ({sum(turns_of.values())} turns) to {printable(self._model)}, seed {plan.seed}."
        )
        for note in self._notes():
            self._report(printable(note))
        monitor = Monitor(self._target, self._folder.keep_sample)
        monitor.start()
        try:
            self._play_levels()
        except Stopped as stopped:
            self._take(stopped.run)
            self._report("Stopped. This is what was finished:")
            self._show()
            return STOPPED
        finally:
            self._line.clear()
            monitor.stop()
            self._folder.close()
        self._show()
        return 0 if self._is_whole() else 1

    def _play_levels(self) -> None:
        """Play the plan's levels, or those that a search asks for. Raises Stopped."""
        if self._asked.plan.knee:
            self._folder.keep_knee(search(self._try, self._asked.plan.knee))
            return
        for played in self._driver.levels(self._watch):
            self._take(played)

    def _try(self, agents: int) -> Tally:
        """Play so many agents, and return how many turns were good in all runs of this level."""
        plan, sent = self._asked.plan, len(self._folder.saved.rows)
        left = None if plan.knee is None or plan.knee.most_requests is None else plan.knee.most_requests - sent
        if left is not None and left <= 0:
            raise OutOfRequests
        self._level = Agents(agents)
        played = self._driver.play(self._level, self._watch, left)
        self._take(played)
        if played.gave_up:
            raise ServerGone
        saved = self._folder.saved
        rows = [row for row in saved.rows if row.level == self._level.name and not row.warmup]
        runs = sum(run.level == self._level.name for run in saved.runs)
        return Tally(sum(within(row, plan.objectives) for row in rows), len(rows), runs)

    def _notes(self) -> list[str]:
        think, pauses = self._asked.plan.think, [turn.pause for each in self._scripts.scripts for turn in each.turns]
        cut = sum(1 for pause in pauses if pause * think.factor > think.longest)
        long = [f"{cut} of {len(pauses)} pauses are cut to {think.longest:g} s (--longest-pause)."] if cut else []
        return [*(f"Note: {note}" for note in self._scripts.notes), *long]

    def _on_row(self, row: Row) -> None:
        self._rows.append(row)
        self._folder.keep(row)

    def _on_tick(self, elapsed: float) -> None:
        plan, rows = self._asked.plan, self._rows
        firsts = sorted(row.ttft for row in rows[-RECENT:] if row.ttft is not None)
        median = percentile(firsts, 50)
        failed = sum(not row.ok for row in rows)
        words = [
            f"{self._which_level()}: {min(elapsed, plan.duration):.0f} of {plan.duration:.0f} s",
            f"{len(rows)} turns",
            *([f"{failed} failed"] if failed else []),
            *([f"first token after {median:.2f} s"] if median is not None else []),
            *(["waiting for the last answers"] if elapsed > plan.duration else []),
        ]
        self._line.show(", ".join(words))

    def _which_level(self) -> str:
        plan, number = self._asked.plan, len(self._folder.saved.runs) + 1
        if plan.knee:
            return f"{self._level.name} (run {number} of the search)"
        return f"{plan.levels[(number - 1) % len(plan.levels)].name} ({number} of {len(plan.levels) * plan.repeats})"

    def _take(self, played: LevelRun) -> None:
        self._rows = []
        self._folder.keep_run(played)
        self._line.clear()

    def _show(self) -> None:
        summaries = self._folder.saved.summaries()
        self._report(f"✓ Results saved to: {self._folder.path}\n")
        say(render([table.row(one) for one in summaries], table.columns(), self._asked.style))
        for sentence in table.sentences(summaries, self._asked.plan.objectives):
            self._report(printable(sentence))
        saved, plan = self._folder.saved, self._asked.plan
        if saved.knee and plan.knee:
            for sentence in table.verdict(saved.knee, plan.knee, summaries, saved.cause()):
                self._report(printable(sentence))
        for message, count in self._failures():
            self._report(printable(f"✗ {count} × {message}"))

    def _failures(self) -> list[tuple[str, int]]:
        """Return the commonest messages of failures, with how often each came."""
        counts: dict[str, int] = {}
        for row in self._folder.saved.rows:
            if row.error is not None:
                words = f"{row.error}: {row.message}"
                counts[words] = counts.get(words, 0) + 1
        return sorted(counts.items(), key=lambda one: -one[1])[:5]

    def _is_whole(self) -> bool:
        """Return whether each level has an answer, and none ended before its time."""
        saved = self._folder.saved
        answered = {row.run for row in saved.rows if row.ok}
        return all(run.run in answered and not run.troubles for run in saved.runs)

    def _report(self, words: str) -> None:
        """Print a line: to standard error where the table is in a format for programs."""
        say(words, error=self._asked.style != "table")
