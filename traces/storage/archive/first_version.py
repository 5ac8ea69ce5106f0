"""Reads files of the archive of version 1, which kept nothing twice.

    blocks    about a megabyte of pieces and of descriptions, as a zstd frame, with a digest of that
    pieces    by ids that follow one another: block, start and length of each part that requests repeat
    traces    path, version and digest of each file, and block, start and length of its description

A description is a line of JSON, [[own bytes, first piece, pieces], …], and behind it the file's own bytes.
"""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from traces.storage.archive import zstd
from traces.storage.archive.layout import Entry, digest_of, rows
from traces.storage.archive.outline import Outline

_DAMAGED = "the file is damaged there"


class FirstVersion:
    """The traces in such a file, which one thread at a time may ask for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._block: tuple[int, bytes] = 0, b""

    def entries(self) -> list[Entry]:
        """Return the traces. Raises DamagedError."""
        return [Entry(*row) for row in self._rows("SELECT path, size, changed, inode FROM traces")]

    def entry(self, path: str) -> Entry | None:
        """Return a trace; None where it isn't there. Raises DamagedError."""
        found = self._rows("SELECT path, size, changed, inode FROM traces WHERE path = ?", path)
        return Entry(*found[0]) if found else None

    def outline(self, path: str) -> Outline | None:
        """Return the whole file, as an outline; None where it isn't there. Raises DamagedError."""
        data = self.read(path)
        return None if data is None else Outline(data)

    def read(self, path: str) -> bytes | None:
        """Return the file of a trace; None where it isn't there. Raises DamagedError."""
        found = self._rows("SELECT digest, block, start, length FROM traces WHERE path = ?", path)
        if not found:
            return None
        digest, *place = found[0]
        try:
            data = b"".join(self._put_together(self._bytes(*place)))
        except (ValueError, IndexError, TypeError) as error:
            raise zstd.DamagedError(str(error)) from error
        if digest_of(data) != digest:
            raise zstd.DamagedError("it isn't what was put there")
        return data

    def problems(self) -> list[str]:
        """Return nothing: each trace that can't be read says so itself."""
        return []

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
        if self._block[0] != block:
            found = self._rows("SELECT digest, data FROM blocks WHERE id = ?", block)
            if not found or digest_of(found[0][1]) != found[0][0]:
                raise zstd.DamagedError(f"block {block} is {'not what was written' if found else 'missing'}")
            self._block = block, zstd.decompress(found[0][1])
        return self._block[1][start : start + length]

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        found = rows(self._connection, query, *values)
        if found is None:
            raise zstd.DamagedError(_DAMAGED)
        return found
