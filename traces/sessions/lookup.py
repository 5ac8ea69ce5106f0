"""Which sessions a name means: `latest`, an id or its beginning, a folder, a trace. One file after another is read.

Where the ids stand in the heads of the files, only those of the session that is asked for are read whole. Knows nothing
of tokens and prints nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from traces.errors import TraceFormatError
from traces.sessions.agents import ON_THE_SIDE
from traces.sessions.conversation import has_history, opening
from traces.sessions.grouping import Session, Turn, TurnReader, sessions
from traces.storage import store
from traces.storage.codec import Head
from traces.storage.resolve import SHORTEST_ID, NoTrace, none_called, none_in, resolve

_SHOWN = 8  # characters of an id, as `list` shows it

Each = Callable[[Sequence[Path]], Iterable[Path]]
"""How files are gone through: `iter`, or something that shows how far it is."""

Read = Callable[[Iterable[Path], list[str]], Iterator[Turn]]
"""How turns are read from files: `turns`, or something that remembers what it has read."""


@dataclass(frozen=True, slots=True)
class Heads:
    """The files of a folder, oldest first: by the session that their heads name, and those whose heads name none."""

    named: dict[str, list[tuple[Path, Head]]] = field(default_factory=dict)
    unnamed: list[Path] = field(default_factory=list)

    def files(self, ids: Iterable[str]) -> list[Path]:
        found = [file for id in ids for file, _ in self.named[id]]
        return sorted(found, key=lambda file: file.stem)


def heads(files: Iterable[Path], skipped: list[str]) -> Heads:
    """Reads no more than the first line, where a file has one that tells. What can't be read is told in `skipped`."""
    found = Heads()
    for file in files:
        try:
            head = None if file.suffix == ".flow" else store.peek(file)
        except TraceFormatError as error:
            skipped.append(str(error))
            continue
        if head and head.ids.session:
            found.named.setdefault(head.ids.session, []).append((file, head))
        else:
            found.unnamed.append(file)
    return found


def turns(files: Iterable[Path], skipped: list[str]) -> Iterator[Turn]:
    """Every exchange in the files, one trace in memory at a time. Equal parts are the same object."""
    reader = TurnReader()
    for file in files:
        try:
            for place, trace in enumerate(store.read(file), 1):
                yield reader.read(trace, place)
        except TraceFormatError as error:
            skipped.append(str(error))


def find(name: str, skipped: list[str], each: Each = iter) -> list[Session]:
    """The sessions that a name stands for, oldest first: one, unless it is a folder's or a .flow file's.

    Raises NoTrace where there is none, or where several begin like this.
    """
    kind, _, path, _ = resolve(name)
    if kind == "session":
        return [of_id(name, path, skipped, each)]
    if kind == "trace":
        return [_of_file(path, neighbours(path), skipped, each)]
    return _all(path, skipped, each)


def files_of(name: str, skipped: list[str]) -> list[Path]:
    """Return the traces of the session whose id is this, or begins like this, oldest first. Raises NoTrace."""
    found = of_id(name, store.root(), skipped)
    return list(dict.fromkeys(turn.file for turn in found.turns if turn.file is not None))


def names(recent: int) -> list[str]:
    """Return what a shell is offered: `latest`, `last:2`, and the newest sessions and traces, so many traces back."""
    root = store.root()
    files = store.files(root)[: -recent - 1 : -1] if root.is_dir() else []
    ids = [id[:_SHOWN] for id in heads(files, []).named]
    return ["latest", "last:2", *ids, *(file.stem for file in files)]


def neighbours(file: Path) -> Path:
    """Return the folder in which the other traces of a file's session are sought."""
    root = store.root()
    return root if root.resolve() in file.resolve().parents else file.parent


def _all(path: Path, skipped: list[str], each: Each) -> list[Session]:
    found = sessions(turns(each(store.files(path)), skipped))
    if not found:
        raise none_in(path)
    return found


def _of_file(file: Path, root: Path, skipped: list[str], each: Each) -> Session:
    """The session that a trace belongs to. The trace itself must be readable."""
    session = TurnReader().read(store.load(file)).ids.session
    known = heads(store.files(root), skipped)
    if session in known.named:
        return _with_what_it_carries_on(session, known, skipped, each)
    found = sessions(turns(each(known.unnamed), skipped))
    return next(one for one in found if any(turn.file and turn.file.samefile(file) for turn in one.turns))


def of_id(name: str, root: Path, skipped: list[str], each: Each = iter, read: Read = turns) -> Session:
    """The session in the folder whose id this is, or begins like this. Raises NoTrace."""
    known = heads(store.files(root) if root.is_dir() else [], skipped)
    matching = [id for id in known.named if _means(name, id)]
    if len(matching) == 1:
        return _with_what_it_carries_on(matching[0], known, skipped, each, read)
    unnamed = [one for one in sessions(read(each(known.unnamed), skipped)) if _means(name, one.id)]
    if not matching and len(unnamed) == 1:
        return unnamed[0]
    several = [*matching, *(one.id for one in unnamed)]
    if several:
        raise NoTrace(f"{name}: {len(several)} sessions begin like this: {', '.join(several[:5])}. Name more of it.")
    raise none_called(name, root)


def _means(name: str, id: str) -> bool:
    return id == name or (len(name) >= SHORTEST_ID and id.startswith(name))


def _with_what_it_carries_on(id: str, known: Heads, skipped: list[str], each: Each, read: Read = turns) -> Session:
    """The session, and before it that under another id whose conversation it carries on, if there is one."""
    begins = next(iter(read(known.files([id]), [])), None)
    relatives: list[str] = []
    if begins is not None and has_history(begins):
        others = [other for other in known.named if other != id]
        relatives = [other for other in others if opening(begins) in _openings(known.named[other])]
    found = sessions(read(each(known.files([id, *relatives])), skipped))
    return next(one for one in found if id in one.ids)


def _openings(held: Sequence[tuple[Path, Head]]) -> set[object]:
    """What a session's conversation began with, and what it began with at its end: a compaction changes that."""
    talk = [file for file, head in held if head.ids.agent is None and head.kind not in ON_THE_SIDE]
    return {opening(turn) for turn in turns({*talk[:1], *talk[-1:]}, [])}
