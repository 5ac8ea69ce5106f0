"""Counts that were made before, by content: within a run, and across runs in the user's cache folder.

Holds digests and numbers, never a text. Whatever happens to its file costs time, not an answer: a cache that can't be
opened, read or written is done without. Knows nothing of who counts.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Self

from analysis.tokens.counters import Counter

LARGEST = 64 * 2**20
"""Bytes of the file, about a million counts: one that has grown larger is started anew."""

_MOST_IN_MEMORY = 200_000  # counts, some 20 MB
_AT_ONCE = 500  # SQLite takes 999 variables at least
_PATIENCE = 1.0  # seconds to wait while another process writes
_TABLE = "CREATE TABLE IF NOT EXISTS counts (digest BLOB PRIMARY KEY, tokens INTEGER NOT NULL) WITHOUT ROWID"


def default_path() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "anyclaude" / "counts.sqlite"


class CountCache:
    """Use as `with CountCache() as cache: breakdown(trace, cache.around(counter(name, model)))`.

    One cache serves any number of counters. What is new is written at the end.
    """

    def __init__(self, path: Path | None = None) -> None:
        """`path` is a file that need not exist; None: the one in the user's cache folder."""
        self._path = path or default_path()
        self._file: sqlite3.Connection | None = None
        self._new: dict[bytes, int] = {}
        self._near: dict[str, dict[int, int]] = {}

    def around(self, counter: Counter) -> Counter:
        """The same counter, which counts a text once."""
        return _Remembering(counter, self._near.setdefault(counter.name, {}), self)

    def __enter__(self) -> Self:
        self._file = _opened(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write()
        if self._file is not None:
            self._file.close()
            self._file = None

    def find(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        """Those of the digests that were counted in this run or before, and their counts."""
        found = {digest: self._new[digest] for digest in digests if digest in self._new}
        if self._file is None:
            return found
        with suppress(sqlite3.Error):
            for start in range(0, len(digests), _AT_ONCE):
                some = digests[start : start + _AT_ONCE]
                rows = self._file.execute(f"SELECT * FROM counts WHERE digest IN ({','.join('?' * len(some))})", some)
                found.update(rows)
        return found

    def keep(self, counts: dict[bytes, int]) -> None:
        self._new.update(counts)
        if len(self._new) > _MOST_IN_MEMORY:
            self._write()

    def _write(self) -> None:
        if self._file is not None and self._new:
            with suppress(sqlite3.Error), self._file:
                self._file.executemany("INSERT OR IGNORE INTO counts VALUES (?, ?)", self._new.items())
        self._new.clear()


class _Remembering:
    """A counter before which a cache stands: first what this run has counted, then the file."""

    def __init__(self, counter: Counter, near: dict[int, int], cache: CountCache) -> None:
        self.name = counter.name
        self.estimate = counter.estimate
        self._counter = counter
        self._near = near
        self._cache = cache
        self._key = blake2b(counter.name.encode(), digest_size=32).digest()

    def count(self, text: str) -> int:
        return self.count_many([text])[0]

    def count_many(self, texts: Sequence[str]) -> list[int]:
        # Python's own hash has 64 bits and is several times as fast as a digest: enough within a run, where the same
        # history comes back in every turn of a session. It differs from run to run, so the file needs the digest.
        keys = list(map(hash, texts))
        unknown = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._near}
        if unknown and len(self._near) > _MOST_IN_MEMORY:
            self._near.clear()
            unknown = dict(zip(keys, texts, strict=True))
        if unknown:
            self._near.update(zip(unknown, self._looked_up(list(unknown.values())), strict=True))
        return [self._near[key] for key in keys]

    def _looked_up(self, texts: Sequence[str]) -> list[int]:
        digests = [
            blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._key).digest() for text in texts
        ]
        found = self._cache.find(digests)
        unknown = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in found}
        if unknown:
            counted = dict(zip(unknown, self._counter.count_many(list(unknown.values())), strict=True))
            self._cache.keep(counted)
            found |= counted
        return [found[digest] for digest in digests]


def _opened(path: Path) -> sqlite3.Connection | None:
    """None where there can be no such file. One that is damaged or has grown too large is replaced."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and path.stat().st_size > LARGEST:
            path.unlink()
    try:
        return _connected(path)
    except sqlite3.OperationalError:  # no permission, no room, or another process has it for longer than we wait
        return None
    except sqlite3.DatabaseError:
        with suppress(OSError, sqlite3.Error):
            path.unlink()
            return _connected(path)
    return None


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE)
    try:
        connection.execute("PRAGMA synchronous = OFF")  # losing counts when the power goes is no loss
        connection.execute(_TABLE)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
