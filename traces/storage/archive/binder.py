"""Writes traces to a file of the archive, all within the transaction of its caller."""

import json
import sqlite3

from traces.storage.archive import zstd
from traces.storage.archive.book import Entry, digest_of
from traces.storage.archive.pieces import split

BLOCK = 2**20
"""Bytes of a block before it is compressed: what one reading has to decompress at least."""


class Binder:
    """Adds traces; `finish` writes what is still held back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._block = self._next_id("blocks")
        self._piece = self._next_id("pieces")
        self._held: list[bytes] = []
        self._size = 0
        self._new: dict[bytes, int] = {}

    def add(self, entry: Entry, data: bytes) -> None:
        """Add the file of a trace, in place of one that has the same path."""
        steps: list[list[int]] = []
        own: list[bytes] = []
        length = 0
        for piece in split(data):
            if not piece.is_shared:
                own.append(piece.data)
                length += len(piece.data)
                continue
            id = self._id_of(piece.data)
            if steps and not length and steps[-1][1] + steps[-1][2] == id:
                steps[-1][2] += 1
            else:
                steps.append([length, id, 1])
                length = 0
        steps.append([length, 0, 0])
        description = json.dumps(steps, separators=(",", ":")).encode() + b"\n" + b"".join(own)
        row = (*entry, digest_of(data), *self._hold(description))
        self._connection.execute("INSERT OR REPLACE INTO traces VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        if self._size >= BLOCK:
            self.finish()

    def finish(self) -> None:
        """Write what is held back."""
        if self._held:
            data = zstd.compress(b"".join(self._held))
            self._connection.execute("INSERT INTO blocks VALUES (?, ?, ?)", (self._block, digest_of(data), data))
            self._block += 1
            self._held, self._size = [], 0
            self._new.clear()

    def _id_of(self, piece: bytes) -> int:
        """Return the id of a piece, which is added where it is new."""
        digest = digest_of(piece)
        known = self._new.get(digest)
        if known is None:
            row = self._connection.execute("SELECT id FROM pieces WHERE digest = ?", (digest,)).fetchone()
            known = row[0] if row else None
        if known is None:
            known = self._piece
            self._piece += 1
            values = known, digest, *self._hold(piece)
            self._connection.execute("INSERT INTO pieces VALUES (?, ?, ?, ?, ?)", values)
        self._new[digest] = known
        return known

    def _hold(self, data: bytes) -> tuple[int, int, int]:
        """Return block, start and length of what is going to be written."""
        place = self._block, self._size, len(data)
        self._held.append(data)
        self._size += len(data)
        return place

    def _next_id(self, table: str) -> int:
        [(last,)] = self._connection.execute(f"SELECT MAX(id) FROM {table}")  # noqa: S608
        return (last or 0) + 1
