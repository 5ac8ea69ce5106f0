"""The tokens by section that the index knows of files, and those that are found out now, for the next time."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from itertools import groupby
from operator import attrgetter
from os.path import commonpath
from pathlib import Path
from types import TracebackType
from typing import Self

from traces.storage import catalog, store
from traces.storage.index import database, heads, sections
from traces.storage.index.sections import Counted, KeyOf
from traces.storage.store import Version


class CountedFiles:
    """What the index knows of files. Of those that aren't in the folder of all traces, it knows nothing.

    It is a context manager, within which the index is open.
    """

    def __init__(self, files: Sequence[Path], key_of: KeyOf) -> None:
        self._root = store.root()
        self._files = [file for file in files if self._root in file.parents]
        self._key_of = key_of
        self._known: dict[str, list[Counted]] = {}
        self._versions: dict[str, Version] = {}
        self._index: sqlite3.Connection | None = None
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        if self._files:
            if len(self._files) <= catalog.FEW:
                catalog.look_up(self._files, [])  # brings their rows up to date
            self._index = self._opened.enter_context(database.opened(self._root))
            if (index := self._index) is not None:
                database.attempt(self._root, lambda: self._ask(index))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def _ask(self, index: sqlite3.Connection) -> None:
        where, values = self._up_to_date(index)
        self._versions = sections.versions(index, self._root, where, values)
        self._known = sections.known(index, self._root, where, values, self._key_of)

    def _up_to_date(self, index: sqlite3.Connection) -> tuple[str, Sequence[object]]:
        """Return the condition that a file is one of these, or, of many, in their folder; its rows are up to date."""
        if len(self._files) > catalog.FEW:
            folder = Path(commonpath({file.parent for file in self._files}))
            heads.update(index, self._root, folder, [])  # what can't be read is reported by who reads it
            return heads.within(self._root, folder)
        paths = [heads.stored(str(file)[len(f"{self._root}/") :]) for file in self._files]
        return f"path IN ({', '.join('?' * len(paths))})", paths

    def of(self, file: Path) -> list[Counted] | None:
        """Return the counts of each exchange in a file; None where it has to be read."""
        return self._known.get(str(file))

    def keep(self, counted: Iterable[Counted]) -> None:
        """Keep the counts of files, each of which was read whole."""
        by_file = groupby(counted, attrgetter("file"))
        found = [(version, list(some)) for file, some in by_file if (version := self._versions.get(file))]
        if (index := self._index) is not None and found:
            database.attempt(self._root, lambda: sections.keep(index, self._root, found))
