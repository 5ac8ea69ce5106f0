"""Writes the exchanges in records of other programs as traces, each of them once however often it is imported.

A trace's name ends with its origin's id, by which it is found again. Where the record tells more meanwhile (a session
goes on, an answer is whole now), the trace is replaced. What is there from another source isn't imported beside it: a
session that the proxy recorded has a transcript, too.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from traces.errors import TraceFormatError
from traces.model import TEXT_REMOVED, Json, Trace
from traces.storage import catalog, codec, foreign, store
from traces.storage.foreign.base import Notes
from traces.storage.resolve import existing_path

FOLDER = "imported"
"""The folder, in that of all traces, that imports go to: a folder for each format below it."""

_ID = re.compile(r"-([0-9a-f]{16}(?:-\d+)?)\.json$")

Each = Callable[[Sequence[Path]], Iterable[Path]]
"""How files are iterated over: `iter`, or something that shows its progress."""


@dataclass(slots=True)
class Outcome:
    """What was imported.

    new        exchanges that weren't there
    changed    that were, and are replaced since the record tells more now
    known      that were there as they are
    elsewhere  that are there from another source: recorded by the proxy, or imported from another record
    others     records that are no exchanges with a model
    problems   what wasn't understood, file by file
    formats    the titles of the formats that were read -> what a trace made of each can't know
    """

    folder: Path
    new: int = 0
    changed: int = 0
    known: int = 0
    elsewhere: int = 0
    others: int = 0
    problems: list[str] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)


def import_path(name: str, into: Path | None = None, is_dry: bool = False, each: Each = iter) -> Outcome:
    """Import a file, or the files in a folder and the folders below it, and return what was done.

    `is_dry` only counts. Raises NoTrace where nothing is at the path, and TraceFormatError where nothing in it is in a
    format that is known here.
    """
    path = existing_path(name)
    files = foreign.files(path) if path.is_dir() else [path]
    if not files:
        raise TraceFormatError(f"{path}: {foreign.NOTHING}")
    outcome = Outcome(into or store.root() / FOLDER)
    target = _Target(outcome, is_dry)
    for file in each(files):
        notes = Notes()
        if found := foreign.format_of(file):
            outcome.formats[found.title] = found.lacks
        try:
            for trace in foreign.read(file, notes):
                target.take(trace)
        except TraceFormatError as error:
            if len(files) == 1 and not (outcome.new or outcome.changed or outcome.known or outcome.elsewhere):
                raise
            outcome.problems.append(str(error))
        outcome.others += notes.others
        if notes.problem:
            outcome.problems.append(f"{file}: {notes.problem}")
    return outcome


class _Target:
    """The folder that traces are written to."""

    def __init__(self, outcome: Outcome, is_dry: bool) -> None:
        self._outcome = outcome
        self._is_dry = is_dry
        self._there = {found[1]: Path(path) for path in store.names(outcome.folder) if (found := _ID.search(path))}
        self._answers: dict[str, dict[str, str]] = {}  # by session, answers' ids -> what they were imported from, or ""

    def take(self, trace: Trace) -> None:
        """Write a trace, unless it is there already."""
        assert trace.origin is not None
        known = self._there.get(trace.origin.id)
        if known is None and self._is_from_elsewhere(trace):
            self._outcome.elsewhere += 1
            return
        data = codec.encode(trace)
        if known is not None and not _tells_more(trace, known, data):
            self._outcome.known += 1
            return
        if known is None:
            self._outcome.new += 1
        else:
            self._outcome.changed += 1
        if (session := trace.ids.session) and (answer := _answer_id(trace.message)):
            self._answers.setdefault(session, {}).setdefault(answer, trace.origin.format)
        if self._is_dry:
            self._there.setdefault(trace.origin.id, Path())
            return
        if known is not None:
            store.replace(known, data)
            return
        folder = self._outcome.folder / trace.origin.format
        stem = f"{store.stem_of(trace.timestamp) or 'unknown-time'}-{trace.origin.id}"
        self._there[trace.origin.id] = store.create(folder, stem, data)

    def _is_from_elsewhere(self, trace: Trace) -> bool:
        """Return whether the same answer of the same session is there from another source.

        A request without an answer is, where any other of its session is: whoever recorded that saw it as well.
        """
        assert trace.origin is not None
        session, answer = trace.ids.session, _answer_id(trace.message)
        if not session:
            return False
        if session not in self._answers:
            self._answers[session] = dict(_kept_answers(session, self._outcome.folder))
        kept, ours = self._answers[session], trace.origin.format
        return kept.get(answer, ours) != ours if answer else any(source != ours for source in kept.values())


def _kept_answers(session: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the ids of the answers of a session that are kept, and the formats they were imported from, if any."""
    root = store.root()
    place = root if root in folder.parents else folder
    if not place.is_dir():
        return
    heads = catalog.ask(place, [], lambda known: known.heads(session) if session in known.sessions() else [])
    for path, _ in heads:
        try:
            trace = store.load(path, events=False)
        except TraceFormatError:
            continue
        if id := _answer_id(trace.message):
            yield id, trace.origin.format if trace.origin else ""


def _answer_id(message: Json) -> str | None:
    id = message.get("id") if isinstance(message, dict) else None
    return id if isinstance(id, str) and id else None


def _tells_more(trace: Trace, known: Path, data: bytes) -> bool:
    """Return whether a trace isn't what is kept of it. A time may be that of a copied file; deleted texts stay so."""
    if known == Path():
        return False  # a dry run has counted it
    try:
        if store.read_bytes(known) == data:
            return False
        kept = store.load(known)
    except TraceFormatError:
        return True
    if TEXT_REMOVED in kept.marks:
        return False
    return codec.encode(replace(trace, timestamp=kept.timestamp)) != codec.encode(kept)
