"""What is kept of a load, in a folder of its own: enough to compute every figure again.

plan.json       what was asked of which server, the sessions, and how each run went
rows.jsonl      a line for each request (`replay.load.rows`), written as soon as it is finished
rows.csv        the same as a table, once the load is over
summary.json    the figures of each level
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from replay.errors import ResultError
from replay.load import rows, table
from replay.load.driver import LevelRun
from replay.load.plan import Agents, Arrivals, Level, LoadPlan
from replay.load.rows import Row
from replay.load.script import Scripts
from replay.load.summary import Summary, by_level, summarize
from replay.request import Target
from replay.results import files
from traces import jsonio, redact
from traces.storage import shapes, store
from ui.tables import as_csv

VERSION = 1


@dataclass(frozen=True, slots=True)
class Run:
    """How a run of a level went (see `driver.LevelRun`); `troubles` say why it isn't the load that was asked for."""

    run: int
    level: str
    start_at: float
    troubles: tuple[str, ...] = ()
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """A load as it is kept. `turns_of` is how many turns each session has."""

    plan: LoadPlan
    target: str
    model: str
    server: str
    started: str
    turns_of: Mapping[str, int]
    runs: tuple[Run, ...]
    rows: tuple[Row, ...]

    def summaries(self) -> list[Summary]:
        """Return the figures of each level, in the order in which they were first played."""
        return [
            summarize(found, self.plan, self.turns_of, self._troubles(level))
            for level, found in by_level(self.rows).items()
        ]

    def _troubles(self, level: str) -> list[str]:
        return [trouble for run in self.runs if run.level == level for trouble in run.troubles]


class Folder:
    """A load's folder, while it is played."""

    def __init__(self, above: Path, plan: LoadPlan, target: Target, model: str, scripts: Scripts) -> None:
        """Make the folder. Raises ResultError where nothing can be saved there."""
        started = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.path = above / f"load_{store.stem_of(started)}"
        files.reserve(self.path)
        server = " ".join(filter(None, (target.server, target.version)))
        url = redact.url(target.url)
        self.saved = Saved(plan, url, model, server, started, scripts.turns_of, (), ())
        self._rows = (self.path / "rows.jsonl").open("ab")
        self._write_plan()

    def keep(self, row: Row) -> None:
        """Write a row at once: what is finished survives whatever comes."""
        self._rows.write(jsonio.dumps(rows.to_dict(row)) + b"\n")
        self._rows.flush()

    def keep_run(self, played: LevelRun) -> None:
        """Take a run that is over, with its rows as they are now complete."""
        run = Run(played.run, played.level.name, played.start_at, tuple(_troubles(played)), played.stopped)
        kept = [row for row in self.saved.rows if row.run != played.run]
        self.saved = replace(self.saved, runs=(*self.saved.runs, run), rows=(*kept, *played.rows))
        self._write_plan()

    def close(self) -> None:
        """Write the rows anew, with what is known only at the end, and as a table; and the figures."""
        self._rows.close()
        documents = [rows.to_dict(row) for row in self.saved.rows]
        store.replace(self.path / "rows.jsonl", b"".join(jsonio.dumps(each) + b"\n" for each in documents))
        flat = [{name: _flat(value) for name, value in each.items()} for each in documents]
        if flat:
            store.replace(self.path / "rows.csv", (as_csv(flat, list(flat[0])) + "\n").encode())
        figures = [table.row(summary) for summary in self.saved.summaries()]
        store.replace(self.path / "summary.json", _pretty(figures))

    def _write_plan(self) -> None:
        saved = self.saved
        document = {
            "version": VERSION,
            "tool_version": version("anyclaude-toolkit"),
            **{name: shapes.to_json(getattr(saved, name)) for name in ("target", "model", "server", "started")},
            "plan": shapes.to_json(saved.plan),
            "turns_of": dict(saved.turns_of),
            "runs": shapes.to_json(saved.runs),
        }
        store.replace(self.path / "plan.json", _pretty(document))


def _troubles(played: LevelRun) -> Iterable[str]:
    for lost in played.lost:
        lanes = ", ".join(map(str, lost.lanes))
        yield f"{lost.name} was {lost.why}, and with it the agents {lanes}"
    if played.gave_up:
        yield played.gave_up


def _flat(value: object) -> object:
    return " ".join(map(str, value)) if isinstance(value, tuple | list) else value


def _pretty(document: object) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def load(folder: Path) -> Saved:
    """Read a load's folder. Raises ResultError, which names what can't be read."""
    file = folder / "plan.json"
    try:
        document: Any = jsonio.loads(file.read_bytes())
        plan = document["plan"]
        levels = tuple(map(_level, plan["levels"]))
        given: Mapping[str, Any] = {name: value for name, value in plan.items() if name != "levels"}
        file = folder / "rows.jsonl"
        lines = file.read_bytes().splitlines()
        found = [rows.from_dict(_object(jsonio.loads(line))) for line in lines if line.strip()]
        file = folder / "plan.json"
        return Saved(
            plan=replace(shapes.build(LoadPlan, given), levels=levels),
            **{name: str(document[name]) for name in ("target", "model", "server", "started")},
            turns_of=document["turns_of"],
            runs=shapes.build(tuple[Run, ...], document["runs"]),
            rows=tuple(found),
        )
    except OSError as error:
        raise ResultError(f"{file}: {error.strerror}. A load's folder holds plan.json and rows.jsonl.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ResultError(f"{file}: isn't as `trace-replayer load` writes it: {error}.") from error


def _level(given: Mapping[str, Any]) -> Level:
    return shapes.build(Agents if "count" in given else Arrivals, given)  # type: ignore[no-any-return]


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("a row is an object")
    return value
