"""Reads the items of a file of the archive, each block from where it is whole."""

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple

from traces import jsonio
from traces.model import Json
from traces.storage.archive import zstd
from traces.storage.archive.layout import BLOCKS, digest_of, rows

CACHED = 16 * 2**20
"""Bytes of blocks that are kept decompressed, and as many of JSON that are kept parsed, of each file."""


class _Block(NamedTuple):
    data: bytes
    places: list[tuple[int, int]]


class Blocks:
    """The items of a file, which one thread at a time may ask for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._blocks: OrderedDict[int, _Block] = OrderedDict()
        self._values: OrderedDict[tuple[int, int], tuple[Json, int]] = OrderedDict()
        self._cached, self._parsed = 0, 0

    def items(self, block: int, first: int, count: int) -> Iterator[bytes]:
        """Yield items that follow one another. Raises DamagedError."""
        data, places = self._block(block)
        if first < 0 or first + count > len(places):
            raise zstd.DamagedError(f"block {block} has no item {first + count - 1}")
        for start, end in places[first : first + count]:
            yield data[start:end]

    def values(self, block: int, first: int, count: int) -> list[Json]:
        """Return what such items hold as JSON: the same objects for all who ask, who mustn't change them.

        Requests of a session repeat most of what they hold, so parsing it once for each takes most of the time that
        reading takes. Raises DamagedError.
        """
        found = []
        for number in range(first, first + count):
            key = block, number
            known = self._values.get(key)
            if known is None:
                [data] = self.items(block, number, 1)
                known = self._values[key] = jsonio.loads(data, trusted=True), len(data)
                self._parsed += len(data)
            else:
                self._values.move_to_end(key)
            found.append(known[0])
        while self._parsed > CACHED:
            self._parsed -= self._values.popitem(last=False)[1][1]
        return found

    def size(self, block: int, first: int, count: int) -> int:
        """Return the bytes of such items with a comma between any two. Raises DamagedError."""
        places = self._block(block).places[first : first + count]
        return places[-1][1] - places[0][0] + len(places) - 1 if places else 0

    def problems(self) -> list[str]:
        """Return which blocks are damaged in one place, and which in both."""
        found = []
        for id in sorted({id for table in BLOCKS for id in self._ids(table)}):
            whole = [self._in(table, id) is not None for table in BLOCKS]
            if not all(whole):
                found.append(
                    f"block {id} is damaged, {'and so is its copy' if not any(whole) else 'its copy is whole'}"
                )
        return found

    def _ids(self, table: str) -> list[int]:
        return [id for (id,) in rows(self._connection, f"SELECT id FROM {table}") or []]

    def _block(self, id: int) -> _Block:
        known = self._blocks.get(id)
        if known is not None:
            self._blocks.move_to_end(id)
            return known
        known = self._blocks[id] = _opened(self._read(id))
        self._cached += len(known.data)
        while self._cached > CACHED and len(self._blocks) > 1:
            self._cached -= len(self._blocks.popitem(last=False)[1].data)
        return known

    def _read(self, id: int) -> bytes:
        for table in BLOCKS:
            if (data := self._in(table, id)) is not None:
                return data
        raise zstd.DamagedError(f"block {id} is damaged, and so is its copy")

    def _in(self, table: str, id: int) -> bytes | None:
        """Return a block from one of its places; None where that is damaged."""
        found = rows(self._connection, f"SELECT digest, data FROM {table} WHERE id = ?", id)
        if not found or digest_of(found[0][1]) != found[0][0]:
            return None
        return zstd.decompress(found[0][1])


def _opened(data: bytes) -> _Block:
    """Return a block with the place of each item."""
    line, _, _ = data.partition(b"\n")
    return _Block(data, list(pairwise(accumulate(json.loads(line), initial=len(line) + 1))))
