"""Which sessions, and traces without one, the user wants to keep: a line each in `starred.txt` beside the traces."""

from collections.abc import Iterable
from pathlib import Path

from traces.sessions import lookup
from traces.storage import store
from traces.storage.resolve import resolve


def starred(root: Path) -> list[str]:
    """Return the ids of sessions, and the names of traces, in the order in which they were starred."""
    try:
        lines = _file(root).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [line.strip() for line in lines if line.strip()]


def star(root: Path, names: Iterable[str]) -> None:
    """Add ids and names. Raises OSError."""
    _write(root, dict.fromkeys([*starred(root), *names]))


def unstar(root: Path, names: Iterable[str]) -> None:
    """Take ids and names away. Raises OSError."""
    gone = set(names)
    _write(root, [one for one in starred(root) if one not in gone])


def meant_by(name: str) -> list[str]:
    """Return what to star for a name of a command line: the ids of a session, else the name of a trace.

    Raises ToolkitError where the name means nothing.
    """
    meaning = resolve(name)
    if meaning.kind == "session":
        return list(lookup.by_id(name, meaning.path, []).ids) or [name]
    if meaning.kind == "trace":
        session = store.peek(meaning.path).ids.session
        return [session or store.stem(meaning.path.resolve().name)]
    return [id for session in lookup.find(name, []) for id in session.ids]


def _file(root: Path) -> Path:
    return root / "starred.txt"


def _write(root: Path, names: Iterable[str]) -> None:
    store.replace(_file(root), "".join(f"{name}\n" for name in names).encode())
