"""Which sessions a name means: `latest`, an id or its beginning, a folder, a trace. Files are read one by one.

Where the heads of the files hold the ids, only the files of the wanted session are read whole.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from traces.errors import TraceFormatError
from traces.sessions.agents import ON_THE_SIDE
from traces.sessions.conversation import has_history, opening
from traces.sessions.grouping import Session, Turn, TurnReader, sessions
from traces.storage import catalog, store
from traces.storage.catalog import Catalog
from traces.storage.head import Head
from traces.storage.resolve import SHORTEST_ID, NoTrace, no_such_name, no_traces_in, resolve

_SHOWN = 8  # characters of an id, as `list` shows it

Each = Callable[[Sequence[Path]], Iterable[Path]]
"""How files are iterated over: `iter`, or something that shows its progress."""

Read = Callable[[Iterable[Path], list[str]], Iterator[Turn]]
"""How turns are read from files: `turns`, or a function with a cache."""


def turns(files: Iterable[Path], skipped: list[str]) -> Iterator[Turn]:
    """Yield each exchange in the files, with one trace in memory at a time. Equal parts are the same object."""
    reader = TurnReader()
    for file in files:
        try:
            for place, trace in enumerate(store.read(file), 1):
                yield reader.read(trace, place)
        except TraceFormatError as error:
            skipped.append(str(error))


def find(name: str, skipped: list[str], each: Each = iter) -> list[Session]:
    """Return the sessions that a name means, oldest first: one, unless it names a folder or a .flow file.

    Raises NoTrace where there is none, or where several begin like this.
    """
    kind, _, path, _ = resolve(name)
    if kind == "session":
        return [by_id(name, path, skipped, each)]
    if kind == "trace":
        return [_session_of(path, neighbours(path), skipped, each)]
    return _all(path, skipped, each)


def files_of(name: str, skipped: list[str]) -> list[Path]:
    """Return the traces of the session whose id is this, or begins like this, oldest first. Raises NoTrace."""
    found = by_id(name, store.root(), skipped)
    return list(dict.fromkeys(turn.file for turn in found.turns if turn.file is not None))


def names(recent: int) -> list[str]:
    """Return names for a shell to complete: `latest`, `last:2`, the `recent` newest traces and their sessions."""
    root = store.root()
    files = list(map(Path, store.names(root)[: -recent - 1 : -1])) if root.is_dir() else []
    sessions = (head.ids.session for found in catalog.look_up(files, []) for head in found.heads)
    ids = dict.fromkeys(id[:_SHOWN] for id in sessions if id)
    return ["latest", "last:2", *ids, *(file.stem for file in files)]


def neighbours(file: Path) -> Path:
    """Return the folder to search for other traces of a file's session."""
    root = store.root()
    return root if root.resolve() in file.resolve().parents else file.parent


def _all(path: Path, skipped: list[str], each: Each) -> list[Session]:
    found = sessions(turns(each(store.files(path)), skipped))
    if not found:
        raise no_traces_in(path)
    return found


def _session_of(file: Path, root: Path, skipped: list[str], each: Each) -> Session:
    """Return the session of a trace, which must be readable itself."""
    session = TurnReader().read(store.load(file)).ids.session

    def question(known: Catalog) -> Session:
        if session in known.sessions():
            return _with_predecessor(session, known, skipped, each)
        found = sessions(turns(each(known.unnamed()), skipped))
        wanted = file.resolve()
        return next(one for one in found if any(turn.file and turn.file.resolve() == wanted for turn in one.turns))

    return catalog.ask(root, skipped, question)


def by_id(name: str, root: Path, skipped: list[str], each: Each = iter, read: Read = turns) -> Session:
    """Return the session in the folder whose id this is, or begins like this. Raises NoTrace."""

    def question(known: Catalog) -> Session:
        matching = [id for id in known.sessions() if _matches(name, id)]
        if len(matching) == 1:
            return _with_predecessor(matching[0], known, skipped, each, read)
        unnamed = [one for one in sessions(read(each(known.unnamed()), skipped)) if _matches(name, one.id)]
        if not matching and len(unnamed) == 1:
            return unnamed[0]
        several = [*matching, *(one.id for one in unnamed)]
        if several:
            raise NoTrace(
                f"{name}: {len(several)} sessions begin like this: {', '.join(several[:5])}. Name more of it."
            )
        raise no_such_name(name, root)

    return catalog.ask(root, skipped, question)


def _matches(name: str, id: str) -> bool:
    return id == name or (len(name) >= SHORTEST_ID and id.startswith(name))


def _with_predecessor(id: str, known: Catalog, skipped: list[str], each: Each, read: Read = turns) -> Session:
    """Return the session with the one that it continues under another id, if there is one."""
    begins = next(iter(read(_files(known, [id]), [])), None)
    relatives: list[str] = []
    if begins is not None and has_history(begins):
        others = [other for other in known.sessions() if other != id]
        relatives = [other for other in others if opening(begins) in _openings(known.heads(other))]
    found = sessions(read(each(_files(known, [id, *relatives])), skipped))
    return next(one for one in found if id in one.ids)


def _files(known: Catalog, ids: Iterable[str]) -> list[Path]:
    """Return the files of these sessions, oldest first."""
    return sorted((file for id in ids for file, _ in known.heads(id)), key=lambda file: file.stem)


def _openings(traces: Sequence[tuple[Path, Head]]) -> set[object]:
    """Return the first steps of a session's conversation, at its start and at its end: a compaction changes them."""
    talk = [file for file, head in traces if head.ids.agent is None and head.kind not in ON_THE_SIDE]
    return {opening(turn) for turn in turns({*talk[:1], *talk[-1:]}, [])}
