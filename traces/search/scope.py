"""Where a search looks: in the sessions of a folder, in one session, or in files of their own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from traces.sessions import lookup
from traces.storage import store
from traces.storage.index import heads
from traces.storage.resolve import no_traces_in, resolve

Condition = tuple[str, Sequence[object]]
"""Which exchanges count, as SQL and its values."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is searched.

    condition   of all traces, those threads that have an exchange in here
    files       to be searched by themselves, in all that they hold
    """

    condition: Condition | None = None
    files: Sequence[Path] = ()

    @property
    def alone(self) -> bool:
        return self.condition is None


def scope(name: str, skipped: list[str]) -> Scope:
    """Return what a name means to a search. Raises NoTrace where it means nothing."""
    kind, _, path, _ = resolve(name)
    root = store.root()
    if kind == "session":
        return Scope(_threads_of(lookup.files_of(name, skipped), root))
    if kind == "folder" and (path := path.absolute()).is_relative_to(root):
        where, values = heads.within(root, path)
        return Scope((_IN_THREADS.format(where), values))
    files = store.files(path)
    if not files:
        raise no_traces_in(path)
    return Scope(files=files)


_IN_THREADS = "exchanges.thread IN (SELECT thread FROM exchanges JOIN files ON files.id = file WHERE {})"


def _threads_of(files: Sequence[Path], root: Path) -> Condition:
    paths = [str(file.relative_to(root)) for file in files]
    return _IN_THREADS.format("path IN (SELECT value FROM json_each(?))"), (json.dumps(paths),)
