"""The index's SQLite file: opened, made anew where it is older or damaged, left alone where a newer version wrote it.

    <root>/.index/index.sqlite3

Whatever is wrong with it costs time, never an answer: its users then read the traces themselves, and an `IndexWarning`
says why.
"""

import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from traces.storage import store

VERSION = 5

_WAIT = 5.0
"""Seconds to wait for another command that is writing a batch to the index."""

_BRIEFLY = 0.2
"""Seconds to wait where others wait, too: those whose exchanges are to be recorded."""

_SCHEMA = """
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,       -- relative to the root
    stem TEXT NOT NULL,              -- traces are in the order of these
    size INTEGER NOT NULL, changed INTEGER NOT NULL, inode INTEGER NOT NULL,
    texts_read INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE exchanges (
    id INTEGER PRIMARY KEY,
    file INTEGER NOT NULL,
    place INTEGER NOT NULL,          -- in its file, from 1
    named TEXT,                      -- the session, where all of the file belongs to it
    timestamp TEXT NOT NULL, mode TEXT NOT NULL, state TEXT NOT NULL,
    session TEXT, agent TEXT, parent_agent TEXT,
    model TEXT, kind TEXT NOT NULL, client TEXT NOT NULL,
    input_tokens INTEGER, output_tokens INTEGER, ttft REAL, total REAL,
    marks TEXT, tools TEXT,          -- as JSON; NULL: none
    billed TEXT NOT NULL,            -- the same
    -- known when its texts are read:
    thread INTEGER, title TEXT, project TEXT
);
CREATE INDEX exchanges_of_file ON exchanges (file);
CREATE INDEX exchanges_of_thread ON exchanges (thread, timestamp);
CREATE TABLE threads (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE);
CREATE TABLE calls (                 -- without a session's id: a text in a call's arguments, with which subagents begin
    words BLOB PRIMARY KEY, thread_key BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE texts (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, text TEXT NOT NULL);
CREATE TABLE mentions (              -- of a text, in each thread the first
    thread INTEGER NOT NULL, text_id INTEGER NOT NULL, exchange INTEGER NOT NULL,
    role TEXT NOT NULL, tool TEXT,
    PRIMARY KEY (thread, text_id)
) WITHOUT ROWID;
CREATE INDEX mentions_of_text ON mentions (text_id);
CREATE INDEX mentions_in_exchange ON mentions (exchange);
CREATE TABLE sections (              -- known when a command has counted them: see `sections.py`
    exchange INTEGER NOT NULL, counter BLOB NOT NULL,
    kind TEXT NOT NULL, system INTEGER, tools INTEGER, messages INTEGER,
    PRIMARY KEY (exchange, counter)
) WITHOUT ROWID;
CREATE INDEX exchanges_of_session ON exchanges (named, timestamp);
"""

_WORDS = "CREATE VIRTUAL TABLE words USING fts5 (text, content = 'texts', content_rowid = 'id')"

Value = TypeVar("Value")


class IndexWarning(UserWarning):
    """The index can't be used as it should be. The message says why, and what is done instead."""


def path_of(root: Path) -> Path:
    """Return where the index of these traces is."""
    return root / ".index" / "index.sqlite3"


@contextmanager
def opened(root: Path, quiet: bool = False) -> Iterator[sqlite3.Connection | None]:
    """Yield a connection to the index of these traces; None where it can't be used, with a warning unless `quiet`."""
    connection = _open(root, quiet)
    try:
        yield connection
    finally:
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def attempt(root: Path, ask: Callable[[], Value], quiet: bool = False) -> Value | None:
    """Return what the function returns; None where the index can't answer. A damaged one is removed.

    A warning says why, unless `quiet`.
    """
    try:
        return ask()
    except sqlite3.Error as error:
        _explain(root, error, quiet)
        return None


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Make one transaction of what is written within: all of it is kept, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):  # SQLite has done so itself where the disk is full
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def in_memory() -> Iterator[sqlite3.Connection]:
    """Yield an index that is nowhere else, and gone afterwards."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        _make_tables(connection)
        yield connection


def remove(root: Path) -> None:
    """Delete the index, which the next command makes anew."""
    path = path_of(root)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _open(root: Path, quiet: bool) -> sqlite3.Connection | None:
    path = path_of(root)
    try:
        store.make_private_folder(path.parent)
        path.touch(0o600)
    except OSError:
        return None  # a folder that is only read
    return attempt(root, lambda: _connect(path, quiet), quiet)


def _connect(path: Path, quiet: bool) -> sqlite3.Connection | None:
    connection = sqlite3.connect(path, timeout=_BRIEFLY if quiet else _WAIT, isolation_level=None)
    try:
        return _prepare(connection, quiet)
    except BaseException:
        connection.close()
        raise


def _prepare(connection: sqlite3.Connection, quiet: bool) -> sqlite3.Connection | None:
    """Return the connection, with the tables of this version; None where a newer version made them."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last batch, which is read again
    found = _version(connection)
    if found < VERSION:
        with writing(connection):
            if (found := _version(connection)) < VERSION:
                _make_tables(connection)
                found = VERSION
    if found == VERSION:
        return connection
    connection.close()
    _warn("A newer version of the toolkit wrote the index: without it, this takes longer.", quiet)
    return None


def has_words(connection: sqlite3.Connection) -> bool:
    """Return whether the index can hold words: SQLite may be built without FTS5."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchone() is not None


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _make_tables(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE IF EXISTS words")  # and with it, its own tables
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    for (name,) in tables.fetchall():
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in _SCHEMA.split(";\n"):
        connection.execute(statement)
    with suppress(sqlite3.OperationalError):  # SQLite may be built without FTS5: see `has_words`
        connection.execute(_WORDS)
    connection.execute(f"PRAGMA user_version = {VERSION}")


_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
"""Primary codes of errors that come from the file. SQLITE_ERROR: its tables aren't those of its version."""


def _explain(root: Path, error: sqlite3.Error, quiet: bool) -> None:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _DAMAGED:
        with suppress(OSError):
            remove(root)
        reason = f"The index was damaged ({error}) and is made anew by the next command: this one takes longer."
    elif code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        reason = "Another command is writing the index: without it, this takes longer."
    else:
        reason = f"The index can't be used ({error}): without it, this takes longer."
    _warn(reason, quiet)


def _warn(reason: str, quiet: bool) -> None:
    if not quiet:
        warnings.warn(IndexWarning(reason), stacklevel=4)
