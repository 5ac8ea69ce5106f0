"""Writes traces to a file of the archive, all within the transaction of its caller."""

import json
import sqlite3

from traces.storage.archive import zstd
from traces.storage.archive.layout import BLOCKS, TRACES, Entry, Item, Step, digest_of
from traces.storage.archive.pieces import split

BLOCK = 2**17
"""Bytes of a block before it is compressed: what one reading has to decompress at least, and what two damaged places
in the same block and its copy take."""

HELD = 2**24
"""Bytes that are held back, so that copies are away from what they are copies of."""

_COMMA = b","


class Binder:
    """Adds traces; `finish` writes what is still held back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        [(last,)] = connection.execute("SELECT MAX(id) FROM blocks")
        self._last = last or 0
        self._shared, self._own = self._new_block(), self._new_block()
        self._known: dict[bytes, Item] = {}
        self._rows: list[tuple[object, ...]] = []
        self._blocks: list[tuple[int, bytes, bytes]] = []

    def add(self, entry: Entry, data: bytes) -> None:
        """Add the file of a trace, in place of one that has the same path."""
        steps, own = self._describe(data)
        line = json.dumps([entry.path, [[step.own, *step.first, step.items] for step in steps]], separators=(",", ":"))
        item = self._own.add(line.encode() + b"\n" + own)
        self._rows.append((*entry, digest_of(data), *item))
        if self._own.is_full:
            self._own = self._close(self._own)
        if sum(len(data) for _, _, data in self._blocks) >= HELD:
            self._write()

    def finish(self) -> None:
        """Write what is held back."""
        self._shared, self._own = self._close(self._shared), self._close(self._own)
        self._write()

    def _write(self) -> None:
        for blocks, traces in zip(BLOCKS, TRACES, strict=True):
            self._connection.executemany(f"INSERT INTO {blocks} VALUES (?, ?, ?)", self._blocks)
            self._connection.executemany(f"INSERT OR REPLACE INTO {traces} VALUES (?, ?, ?, ?, ?, ?, ?)", self._rows)
        self._blocks, self._rows = [], []

    def _describe(self, data: bytes) -> tuple[list[Step], bytes]:
        """Return the steps by which the file is put together, and its own bytes."""
        steps: list[Step] = []
        own, start = bytearray(), 0
        for piece in split(data):
            if not piece.is_shared:
                own += piece.data
                continue
            item, last = self._item_of(piece.data), steps[-1] if steps else None
            if last and own[start:] == _COMMA and item == (last.first.block, last.first.number + last.items):
                del own[start:]
                steps[-1] = last._replace(items=last.items + 1)
            else:
                steps.append(Step(len(own) - start, item, 1))
                start = len(own)
        return [*steps, Step(len(own) - start, Item(0, 0), 0)], bytes(own)

    def _item_of(self, piece: bytes) -> Item:
        """Return the item of a piece, which is added where it is new."""
        digest = digest_of(piece)
        if known := self._known.get(digest):
            return known
        row = self._connection.execute("SELECT block, number FROM pieces WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            row = self._shared.add(piece)
            self._connection.execute("INSERT INTO pieces VALUES (?, ?, ?)", (digest, *row))
            if self._shared.is_full:
                self._shared = self._close(self._shared)
        self._known[digest] = Item(*row)
        return self._known[digest]

    def _new_block(self) -> "_Block":
        self._last += 1
        return _Block(self._last)

    def _close(self, block: "_Block") -> "_Block":
        """Hold a block to be written, and return the next one to be filled."""
        if not block.items:
            return block
        lengths = json.dumps([len(item) for item in block.items], separators=(",", ":"))
        data = zstd.compress(b"".join([lengths.encode(), b"\n", *block.items]))
        self._blocks.append((block.id, digest_of(data), data))
        return self._new_block()


class _Block:
    """A block that is being filled."""

    def __init__(self, id: int) -> None:
        self.id = id
        self.items: list[bytes] = []
        self._size = 0

    @property
    def is_full(self) -> bool:
        return self._size >= BLOCK

    def add(self, data: bytes) -> Item:
        self.items.append(data)
        self._size += len(data)
        return Item(self.id, len(self.items) - 1)
