"""What a name means: `latest`, `last:N`, a path, a trace's name in `list`, else the beginning of a session's id.

Every command resolves names here, so that they mean the same everywhere. No trace is read for it.
"""

import re
from pathlib import Path
from typing import Literal, NamedTuple

from traces.errors import ToolkitError
from traces.storage import store

HOW_TO_CAPTURE = "To make one, run Claude Code through the proxy: anyclaude --mode lmstudio"

HOW_TO_LOOK = "To see what is there: trace-analyzer list, or: trace-analyzer sessions"

SHORTEST_ID = 4
"""Characters of an id that are enough to name a session, if no other begins with them."""

Kind = Literal["trace", "flow", "foreign", "folder", "session"]


class NoTrace(ToolkitError):
    """Nothing has the given name, or there are no traces."""


class Meaning(NamedTuple):
    """What a name means.

    kind     trace: a file with one exchange, recorded or a replay's result; flow: a file of mitmproxy's; foreign: one
             of another program (`traces.storage.foreign`); session: no file has that name, and whether a session has
             must be looked up in the traces
    path     where it is; of a session, the folder of all traces
    newest   N of `last:N`, 1 of `latest`
    """

    kind: Kind
    name: str
    path: Path
    newest: int | None = None


def resolve(name: str) -> Meaning:
    """Return what the name means; of several meanings, a path comes before a trace, and a trace before a session.

    Raises NoTrace where a path doesn't exist, or where there are fewer than N traces.
    """
    if (number := place_from_end(name)) is not None:
        path = newest(number)
        return Meaning(_kind_of(path), name, path, number)
    path = Path(name).expanduser()
    if store.exists(path):
        return Meaning(_kind_of(path), name, path)
    if listed := _find_listed(name):
        return Meaning(_kind_of(listed), name, listed)
    if path.name != name or path.suffix in (".json", ".flow"):
        existing_path(name)  # raises
    return Meaning("session", name, store.root())


def existing_path(name: str, how: str = HOW_TO_LOOK) -> Path:
    """Return the file or folder at a path. Raises NoTrace where there is none, with the advice `how`."""
    path = Path(name).expanduser()
    if not store.exists(path):
        raise NoTrace(f"{name}: no such file or folder. {how}")
    return path


def folder(name: str | None) -> Path:
    """Return the folder with this name, or the file with several exchanges; without a name, the folder of all traces.

    Raises NoTrace where the name means anything else.
    """
    if name is None:
        return store.root()
    meaning = resolve(name)
    if meaning.kind in ("folder", "flow", "foreign"):
        return meaning.path
    if meaning.kind == "session":
        raise NoTrace(f"{name}: no such folder. {HOW_TO_LOOK}")
    raise NoTrace(f"{name}: is not a folder. Name the folder it is in, or use: trace-analyzer session {name}")


def place_from_end(name: str) -> int | None:
    """Return 1 for `latest`, N for `last:N`; None for any other name."""
    counted = re.fullmatch(r"last:([1-9]\d{0,8})", "last:1" if name == "latest" else name)
    return int(counted[1]) if counted else None


def traces_in(folder: Path) -> list[Path]:
    """Return the traces in a folder and the folders below it, oldest first. Raises NoTrace where there are none."""
    by_folder(folder)  # raises
    return store.files(folder)


def by_folder(folder: Path) -> list[tuple[str, list[str]]]:
    """Return each folder with traces, from this one down, and their names, in no order. Raises NoTrace for none."""
    found = list(store.by_folder(folder)) if folder.is_dir() else []
    if not found:
        raise no_traces_in(folder)
    return found


def newest(number: int) -> Path:
    """Return the N-th newest trace. Raises NoTrace where there are fewer."""
    root = store.root()
    by_folder(root)  # raises where there are none
    files = store.names(root)
    if number > len(files):
        there = "is only 1 trace" if len(files) == 1 else f"are only {len(files)} traces"
        raise NoTrace(f"last:{number}: there {there} in {root}.")
    return Path(files[-number])


def no_traces_in(place: object) -> NoTrace:
    """Return the error for a place without traces."""
    return NoTrace(f"No traces found in {place}. {HOW_TO_CAPTURE}")


def no_such_name(name: str, folder: Path) -> NoTrace:
    """Return the error for a name that nothing in the folder has."""
    missing = f"{name}: no such file, folder, trace or session in {folder}"
    if not (folder.is_dir() and store.files(folder)):
        return NoTrace(f"{missing}, where no traces are. {HOW_TO_CAPTURE}")
    short = f" (of a session's id, at least {SHORTEST_ID} characters are needed)" if len(name) < SHORTEST_ID else ""
    return NoTrace(f"{missing}{short}. {HOW_TO_LOOK}")


def _kind_of(path: Path) -> Kind:
    if path.is_dir():
        return "folder"
    if path.suffix == ".flow":
        return "flow"
    return "foreign" if store.holds_several(path) else "trace"


def _find_listed(name: str) -> Path | None:
    """Return the trace with this name in `list`; None where there is none."""
    root = store.root()
    found = (place + file for place, names in store.by_folder(root) for file in names if store.stem(file) == name)
    return next(map(Path, sorted(found)), None)
