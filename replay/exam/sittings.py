"""Where exams are kept: a folder for each sitting, named by its time, with a result for each answer.

FOLDER/2026-11-28T01-00-12-345/…_replay_….json    one result an answer, as `replay` saves them
FOLDER/2026-11-28T01-00-12-345/SESSION.json       the report; .csv holds a row an answer, .html is the page

The newest sitting is continued: what is answered there isn't asked again. `--again` begins another one.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from replay.errors import ResultError
from replay.result import ReplayResult
from replay.results import files
from traces.storage import store

_SITTING = re.compile(r"\d{4}-\d\d-\d\dT[\d-]+")


def all_in(folder: Path) -> list[Path]:
    """Return the sittings in a folder, oldest first."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(each for each in found if each.is_dir() and _SITTING.fullmatch(each.name))


def current(folder: Path, again: bool) -> Path:
    """Return the sitting to go on with: the newest one, or, where there is none or with `again`, a new one."""
    there = all_in(folder)
    if there and not again:
        return there[-1]
    now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    return folder / store.stem_of(now)


def against(folder: Path, name: str, now: Path) -> list[Path]:
    """Return the sittings that a name means: `last` is the one before this, a folder of sittings means all of them.

    Raises ResultError where there is none.
    """
    if name == "last":
        before = [each for each in all_in(folder) if each.name < now.name]
        if not before:
            raise ResultError(f"{folder}: no earlier exam to compare with. --again begins another one beside this.")
        return before[-1:]
    path = Path(name)
    if not path.is_dir():
        raise ResultError(f"{name}: no such folder. --against takes `last`, an exam's folder, or a folder of exams.")
    found = [each for each in all_in(path) if each.resolve() != now.resolve()]
    if not found and not (path.resolve() != now.resolve() and any(results(path))):
        raise ResultError(f"{name}: no earlier exam in it.")
    return found or [path]


def results(sitting: Path) -> Iterator[ReplayResult]:
    """Yield the results of a sitting, without the exchanges: those of a whole session may not fit in memory."""
    for file in sorted(sitting.glob("*_replay_*.json")) if sitting.is_dir() else ():
        try:
            yield replace(files.load(file), exchange=None, chunks=())
        except ResultError:
            continue  # a file that can't be read is asked for again


def newest(sitting: Path) -> dict[str, ReplayResult]:
    """Return the newest answer of each run in a sitting, by its key; runs that failed are asked again."""
    found = [result for result in results(sitting) if result.success]
    return {result.key: result for result in sorted(found, key=lambda result: result.started)}
