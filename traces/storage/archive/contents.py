"""What a file of the archive holds: each trace by its path, from whichever place of it is whole."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from traces.storage.archive import zstd
from traces.storage.archive.blocks import Blocks
from traces.storage.archive.layout import TRACES, Entry, digest_of, rows
from traces.storage.archive.outline import Outline, outline, put_together

Value = TypeVar("Value")

_ENTRY = ", ".join(Entry._fields)

_UNREADABLE = "the list of traces is damaged, and so is its copy"


class _Row(NamedTuple):
    """What is kept of a trace."""

    path: str
    size: int
    changed: int
    inode: int
    digest: bytes
    block: int
    number: int

    @property
    def entry(self) -> Entry:
        return Entry(*self[:4])


class Contents:
    """The traces in a file, which one thread at a time may ask for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._blocks = Blocks(connection)

    def entries(self) -> list[Entry]:
        """Return the traces. Raises DamagedError."""
        if self._are_alike():
            return list(map(Entry._make, rows(self._connection, f"SELECT {_ENTRY} FROM traces") or []))
        lists = [self._entries(table) for table in TRACES]
        known = [entries for entries in lists if entries is not None]
        if not known:
            raise zstd.DamagedError(_UNREADABLE)
        in_all = set.intersection(*map(set, known))
        return [entry for path in sorted(set().union(*known)) for entry in self._of(path, path in in_all)]

    def entry(self, path: str) -> Entry | None:
        """Return a trace; None where it isn't there. Raises DamagedError."""
        return next((row.entry for row in self._rows(path)), None)

    def outline(self, path: str) -> Outline | None:
        """Return the outline of a trace; None where it isn't there. Raises DamagedError."""
        return self._first_whole(path, lambda row: outline(path, row.size, self._description(row), self._blocks))

    def read(self, path: str) -> bytes | None:
        """Return the file of a trace; None where it isn't there. Raises DamagedError."""
        return self._first_whole(path, self._file)

    def _first_whole(self, path: str, read: Callable[[_Row], Value]) -> Value | None:
        """Return what is read by the first row of a trace that isn't damaged; None where it has none."""
        reason: zstd.DamagedError | None = None
        for row in self._rows(path):
            try:
                return read(row)
            except zstd.DamagedError as error:
                reason = error
        if reason:
            raise reason
        return None

    def _file(self, row: _Row) -> bytes:
        data = put_together(row.path, self._description(row), self._blocks)
        if digest_of(data) != row.digest:
            raise zstd.DamagedError("it isn't what was put there")
        return data

    def problems(self) -> list[str]:
        """Return what is damaged, though not all of it may be lost."""
        return [*([] if self._are_alike() else ["the list of traces and its copy differ"]), *self._blocks.problems()]

    def _are_alike(self) -> bool:
        """Return whether the list of traces and its copy hold the same."""
        same = f"SELECT COUNT(*) FROM traces JOIN traces_copy USING ({', '.join(_Row._fields)})"
        counts = [rows(self._connection, query) for query in (same, *map("SELECT COUNT(*) FROM {}".format, TRACES))]
        return counts[0] is not None and counts[0] == counts[1] == counts[2]

    def _entries(self, table: str) -> dict[str, Entry] | None:
        found = rows(self._connection, f"SELECT {_ENTRY} FROM {table}")
        return None if found is None else {row[0]: Entry(*row) for row in found if _is_sound(row)}

    def _of(self, path: str, is_in_all: bool) -> list[Entry]:
        """Return the entry of a path, which isn't one if a list got it by damage: no description names it then."""
        try:
            entry = self.entry(path)
            return [entry] if entry and (is_in_all or self.outline(path)) else []
        except zstd.DamagedError:
            return []

    def _description(self, row: _Row) -> bytes:
        [data] = self._blocks.items(row.block, row.number, 1)
        return data

    def _rows(self, path: str) -> Iterator[_Row]:
        """Yield what is kept of a trace, and what its copy says. Raises DamagedError where neither can be read."""
        unreadable = 0
        for table in TRACES:
            found = rows(self._connection, f"SELECT * FROM {table} WHERE path = ?", path)
            unreadable += found is None
            yield from (_Row(*row) for row in found or () if _is_sound(row))
        if unreadable == len(TRACES):
            raise zstd.DamagedError(_UNREADABLE)


_TYPES = str, int, int, int, bytes, int, int


def _is_sound(row: tuple[Any, ...]) -> bool:
    """Return whether values have the types that they were written with: of a damaged file, SQLite may read any."""
    return all(type(value) is kind for value, kind in zip(row, _TYPES, strict=False))
