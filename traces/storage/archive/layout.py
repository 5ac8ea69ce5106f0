"""How a file of the archive is laid out: a month's traces in SQLite.

    blocks    items behind one another, after a line of JSON with their lengths; a zstd frame, with a digest of that
    traces    path, version and digest of each file, and the item that describes it
    pieces    which item each part that requests repeat is, by its digest: needed only to add traces

An item is named by its block and its number in there. A description is a line of JSON,

    [path, [[own bytes, block, first item, items], …]]

and behind it the file's own bytes: the file is so many of its own bytes, then so many items with a comma between any
two, and so on. Version 1 (`first_version`) had bytes' places instead of items.

`blocks` and `traces` have a copy each, written behind them: the first of the two that is whole is read.
"""

import sqlite3
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from traces.errors import TraceFormatError

VERSION = 2

BLOCKS, TRACES = ("blocks", "blocks_copy"), ("traces", "traces_copy")

_BLOCKS = "CREATE TABLE {} (id INTEGER PRIMARY KEY, digest BLOB NOT NULL, data BLOB NOT NULL);"
_TRACES = """CREATE TABLE {} (
    path TEXT NOT NULL PRIMARY KEY,   -- relative to the folder of all traces
    size INTEGER NOT NULL, changed INTEGER NOT NULL, inode INTEGER NOT NULL,
    digest BLOB NOT NULL, block INTEGER NOT NULL, number INTEGER NOT NULL
) WITHOUT ROWID;"""
_PIECES = """CREATE TABLE pieces (
    digest BLOB NOT NULL PRIMARY KEY, block INTEGER NOT NULL, number INTEGER NOT NULL
) WITHOUT ROWID;"""

SCHEMA = "\n".join([*map(_BLOCKS.format, BLOCKS), *map(_TRACES.format, TRACES), _PIECES])

MAKE = f"BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"

WAIT = 10.0
"""Seconds to wait while another command writes."""


class Entry(NamedTuple):
    """A trace in the archive: its path relative to the folder of all traces, and what its file was."""

    path: str
    size: int
    changed: int
    inode: int


class Item(NamedTuple):
    """Where something is: in which block, and at which number there."""

    block: int
    number: int


class Step(NamedTuple):
    """A file's next bytes: so many of its own, then so many items from this one on."""

    own: int
    first: Item
    items: int


def digest_of(data: bytes) -> bytes:
    """Return the digest by which pieces are found, and blocks and files are checked."""
    return blake2b(data, digest_size=16).digest()


def rows(connection: sqlite3.Connection, query: str, *values: object) -> list[tuple[Any, ...]] | None:
    """Return the rows; None where the file is damaged there. Raises sqlite3.Error where another command is writing."""
    try:
        return connection.execute(query, values).fetchall()
    except UnicodeEncodeError:
        return []  # a name that the archive doesn't take
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return None


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error means damage: not that another command is writing, or that the file was closed."""
    code = getattr(error, "sqlite_errorcode", 0)  # a text that isn't UTF-8 has none
    is_busy = code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return isinstance(error, sqlite3.DatabaseError) and not is_busy and not isinstance(error, sqlite3.ProgrammingError)


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of a file's layout. Raises TraceFormatError where it is newer than this one."""
    [(version,)] = connection.execute("PRAGMA user_version")
    connection.execute("SELECT COUNT(*) FROM sqlite_master")  # reads what tables there are
    if version > VERSION:
        raise TraceFormatError(f"{path}: A newer version of the toolkit wrote it. Update the toolkit.")
    return int(version)


def create(path: Path) -> sqlite3.Connection:
    """Return a connection that writes to a file of the archive, which is made where it is missing."""
    connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
    try:
        if version_of(connection, path) == 0:
            path.chmod(0o600)
            connection.executescript(MAKE)
    except BaseException:
        connection.close()
        raise
    return connection
