"""One file of the archive: a month's traces in SQLite.

    blocks    about a megabyte of pieces and of descriptions, as a zstd frame, with a digest of that
    pieces    where each part that requests repeat is: found by its digest
    traces    path, version and digest of each file, and where its description is

A description is a line of JSON, [[own bytes, first piece, pieces], …], and behind it the file's own bytes: the file is
so many of its own bytes, then so many pieces, and so on. Pieces that follow one another have ids that do.
"""

import json
import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple

from traces.errors import TraceFormatError
from traces.storage.archive import zstd

VERSION = 1

SCHEMA = """
CREATE TABLE blocks (id INTEGER PRIMARY KEY, digest BLOB NOT NULL, data BLOB NOT NULL);
CREATE TABLE pieces (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE,
    block INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL
);
CREATE TABLE traces (
    path TEXT NOT NULL PRIMARY KEY,   -- relative to the folder of all traces
    size INTEGER NOT NULL, changed INTEGER NOT NULL, inode INTEGER NOT NULL, digest BLOB NOT NULL,
    block INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL
);
"""

CACHED = 64 * 2**20
"""Bytes of blocks that are kept decompressed."""

_WAIT = 10.0
"""Seconds to wait while another command writes."""


class Entry(NamedTuple):
    """A trace in the archive: its path relative to the folder of all traces, and what its file was."""

    path: str
    size: int
    changed: int
    inode: int


class Book:
    """A file of the archive, opened to be read. It can be used by several threads."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises TraceFormatError where it isn't one, or a newer version wrote it."""
        self.path = path
        self._lock = RLock()
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._cached = 0
        try:
            uri = f"{path.resolve().as_uri()}?mode=rw"  # what a killed writer left is put right by whoever opens it
            self._connection = sqlite3.connect(uri, uri=True, timeout=_WAIT, check_same_thread=False)
        except sqlite3.Error as error:
            raise TraceFormatError(f"{path}: This file of the archive can't be read: {error}.") from error
        try:
            [(version,)] = self._rows("PRAGMA user_version")
            if version > VERSION:
                raise TraceFormatError(f"{path}: A newer version of the toolkit wrote it. Update the toolkit.")
        except TraceFormatError:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def entries(self) -> list[Entry]:
        """Return the traces in it. Raises TraceFormatError."""
        return [Entry(*row) for row in self._rows("SELECT path, size, changed, inode FROM traces")]

    def entry(self, path: str) -> Entry | None:
        """Return a trace in it; None where it isn't there. Raises TraceFormatError."""
        rows = self._rows("SELECT path, size, changed, inode FROM traces WHERE path = ?", path)
        return Entry(*rows[0]) if rows else None

    def read(self, path: str) -> bytes | None:
        """Return the file of a trace; None where it isn't there. Raises TraceFormatError where it is damaged."""
        with self._lock:
            rows = self._rows("SELECT digest, block, start, length FROM traces WHERE path = ?", path)
            if not rows:
                return None
            digest, *place = rows[0]
            try:
                data = b"".join(self._put_together(self._bytes(*place)))
            except (ValueError, IndexError, TypeError, zstd.DamagedError) as error:
                raise self._damaged(path, str(error)) from error
            if digest_of(data) != digest:
                raise self._damaged(path, "it isn't what was put there")
            return data

    def problems(self) -> list[str]:
        """Return what SQLite finds wrong with the file."""
        return [str(row[0]) for row in self._rows("PRAGMA integrity_check") if row[0] != "ok"]

    def _damaged(self, path: str, reason: str) -> TraceFormatError:
        return TraceFormatError(f"{path}: Damaged in {self.path}: {reason}.")

    def _put_together(self, description: bytes) -> Iterator[bytes]:
        line, _, own = description.partition(b"\n")
        start = 0
        for length, first, count in json.loads(line):
            yield own[start : start + length]
            start += length
            if count:
                query = "SELECT block, start, length FROM pieces WHERE id >= ? AND id < ? ORDER BY id"
                for place in self._rows(query, first, first + count):
                    yield self._bytes(*place)

    def _bytes(self, block: int, start: int, length: int) -> bytes:
        return self._block(block)[start : start + length]

    def _block(self, id: int) -> bytes:
        known = self._blocks.pop(id, None)
        if known is None:
            rows = self._rows("SELECT digest, data FROM blocks WHERE id = ?", id)
            if not rows or digest_of(rows[0][1]) != rows[0][0]:
                raise zstd.DamagedError(f"block {id} is {'not what was written' if rows else 'missing'}")
            known = zstd.decompress(rows[0][1])
            self._cached += len(known)
        self._blocks[id] = known
        while self._cached > CACHED and len(self._blocks) > 1:
            self._cached -= len(self._blocks.popitem(last=False)[1])
        return known

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._connection.execute(query, values).fetchall()
        except UnicodeEncodeError:
            return []  # a name that the archive doesn't take
        except sqlite3.Error as error:
            raise TraceFormatError(f"{self.path}: This file of the archive can't be read: {error}.") from error


def digest_of(data: bytes) -> bytes:
    """Return the digest by which pieces are found, and blocks and files are checked."""
    return blake2b(data, digest_size=16).digest()


_opened: dict[Path, tuple[tuple[int, int], Book]] = {}
_opening = RLock()


def opened(path: Path) -> Book:
    """Return a file of the archive, opened once for each process. Raises TraceFormatError."""
    with _opening:
        try:
            which = os.getpid(), path.stat().st_ino  # no connection may be used in a forked process
        except OSError as error:
            raise TraceFormatError(f"{path}: {error.strerror or error}.") from error
        known = _opened.get(path)
        if known is None or known[0] != which:
            if known is not None and known[0][0] == which[0]:
                known[1].close()
            known = _opened[path] = which, Book(path)
        return known[1]


def create(path: Path) -> sqlite3.Connection:
    """Return a connection that writes to a file of the archive, which is made where it is missing."""
    connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
    try:
        [(version,)] = connection.execute("PRAGMA user_version")
        if version > VERSION:
            raise TraceFormatError(f"{path}: A newer version of the toolkit wrote it. Update the toolkit.")
        if version == 0:
            path.chmod(0o600)
            connection.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
    except BaseException:
        connection.close()
        raise
    return connection
