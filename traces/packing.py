"""Moves traces into the archive and back, and checks the archive.

Nothing is deleted before what replaces it was read back, byte for byte. So whoever is killed leaves a trace twice,
never not at all: the file counts then, and the next run goes on.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from math import inf
from pathlib import Path

from traces.errors import ToolkitError, TraceFormatError
from traces.storage import codec, store
from traces.storage.archive import layout, shelf
from traces.storage.archive.binder import Binder
from traces.storage.archive.book import Book
from traces.storage.archive.layout import Entry, digest_of

BATCH = 200
"""Traces that are packed in one transaction, and then checked."""

Each = Callable[[Sequence[Path]], Iterable[Path]]
"""How files are iterated over: `iter`, or something that shows its progress."""


@dataclass(slots=True)
class Outcome:
    """What was done: traces moved, their bytes before and after, and reasons why others weren't."""

    traces: int = 0
    before: int = 0
    after: int = 0
    problems: list[str] = field(default_factory=list)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Keep other commands from changing the archive meanwhile. Raises ToolkitError where one does."""
    folder = root / shelf.FOLDER
    try:
        store.make_private_folder(folder)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ToolkitError(f"{folder}: {error.strerror or error}.") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system lets go when the process ends
        except OSError:
            raise ToolkitError(
                f"{folder}: another command is changing the archive. Try again when it is done."
            ) from None
        yield
    finally:
        os.close(handle)


def pack(root: Path, before: datetime, each: Each = iter) -> Outcome:
    """Move traces into the archive whose files haven't changed since a moment. Raises ToolkitError."""
    done = Outcome()
    with alone(root):
        for file, some in groupby(
            sorted(_plain(root, before.timestamp()), key=_by_time), lambda path: shelf.book_for(root, path.stem)
        ):
            held = file.stat().st_size if file.exists() else 0
            remaining = iter(each(list(_by_session(some))))
            try:
                _renew_old(root, file)
                while batch := list(islice(remaining, BATCH)):
                    _pack_batch(root, file, batch, done)
            except (sqlite3.Error, TraceFormatError, OSError) as error:
                reason = str(error).removeprefix(f"{file}: ").rstrip(".")
                done.problems.append(f"{file}: {reason}. Traces of that month stay as they are.")
            done.after += (file.stat().st_size if file.exists() else 0) - held
    return done


def _renew_old(root: Path, file: Path) -> None:
    """Write a file of the archive anew that an earlier version wrote. Raises TraceFormatError where it is damaged."""
    if file in shelf.books(root):
        with closing(Book(file)) as known:
            if known.version != layout.VERSION:
                _write_anew(file, known.entries(), lambda entry: known.read(entry.path))


def _by_time(path: Path) -> tuple[str, str]:
    return path.stem, str(path)


def _plain(root: Path, before: float) -> Iterator[Path]:
    for place, names in store.plain_by_folder(root):
        for name in names:
            path = Path(place, name)
            if name.endswith(".json") and not path.is_symlink() and _changed(path) < before:
                yield path


def _changed(path: Path) -> float:
    version = store.version(path)
    return version.changed / 1e9 if version else inf


def _by_session(files: Iterable[Path]) -> Iterator[Path]:
    """Yield the files, those of a session after one another: they share most of what they hold."""
    sessions: dict[str | None, list[Path]] = {}
    for file in files:
        try:
            session = store.peek(file).ids.session
        except TraceFormatError:
            session = None
        sessions.setdefault(session, []).append(file)
    for some in sessions.values():
        yield from some


def _pack_batch(root: Path, file: Path, batch: Sequence[Path], done: Outcome) -> None:
    packed: list[tuple[Path, Entry]] = []
    with closing(layout.create(file)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        binder = Binder(connection)
        for path in batch:
            try:
                version, data = _read_unchanged(path)
                entry = Entry(path.relative_to(root).as_posix(), *version)
                binder.add(entry, data)
            except (TraceFormatError, UnicodeEncodeError) as error:
                done.problems.append(
                    str(error) if isinstance(error, TraceFormatError) else f"{path}: not a Unicode name."
                )
                continue
            packed.append((path, entry))
        binder.finish()
        connection.execute("COMMIT")
    _remove_plain(file, packed, done)


def _read_unchanged(path: Path) -> tuple[store.Version, bytes]:
    """Return a file, and the version that it had before and after. Raises TraceFormatError where it is no trace."""
    version = store.version(path)
    data = store.read_bytes(path)
    if version is None or store.version(path) != version:
        raise TraceFormatError(f"{path}: It is being written.")
    if not str(path).isprintable():
        raise TraceFormatError(f"{path}: Its name isn't one that a trace gets.")
    codec.decode(data, path, events=False)
    return version, data


def _remove_plain(file: Path, packed: Sequence[tuple[Path, Entry]], done: Outcome) -> None:
    """Delete the files that the archive gives back byte for byte, as a reader opens it."""
    with closing(Book(file)) as reader:
        for path, entry in packed:
            kept = reader.read(entry.path)
            version = store.version(path)
            if version == entry[1:] and kept == store.read_bytes(path):
                path.unlink()
                done.traces += 1
                done.before += entry.size
            else:
                done.problems.append(f"{path}: It has changed meanwhile, and stays as it is.")


def verify(root: Path, each: Callable[[Sequence[Entry]], Iterable[Entry]] = iter) -> Outcome:
    """Read all that is in the archive, and return how much that is, and what is damaged."""
    found = Outcome()
    for file in shelf.books(root):
        found.after += file.stat().st_size
        try:
            with closing(Book(file)) as reader:
                found.problems += [f"{file}: {line}" for line in reader.problems()]
                for entry in each(reader.entries()):
                    try:
                        if reader.read(entry.path) is None:
                            raise TraceFormatError(f"{entry.path}: Damaged in {file}: it can't be found.")
                    except TraceFormatError as error:
                        found.problems.append(str(error))
                        continue
                    found.traces += 1
                    found.before += entry.size
        except TraceFormatError as error:
            found.problems.append(str(error))
    return found


def repair(root: Path) -> Outcome:
    """Write damaged files of the archive anew from what is whole in them, and return how much that is.

    A file with a trace that can't be read in either place stays as it is. Raises ToolkitError.
    """
    done = Outcome()
    with alone(root):
        for file in shelf.books(root):
            try:
                with closing(Book(file)) as old:
                    entries = old.entries()
                    if old.problems():
                        done.after += _write_anew(file, entries, lambda entry: old.read(entry.path))
                        done.traces += len(entries)
                        done.before += sum(entry.size for entry in entries)
            except (sqlite3.Error, TraceFormatError, OSError) as error:
                done.problems.append(f"{str(error).rstrip('.')}. {file} stays as it is.")
    return done


def unpack(root: Path, each: Callable[[Sequence[Entry]], Iterable[Entry]] = iter) -> Outcome:
    """Write all traces of the archive as files again. What can't be read stays there. Raises ToolkitError."""
    done = Outcome()
    with alone(root):
        for file in shelf.books(root):
            try:
                with closing(Book(file)) as reader:
                    before = len(done.problems)
                    for entry in each(reader.entries()):
                        _unpack_one(root, reader, entry, done)
            except OSError as error:  # most likely, the disk is full
                done.problems.append(f"{error.filename or file}: {error.strerror or error}. {file} stays as it is.")
                continue
            except TraceFormatError as error:
                done.problems.append(str(error))
                continue
            if len(done.problems) == before:
                done.before += file.stat().st_size
                file.unlink()
    return done


def _unpack_one(root: Path, reader: Book, entry: Entry, done: Outcome) -> None:
    path = root / entry.path
    try:
        data = reader.read(entry.path)
    except TraceFormatError as error:
        done.problems.append(str(error))
        return
    assert data is not None
    if not path.exists():
        store.replace(path, data)
        os.utime(path, ns=(entry.changed, entry.changed))
    done.traces += 1
    done.after += entry.size


Change = Callable[[Path, bytes], bytes | None]
"""Returns what a trace's file is to be from now on; None where nothing of it is to be left."""


def nothing(path: Path, data: bytes) -> bytes | None:
    """Leave nothing of a trace."""
    return None


def rewrite(root: Path, paths: Set[str], change: Change, done: Outcome) -> None:
    """Change traces in the archive, or take out those of which nothing is left. Raises ToolkitError.

    `paths` are relative to the root. A file of the archive is written anew, and takes the old one's place when all in
    it was read back: so what is taken out is gone, and who is killed changes nothing.
    """
    with alone(root):
        for file in shelf.books(root):
            try:
                _rewrite(root, file, paths, change, done)
            except (sqlite3.Error, TraceFormatError, OSError) as error:
                done.problems.append(f"{file}: {error} It stays as it is.")


def _read_for_change(old: Book, entry: Entry, paths: Set[str], change: Change) -> bytes | None:
    """Return a trace in the archive; None for a damaged one of which nothing is to be left.

    Raises TraceFormatError for any other that is damaged, as it can't be taken along.
    """
    try:
        return old.read(entry.path)
    except TraceFormatError:
        if entry.path in paths and change is nothing:
            return None
        raise


def _rewrite(root: Path, file: Path, paths: Set[str], change: Change, done: Outcome) -> None:
    with closing(Book(file)) as old:
        entries = old.entries()
        changing = [entry for entry in entries if entry.path in paths]
        if not changing:
            return

        def changed(entry: Entry) -> bytes | None:
            data = _read_for_change(old, entry, paths, change)
            return change(root / entry.path, data) if data is not None and entry.path in paths else data

        before, after = file.stat().st_size, _write_anew(file, entries, changed)
    done.traces += len(changing)
    done.before += before
    done.after += after


def _write_anew(file: Path, entries: Sequence[Entry], read: Callable[[Entry], bytes | None]) -> int:
    """Replace a file of the archive by one of what `read` returns, or by none, and return its bytes."""
    part = file.with_name(f".{file.name}.new")
    part.unlink(missing_ok=True)
    kept: dict[Entry, bytes] = {}
    with closing(layout.create(part)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        binder = Binder(connection)
        for entry in entries:
            new = read(entry)
            if new is not None:
                added = entry._replace(size=len(new))
                binder.add(added, new)
                kept[added] = digest_of(new)
        binder.finish()
        connection.execute("COMMIT")
    with closing(Book(part)) as written:
        if any(digest_of(written.read(entry.path) or b"") != digest for entry, digest in kept.items()):
            raise TraceFormatError("What was written can't be read back.")
    if not kept:
        part.unlink()
        file.unlink()
        return 0
    part.rename(file)
    return file.stat().st_size
