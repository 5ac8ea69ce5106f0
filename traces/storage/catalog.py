"""What a folder holds: its sessions by the ids that the heads of traces name, and the traces that name none.

Of the folder of all traces, the index answers; of any other, or where the index can't be used, the files' first lines.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from traces.errors import TraceFormatError
from traces.storage import store
from traces.storage.head import Head, head_of
from traces.storage.index import database, heads
from traces.storage.index.heads import Found

HeadOf = tuple[Path, Head]
Value = TypeVar("Value")

FEW = 200
"""Files that are looked up one by one; of more, all rows of their folder are brought up to date at once."""


class Catalog(Protocol):
    """The traces of a folder, oldest first."""

    def sessions(self, newest: int | None = None) -> list[str]:
        """Return the ids of sessions: all in the order of their first files, or so many, the newest first; -1: all."""

    def heads(self, session: str) -> list[HeadOf]:
        """Return the files of a session, with their heads."""

    def unnamed(self) -> list[Path]:
        """Return the files whose heads name no session; also those that may hold several."""


@dataclass(frozen=True, slots=True)
class FileCatalog:
    """A catalog that was made by reading the head of each file."""

    named: dict[str, list[HeadOf]] = field(default_factory=dict)
    without_id: list[Path] = field(default_factory=list)

    def sessions(self, newest: int | None = None) -> list[str]:
        if newest is None:
            return list(self.named)
        began = {id: min(head.timestamp for _, head in found) for id, found in self.named.items()}
        return sorted(began, key=lambda id: began[id], reverse=True)[: None if newest < 0 else newest]

    def heads(self, session: str) -> list[HeadOf]:
        return self.named[session]

    def unnamed(self) -> list[Path]:
        return self.without_id


@dataclass(frozen=True, slots=True)
class IndexCatalog:
    """A catalog that asks the index, which is up to date."""

    connection: sqlite3.Connection
    root: Path
    folder: Path

    def sessions(self, newest: int | None = None) -> list[str]:
        if newest is None:
            found = self._ask("named", "named IS NOT NULL GROUP BY named ORDER BY MIN(stem)")
        else:
            order = "MIN(timestamp) DESC LIMIT ?"
            found = self._ask("named", f"named IS NOT NULL GROUP BY named ORDER BY {order}", newest, with_files=False)
        return [heads.text(id) for (id,) in found]

    def heads(self, session: str) -> list[HeadOf]:
        where, values = heads.within(self.root, self.folder)
        condition = f"named = ? AND {where}"
        return list(heads.select(self.connection, self.root, condition, (heads.stored(session), *values)))

    def unnamed(self) -> list[Path]:
        rows = self._ask("DISTINCT path", "named IS NULL ORDER BY stem, path")
        return [self.root / heads.text(path) for (path,) in rows]

    def _ask(self, what: str, condition: str, *values: object, with_files: bool = True) -> list[tuple[object]]:
        """Return rows about the exchanges in the folder; without their files where these aren't asked about."""
        where, inside = heads.within(self.root, self.folder)
        files = "JOIN files ON files.id = file" if with_files or inside else ""
        query = f"SELECT {what} FROM exchanges {files} WHERE {where} AND {condition}"
        return self.connection.execute(query, (*inside, *values)).fetchall()


def read_files(files: Iterable[Path], skipped: list[str]) -> FileCatalog:
    """Return the catalog of files, made from their first lines where these hold the heads. Errors go to `skipped`."""
    found = FileCatalog()
    for file in files:
        try:
            head = None if store.holds_several(file) else store.peek(file)
        except TraceFormatError as error:
            skipped.append(str(error))
            continue
        if head and head.ids.session:
            found.named.setdefault(head.ids.session, []).append((file, head))
        else:
            found.without_id.append(file)
    return found


def ask(folder: Path, skipped: list[str], question: Callable[[Catalog], Value]) -> Value:
    """Return what a function makes of the catalog of a folder, or of a file with several exchanges.

    Reasons why files can't be read go to `skipped`.
    """
    root = store.root()
    if is_indexed(root, folder):
        reasons: list[str] = []
        with database.opened(root) as index:
            if index is not None:
                answers = database.attempt(root, lambda: [_from_index(index, root, folder, reasons, question)])
                if answers is not None:
                    skipped += reasons
                    return answers[0]
    return question(read_files(store.files(folder) if folder.exists() else [], skipped))


def _from_index(
    index: sqlite3.Connection, root: Path, folder: Path, skipped: list[str], question: Callable[[Catalog], Value]
) -> Value:
    heads.update(index, root, folder, skipped)
    return question(IndexCatalog(index, root, folder))


def is_indexed(root: Path, folder: Path) -> bool:
    """Return whether the index holds what is in a folder: that of all traces, or one within."""
    return folder.is_dir() and (folder == root or root in folder.parents)


def look_up(files: Sequence[Path], skipped: list[str]) -> list[Found]:
    """Return files with their heads, read from those that the index doesn't hold as they are now."""
    root = store.root()
    ours = [file for file in files if root in file.parents]
    with database.opened(root) if ours else nullcontext() as index:
        known = database.attempt(root, lambda: _known(index, root, ours)) if index is not None else None
        found = [(known or {}).get(file) or _read(file, skipped) for file in files]
        if index is not None and known is not None:
            new = [one for one in found if one and one.path not in known and root in one.path.parents]
            database.attempt(root, lambda: heads.keep_all(index, root, new))
    return [one for one in found if one is not None]


def _known(index: sqlite3.Connection, root: Path, files: Sequence[Path]) -> dict[Path, Found]:
    """Return those of the files that the index holds as they are now."""
    if len(files) > FEW:
        heads.update(index, root, root, [])
    return {file: found for file in files if (found := heads.look_up(index, root, file))}


def _read(file: Path, skipped: list[str]) -> Found | None:
    """Return a file with its heads; of one with several, as far as it can be read."""
    version = store.version(file) or store.NO_VERSION
    found: list[Head] = []
    try:
        if store.holds_several(file):
            found.extend(map(head_of, store.read(file)))
        else:
            found = [store.peek(file)]
    except TraceFormatError as error:
        skipped.append(str(error))
    return Found(file, version, found) if found else None
