"""Reads a file of the archive whose first page is damaged: that SQLite can't do without, though it holds no trace.

It is the same in each file, as `layout.create` makes them, but for a few counts. So an empty file's stands in.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from traces.storage.archive import layout

_COUNTER, _PAGES, _FREE, _VALID_FOR = 24, 28, slice(32, 40), 92
"""Where SQLite's header has the number of changes, that of pages, the unused ones, and when that of pages was right."""


def replaced(path: Path) -> sqlite3.Connection | None:
    """Return a connection to a copy in memory of a file, with a new first page; None where it can't help."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as empty:
        empty.executescript(layout.MAKE)
        page = bytearray(empty.serialize())
    size = int.from_bytes(page[16:18], "big")
    del page[size:]
    data = path.read_bytes()
    if len(data) <= size or len(data) % size:
        return None
    page[_PAGES : _PAGES + 4] = (len(data) // size).to_bytes(4, "big")
    page[_FREE] = bytes(8)
    page[_VALID_FOR : _VALID_FOR + 4] = page[_COUNTER : _COUNTER + 4]
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.deserialize(bytes(page) + data[size:])
    return connection
