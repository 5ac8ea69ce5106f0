"""A cache of token counts by the text's digest: in memory within a run, in the user's cache folder across runs.

It holds digests and numbers, never a text. A file that can't be opened, read or written costs time, not an answer: then
everything is counted anew.
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
"""The largest file in bytes, about a million counts: one that has grown larger is started anew."""

_LIMIT_IN_MEMORY = 200_000  # counts, some 20 MB
_DIGESTS_PER_QUERY = 500  # SQLite takes 999 variables at least
_LOCK_TIMEOUT = 1.0  # seconds to wait while another process writes
_TABLE = "CREATE TABLE IF NOT EXISTS counts (digest BLOB PRIMARY KEY, tokens INTEGER NOT NULL) WITHOUT ROWID"


def default_path() -> Path:
    """Return the path of the file in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "anyclaude" / "counts.sqlite"


class CountCache:
    """The cache of any number of counters; new counts are written at the end.

    Use as `with CountCache() as cache: breakdown(trace, cache.wrap(counter(name, model)))`.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Use the file at this path, which need not exist, or by default the one in the user's cache folder."""
        self._path = path or default_path()
        self._file: sqlite3.Connection | None = None
        self._new: dict[bytes, int] = {}
        self._in_memory: dict[str, dict[int, int]] = {}

    def wrap(self, counter: Counter) -> Counter:
        """Return a counter with the same name and counts that counts each text only once."""
        return _CachedCounter(counter, self._in_memory.setdefault(counter.name, {}), self)

    def __enter__(self) -> Self:
        self._file = _open(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write()
        if self._file is not None:
            self._file.close()
            self._file = None

    def find(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        """Return the counts of those digests that were counted in this run or an earlier one."""
        found = {digest: self._new[digest] for digest in digests if digest in self._new}
        if self._file is None:
            return found
        with suppress(sqlite3.Error):
            for start in range(0, len(digests), _DIGESTS_PER_QUERY):
                some = digests[start : start + _DIGESTS_PER_QUERY]
                marks = ",".join("?" * len(some))
                rows = self._file.execute(f"SELECT * FROM counts WHERE digest IN ({marks})", some)  # noqa: S608 - marks
                found.update(rows)
        return found

    def keep(self, counts: dict[bytes, int]) -> None:
        """Add new counts, which are written to the file at the latest when the cache is closed."""
        self._new.update(counts)
        if len(self._new) > _LIMIT_IN_MEMORY:
            self._write()

    def _write(self) -> None:
        if self._file is not None and self._new:
            with suppress(sqlite3.Error), self._file:
                self._file.executemany("INSERT OR IGNORE INTO counts VALUES (?, ?)", self._new.items())
        self._new.clear()


class _CachedCounter:
    """A counter that first looks into memory, then into the file, and counts what is in neither."""

    def __init__(self, counter: Counter, in_memory: dict[int, int], cache: CountCache) -> None:
        self.name = counter.name
        self.estimate = counter.estimate
        self._counter = counter
        self._in_memory = in_memory
        self._cache = cache
        self._key = blake2b(counter.name.encode(), digest_size=32).digest()

    def count(self, text: str) -> int:
        return self.count_many([text])[0]

    def count_many(self, texts: Sequence[str]) -> list[int]:
        # Python's own hash has 64 bits and is several times as fast as a digest: enough within a run, where the same
        # history comes back in every turn of a session. It differs from run to run, so the file needs the digest.
        keys = list(map(hash, texts))
        unknown = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._in_memory}
        if unknown and len(self._in_memory) > _LIMIT_IN_MEMORY:
            self._in_memory.clear()
            unknown = dict(zip(keys, texts, strict=True))
        if unknown:
            self._in_memory.update(zip(unknown, self._look_up(list(unknown.values())), strict=True))
        return [self._in_memory[key] for key in keys]

    def _look_up(self, texts: Sequence[str]) -> list[int]:
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


def _open(path: Path) -> sqlite3.Connection | None:
    """Return a connection, or None where the file can't be used; replace one that is damaged or too large."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and path.stat().st_size > LARGEST:
            path.unlink()
    try:
        return _connect(path)
    except sqlite3.OperationalError:  # no permission, no room, or another process has it for longer than we wait
        return None
    except sqlite3.DatabaseError:
        with suppress(OSError, sqlite3.Error):
            path.unlink()
            return _connect(path)
    return None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_LOCK_TIMEOUT)
    try:
        connection.execute("PRAGMA synchronous = OFF")  # losing counts when the power goes is no loss
        connection.execute(_TABLE)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
