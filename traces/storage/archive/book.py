"""One file of the archive, opened to be read: once in each process, whichever version wrote it."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import TypeVar

from traces.errors import TraceFormatError
from traces.storage.archive import first_page, zstd
from traces.storage.archive.contents import Contents
from traces.storage.archive.first_version import FirstVersion
from traces.storage.archive.layout import VERSION, WAIT, Entry, is_damage, rows, version_of
from traces.storage.archive.outline import Outline

Value = TypeVar("Value")


class Book:
    """A file of the archive, opened to be read. It can be used by several threads."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises TraceFormatError where it isn't one, or a newer version wrote it."""
        self.path = path
        self._lock = RLock()
        try:
            self._connection, self.version, self._is_whole = _connected(path)
        except sqlite3.Error as error:
            raise self._unreadable(error) from error
        self._contents = (Contents if self.version == VERSION else FirstVersion)(self._connection)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def entries(self) -> list[Entry]:
        """Return the traces in it. Raises TraceFormatError."""
        return self._ask(self._contents.entries)

    def entry(self, path: str) -> Entry | None:
        """Return a trace in it; None where it isn't there. Raises TraceFormatError."""
        return self._ask(lambda: self._contents.entry(path))

    def read(self, path: str) -> bytes | None:
        """Return the file of a trace; None where it isn't there. Raises TraceFormatError where it is damaged."""
        return self._ask(lambda: self._contents.read(path), path)

    def outline(self, path: str) -> Outline | None:
        """Return a trace's file without what others share; None where it isn't there. Raises TraceFormatError."""
        return self._ask(lambda: self._contents.outline(path), path)

    def fill(self, outline: Outline, path: str, document: object) -> None:
        """Put what is shared into a parsed outline. Raises TraceFormatError, and UnfitError as `Outline.fill` does."""
        self._ask(lambda: outline.fill(document), path)

    def problems(self) -> list[str]:
        """Return what is damaged in it, though not all of it may be lost. Raises TraceFormatError."""
        if not self._is_whole:
            return ["the first page is damaged, one of another file stands in", *self._ask(self._contents.problems)]
        found = self._ask(lambda: rows(self._connection, "PRAGMA integrity_check"))
        lines = ["a page is damaged"] if found is None else [str(row[0]) for row in found if row[0] != "ok"]
        return [*lines, *self._ask(self._contents.problems)]

    def _ask(self, question: Callable[[], Value], trace: str | None = None) -> Value:
        try:
            with self._lock:
                return question()
        except zstd.DamagedError as error:
            if trace:
                raise TraceFormatError(f"{trace}: Damaged in {self.path}: {error}.") from error
            raise self._unreadable(error) from error
        except sqlite3.Error as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> TraceFormatError:
        return TraceFormatError(f"{self.path}: This file of the archive can't be read: {error}.")


def _connected(path: Path) -> tuple[sqlite3.Connection, int, bool]:
    """Return a connection, the version of the layout, and whether the first page is whole. Raises TraceFormatError."""
    uri = f"{path.resolve().as_uri()}?mode=rw"  # what a killed writer left is put right by whoever opens it
    connection = sqlite3.connect(uri, uri=True, timeout=WAIT, check_same_thread=False)
    try:
        return connection, version_of(connection, path), True
    except BaseException as error:
        connection.close()
        again = first_page.replaced(path) if isinstance(error, sqlite3.Error) and is_damage(error) else None
        if again is None:
            raise
    return again, version_of(again, path), False


_opened: dict[Path, tuple[tuple[int, int, int], Book]] = {}
_opening = RLock()


def opened(path: Path) -> Book:
    """Return a file of the archive, opened once for each process. Raises TraceFormatError."""
    with _opening:
        try:
            status = path.stat()
        except OSError as error:
            raise TraceFormatError(f"{path}: {error.strerror or error}.") from error
        # No connection may be used in a forked process, and none goes on where another file took the place of its own.
        which = os.getpid(), status.st_ino, status.st_mtime_ns
        known = _opened.get(path)
        if known is None or known[0] != which:
            if known is not None and known[0][0] == which[0]:
                known[1].close()
            known = _opened[path] = which, Book(path)
        return known[1]
