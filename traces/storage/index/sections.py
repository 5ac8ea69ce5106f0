"""Tokens by section in the index: kept by the commands that count them, so that the next one needn't.

Counting takes a hundred times as long as reading a head, so nothing is counted for the index's sake.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from traces.storage import store
from traces.storage.index import heads
from traces.storage.index.database import writing
from traces.storage.store import Version

KeyOf = Callable[[str | None], bytes]
"""Returns what tells the counts of a model's exchanges from those that another counter, or other code, would find."""


class Counted(NamedTuple):
    """An exchange and the tokens of its request's sections, each None where the record doesn't hold all of it.

    file    the path that it was read from
    kind    see `traces.content.answers`
    key     who counted, see `KeyOf`
    """

    file: str
    timestamp: str
    kind: str
    key: bytes
    system: int | None
    tools: int | None
    messages: int | None


def versions(connection: sqlite3.Connection, root: Path, where: str, values: Sequence[object]) -> dict[str, Version]:
    """Return the versions in which the index knows the files for which the condition holds."""
    found = connection.execute(f"SELECT path, size, changed, inode FROM files WHERE {where}", values)
    return {f"{root}/{heads.text(path)}": Version(*version) for path, *version in found}


def known(
    connection: sqlite3.Connection, root: Path, where: str, values: Sequence[object], key_of: KeyOf
) -> dict[str, list[Counted]]:
    """Return what is known of those files for which the condition holds, and all of whose exchanges are counted."""
    connection.create_function("key_of", 1, lambda model: key_of(heads.text(model)))
    rows = connection.execute(
        "SELECT path, timestamp, sections.kind, counter, system, sections.tools, messages FROM exchanges"
        " JOIN files ON files.id = file LEFT JOIN sections ON exchange = exchanges.id AND counter = key_of(model)"
        f" WHERE {where} ORDER BY files.id, place",
        values,
    )
    found: dict[str, list[Counted]] = {}
    unknown: set[str] = set()
    for path, timestamp, kind, key, *counts in rows:
        file = f"{root}/{heads.text(path)}"
        if key is None:
            unknown.add(file)
        else:
            found.setdefault(file, []).append(Counted(file, heads.text(timestamp), heads.text(kind), key, *counts))
    return {file: counted for file, counted in found.items() if file not in unknown}


def keep(connection: sqlite3.Connection, root: Path, files: Iterable[tuple[Version, Sequence[Counted]]]) -> None:
    """Keep the counts of files which the index holds, and which still are in the version that they had before."""
    with writing(connection):
        for version, counted in files:
            path = counted[0].file
            if store.version(Path(path)) != version:
                continue  # it was written again meanwhile: which of both was counted?
            ids = connection.execute(
                "SELECT exchanges.id FROM exchanges JOIN files ON files.id = file"
                " WHERE path = ? AND size = ? AND changed = ? AND inode = ? ORDER BY place",
                (heads.stored(path[len(f"{root}/") :]), *version),
            ).fetchall()
            if len(ids) == len(counted):
                connection.executemany(
                    "INSERT OR REPLACE INTO sections VALUES (?, ?, ?, ?, ?, ?)",
                    [
                        (id, one.key, heads.stored(one.kind), one.system, one.tools, one.messages)
                        for (id,), one in zip(ids, counted, strict=True)
                    ],
                )
