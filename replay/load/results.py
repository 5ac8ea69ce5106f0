"""What is kept of a load, in a folder of its own: enough to compute every figure again.

plan.json       what was asked of which server, the sessions, and how each run went
rows.jsonl      a line for each request (`replay.load.rows`), written as soon as it is finished
rows.csv        the same as a table, once the load is over
server.jsonl    what the server told of itself meanwhile, a line for each second; empty where it tells nothing
summary.json    the figures of each level, and in `knee` what a search has found
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from replay.errors import ResultError
from replay.load import cause, rows, table, told
from replay.load.cause import Cause
from replay.load.driver import LevelRun
from replay.load.knee import Knee
from replay.load.monitor import Sample
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
    samples: tuple[Sample, ...] = ()
    knee: Knee | None = None

    def summaries(self) -> list[Summary]:
        """Return the figures of each level, in the order in which they were first played; of a search by their load."""
        found = [
            summarize(rows, self.plan, self.turns_of, self._troubles(level), self.told(level))
            for level, rows in by_level(self.rows).items()
        ]
        return sorted(found, key=lambda summary: summary.load) if self.plan.knee else found

    def told(self, level: str) -> dict[str, float]:
        """Return what the server told of itself during the last run of a level, after the warm-up."""
        starts = [run.start_at for run in self.runs if run.level == level]
        if not starts:
            return {}
        ended = max((row.ended for row in self.rows if row.level == level), default=0.0)
        until = min(self.plan.duration, ended)
        return told.over(self.samples, starts[-1] + self.plan.warmup, starts[-1] + until)

    def cause(self) -> Cause | None:
        """Return what gave way at the knee; None where no knee was found."""
        if self.knee is None or self.knee.breaks is None:
            return None
        before, after = (Agents(count).name if count else "" for count in (self.knee.carries, self.knee.breaks))
        rows = by_level(self.rows)
        sides = told.averages(self.told(before), self.told(after))
        return cause.find(rows.get(before, []), rows.get(after, []), self.plan.objectives, sides)

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
        self._samples = (self.path / "server.jsonl").open("ab")
        self._write_plan()

    def keep(self, row: Row) -> None:
        """Write a row at once: what is finished survives whatever comes. Raises ResultError where there is no room."""
        try:
            self._rows.write(jsonio.dumps(rows.to_dict(row)) + b"\n")
            self._rows.flush()
        except OSError as error:
            raise ResultError(f"{self.path / 'rows.jsonl'}: {error.strerror}. The load was ended.") from error

    def keep_sample(self, sample: Sample) -> None:
        """Write what the server told."""
        self.saved = replace(self.saved, samples=(*self.saved.samples, sample))
        self._samples.write(jsonio.dumps({"at": sample.at, **sample.values}) + b"\n")
        self._samples.flush()

    def keep_knee(self, knee: Knee) -> None:
        """Take what a search has found."""
        self.saved = replace(self.saved, knee=knee)
        self._write_plan()

    def keep_run(self, played: LevelRun) -> None:
        """Take a run that is over, with its rows as they are now complete."""
        run = Run(played.run, played.level.name, played.start_at, tuple(_troubles(played)), played.stopped)
        kept = [row for row in self.saved.rows if row.run != played.run]
        self.saved = replace(self.saved, runs=(*self.saved.runs, run), rows=(*kept, *played.rows))
        self._write_plan()

    def close(self) -> None:
        """Write the rows anew, with what is known only at the end, and as a table; and the figures."""
        self._rows.close()
        self._samples.close()
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
            "knee": shapes.to_json(saved.knee),
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


def folders(paths: Iterable[Path]) -> list[Path]:
    """Return the loads' folders among these paths and directly below them; none where a path holds something else."""
    found: list[Path] = []
    for path in paths:
        inside = [path] if _is_load(path) else sorted(filter(_is_load, path.iterdir())) if path.is_dir() else []
        if not inside:
            return []
        found += inside
    return found


def _is_load(path: Path) -> bool:
    return (path / "plan.json").is_file() and (path / "rows.jsonl").is_file()


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
            samples=tuple(_samples(folder / "server.jsonl")),
            knee=shapes.build(Knee | None, document.get("knee")),
        )
    except OSError as error:
        raise ResultError(f"{file}: {error.strerror}. A load's folder holds plan.json and rows.jsonl.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ResultError(f"{file}: isn't as `trace-replayer load` writes it: {error}.") from error


def _samples(file: Path) -> Iterator[Sample]:
    """Yield the samples of a load; those that were watched by no version before this one have none."""
    for line in file.read_bytes().splitlines() if file.exists() else ():
        values = dict(_object(jsonio.loads(line)))
        yield Sample(values.pop("at"), values)


def _level(given: Mapping[str, Any]) -> Level:
    return shapes.build(Agents if "count" in given else Arrivals, given)  # type: ignore[no-any-return]


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("a row is an object")
    return value
