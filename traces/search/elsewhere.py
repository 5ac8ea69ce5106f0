"""Search in files of their own: in an index of these alone, in memory.

So a single trace is searched in all that it holds, not only in what it was the first to say; and files that aren't in
the folder of all traces needn't be imported.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from traces.errors import TraceFormatError
from traces.search import fill
from traces.storage import store
from traces.storage.head import Values, head_of
from traces.storage.index import database, heads


@contextmanager
def indexed(files: Sequence[Path], root: Path, skipped: list[str], each: fill.Each) -> Iterator[sqlite3.Connection]:
    """Yield an index of the files, under their whole paths. Reasons why some can't be read go to `skipped`."""
    with database.in_memory() as index:
        rows = [(str(file.absolute()), store.NO_VERSION, list(_heads(file, skipped))) for file in files]
        with database.writing(index):
            heads.write(index, [row for row in rows if row[2]])
        fill.fill(index, root, [], each)  # what is wrong with a file was said above
        yield index


def _heads(file: Path, skipped: list[str]) -> Iterator[Values]:
    try:
        yield from (head_of(trace).values for trace in store.read(file, events=False))
    except TraceFormatError as error:
        skipped.append(str(error))
