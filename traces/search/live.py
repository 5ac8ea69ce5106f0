"""Adds an exchange to the index as soon as it is recorded, so that the next command needn't read it.

Whatever goes wrong here is left to that command: recording goes on.
"""

import sqlite3
from pathlib import Path

from traces.model import Trace
from traces.search.fill import Filler
from traces.storage import store
from traces.storage.head import head_of
from traces.storage.index import database, heads


def add(root: Path, path: Path, trace: Trace) -> None:
    """Add a trace whose file was just written."""
    with database.opened(root, quiet=True) as index:
        if index is not None and database.has_words(index):
            database.attempt(root, lambda: _add(index, root, path, trace), quiet=True)


def _add(index: sqlite3.Connection, root: Path, path: Path, trace: Trace) -> None:
    version = store.version(path)
    if version is None:
        return
    filler = Filler(index)
    read = filler.read_trace(trace)
    with database.writing(index):
        file = heads.keep(index, path.relative_to(root).as_posix(), version, [head_of(trace)])
        filler.write(file, [read])
