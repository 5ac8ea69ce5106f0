"""The heads of traces in the index: brought up to date, and read back.

A file is read while nothing is locked, and written with many others in one transaction: who is killed loses the last
of these batches, and two commands that read the same files write the same rows.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from traces import jsonio
from traces.errors import TraceFormatError
from traces.model import Json
from traces.storage import store
from traces.storage.head import Head, Values, head_of
from traces.storage.index.database import writing
from traces.storage.store import Version

BATCH = 500
"""Files whose rows are written in one transaction."""

_EXACTLY = "utf-8", "surrogatepass"

_LARGEST = 2**63 - 1
"""The largest whole number that SQLite holds."""

_COLUMNS = ", ".join(Values._fields)


class Found(NamedTuple):
    """A trace's file, its version as it was read, and the head of each exchange in it."""

    path: Path
    version: Version
    heads: Sequence[Head]


def read(path: str | Path) -> list[Values]:
    """Return the values of the heads in a file: of a .json file one, from its first line where that holds it.

    Raises TraceFormatError.
    """
    if str(path).endswith(".flow"):
        return [head_of(trace).values for trace in store.read(Path(path))]  # it has to be read whole
    return [store.peek_values(path)]


def update(connection: sqlite3.Connection, root: Path, folder: Path, skipped: list[str]) -> None:
    """Bring the rows of the traces in a folder up to date. Reasons why files can't be read go to `skipped`."""
    now: set[tuple[Any, ...]] = set(store.versions(folder, root))
    if not all(path.isascii() for path, *_ in now):
        now = {(stored(path), *version) for path, *version in now}
    where, values = within(root, folder)
    known = set(connection.execute(f"SELECT path, size, changed, inode FROM files WHERE {where}", values).fetchall())
    gone, changed = known - now, now - known
    for some in batches(gone, BATCH):
        with writing(connection):
            for path, *_ in some:
                _delete(connection, path)
    by_time = sorted(((text(row[0]), Version(*row[1:])) for row in changed), key=lambda file: _stem(file[0]))
    for some in batches(by_time, BATCH):
        read = list(_read_all(root, some, skipped))
        with writing(connection):
            write(connection, read)


def keep_all(connection: sqlite3.Connection, root: Path, files: Sequence[Found]) -> None:
    """Write the rows of these files in one transaction."""
    if files:
        with writing(connection):
            write(connection, [(_relative(str(path), root), version, _values(heads)) for path, version, heads in files])


def keep(connection: sqlite3.Connection, path: str, version: Version, heads: Sequence[Head]) -> int:
    """Write the rows of one file, in place of those that it has, and return its id. `path` is relative to the root."""
    return write(connection, [(path, version, _values(heads))])


_Rows = tuple[str, Version, Sequence[Values]]
"""A file's path, relative to the root, its version, and the values of the head of each exchange in it."""


def write(connection: sqlite3.Connection, files: Sequence[_Rows]) -> int:
    """Write the rows of files in place of those that they have, and return the id of the last one.

    The ids are ours, as only this transaction writes: so there is one statement for all files, and one for exchanges.
    """
    last = int(connection.execute("SELECT COALESCE(MAX(id), 0) FROM files").fetchone()[0])
    numbered = [(id, path, stored(path), version, found) for id, (path, version, found) in enumerate(files, last + 1)]
    _delete_known(connection, [key for _, _, key, *_ in numbered])
    connection.executemany(
        "INSERT INTO files (id, path, stem, size, changed, inode) VALUES (?, ?, ?, ?, ?, ?)",
        [(id, key, stored(_stem(path)), *version) for id, path, key, version, _ in numbered],
    )
    connection.executemany(
        f"INSERT INTO exchanges (file, place, named, {_COLUMNS}) VALUES ({', '.join('?' * (3 + len(Values._fields)))})",
        [
            (id, place, stored(_names(path, values)), *_row(values))
            for id, path, _, _, found in numbered
            for place, values in enumerate(found, 1)
        ],
    )
    return last + len(files)


def look_up(connection: sqlite3.Connection, root: Path, path: Path) -> Found | None:
    """Return a file's heads from the index; None where it isn't there as it is now."""
    version = store.version(path)
    key = stored(_relative(str(path), root))
    file = connection.execute("SELECT id, size, changed, inode FROM files WHERE path = ?", (key,)).fetchone()
    if version is None or file is None or tuple(file[1:]) != version:
        return None
    rows = connection.execute(f"SELECT {_COLUMNS} FROM exchanges WHERE file = ? ORDER BY place", file[:1])
    return Found(path, version, [head(row) for row in rows])


def select(
    connection: sqlite3.Connection, root: Path, where: str, values: Sequence[object]
) -> Iterator[tuple[Path, Head]]:
    """Yield path and head of the exchanges for which the condition holds, in the order of their files."""
    rows = connection.execute(
        f"SELECT path, {_COLUMNS} FROM exchanges JOIN files ON files.id = file"
        f" WHERE {where} ORDER BY stem, path, place",
        values,
    )
    return ((root / text(path), head(row)) for path, *row in rows)


def within(root: Path, folder: Path) -> tuple[str, tuple[object, ...]]:
    """Return the condition that a file is in the folder or below it, as SQL and its values."""
    inside = _relative(str(folder), root)
    if inside == ".":
        return "TRUE", ()
    return "substr(CAST(path AS BLOB), 1, ?) = ?", (len(start := f"{inside}/".encode(*_EXACTLY)), start)


def _read_all(root: Path, files: Iterable[tuple[str, Version]], skipped: list[str]) -> Iterator[_Rows]:
    for path, version in files:
        try:
            yield path, version, read(f"{root}/{path}")
        except TraceFormatError as error:
            skipped.append(str(error))


def _delete_known(connection: sqlite3.Connection, paths: Sequence[str | bytes | None]) -> None:
    """Delete the rows of those files that have some."""
    for some in batches(paths, BATCH):
        marks = ", ".join("?" * len(some))
        for (path,) in connection.execute(f"SELECT path FROM files WHERE path IN ({marks})", some).fetchall():
            _delete(connection, path)


def _delete(connection: sqlite3.Connection, path: str | bytes | None) -> None:
    """Delete a file's rows. What it was the first to say, others of its threads may repeat: they are read again."""
    key = (path,)
    connection.execute(
        "UPDATE files SET texts_read = 0 WHERE id IN (SELECT file FROM exchanges WHERE thread IN ("
        "SELECT thread FROM mentions WHERE exchange IN (SELECT exchanges.id FROM exchanges"
        " JOIN files ON files.id = file WHERE path = ?)))",
        key,
    )
    connection.execute(
        "DELETE FROM mentions WHERE exchange IN"
        " (SELECT exchanges.id FROM exchanges JOIN files ON files.id = file WHERE path = ?)",
        key,
    )
    connection.execute(
        "DELETE FROM sections WHERE exchange IN"
        " (SELECT exchanges.id FROM exchanges JOIN files ON files.id = file WHERE path = ?)",
        key,
    )
    connection.execute("DELETE FROM exchanges WHERE file = (SELECT id FROM files WHERE path = ?)", key)
    connection.execute("DELETE FROM files WHERE path = ?", key)


def _names(path: str, values: Values) -> str | None:
    """Return the session that a file belongs to by its head; None where it has to be read: a .flow may hold several."""
    return None if path.endswith(".flow") else values.session or None


def _values(heads: Iterable[Head]) -> list[Values]:
    return [head.values for head in heads]


def _row(values: Values) -> tuple[object, ...]:
    texts: Sequence[Any] = values[:_TEXTS]
    return (
        *[value if value is None or value.isascii() else stored(value) for value in texts],
        _number(values.input_tokens),
        _number(values.output_tokens),
        values.ttft,
        values.total,
        _json(values.marks) if values.marks else None,
        _json(values.tools) if values.tools else None,
        _json(values.billed),
    )


_TEXTS = Values._fields.index("input_tokens")
"""How many values are texts, which come first."""


def _json(value: Json) -> str:
    return jsonio.dumps(value).decode()


def head(row: Sequence[Any]) -> Head:
    """Return the head in a row of `_COLUMNS`."""
    *plain, marks, tools, billed = row
    lists = (json.loads(value) if value else () for value in (marks, tools))
    return Head.of(Values._make((*map(text, plain), *lists, json.loads(billed))))


def stored(value: str | None) -> str | bytes | None:
    """Return a text as SQLite can hold it: as bytes where it isn't Unicode, as half of a surrogate pair isn't."""
    if value is None or value.isascii():
        return value
    data = value.encode(*_EXACTLY)
    try:
        data.decode()
    except UnicodeDecodeError:
        return data
    return value


def text(value: Any) -> Any:
    """Return the text that `stored` made such a value of."""
    return value.decode(*_EXACTLY) if isinstance(value, bytes) else value


def _number(value: int | None) -> int | None:
    return value if value is None or abs(value) <= _LARGEST else None


def _relative(path: str, root: Path) -> str:
    return os.path.relpath(path, root)


def _stem(path: str) -> str:
    return str(store.stem(path.rpartition("/")[2]))


def batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield the items in lists of this size; the last may be shorter."""
    items = iter(items)
    while batch := list(islice(items, size)):
        yield batch
