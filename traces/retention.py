"""What may go: which traces are older than a moment, and deleting them, or the texts in them.

Sessions stay whole: one goes when all of its traces are old.
"""

import os
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from traces import moments, packing, stars
from traces.errors import TraceFormatError
from traces.model import TEXT_REMOVED
from traces.numbers_only import without_text
from traces.packing import Change, Outcome
from traces.storage import catalog, codec, store
from traces.storage.archive import shelf
from traces.storage.catalog import Catalog, HeadOf
from traces.storage.head import decode_head, head_of, summary_of
from traces.storage.index import database
from traces.storage.index.heads import Found


@dataclass(frozen=True, slots=True)
class Old:
    """Traces that belong together: a session, or one that has no id.

    name    the session's id, or the trace's name
    begun   timestamp of the first
    size    bytes of the files, as they were before any of them was archived
    """

    name: str
    begun: str
    model: str | None
    files: Sequence[Path]
    size: int


def old(root: Path, before: datetime, keep_starred: bool, numbers_only: bool, skipped: list[str]) -> list[Old]:
    """Return what is older than a moment, oldest first. Reasons why files can't be read go to `skipped`."""
    limit = moments.timestamp(before)
    kept = set(stars.starred(root)) if keep_starred else set()

    def question(known: Catalog) -> list[Old]:
        named = {id: known.heads(id) for id in known.sessions()}
        single = {found.path.stem: [(found.path, head) for head in found.heads] for found in _unnamed(known, skipped)}
        every = {**named, **single}
        heads = {path for found in every.values() for path, _ in found}
        damaged = [] if numbers_only else [one for one in _damaged(root, heads) if one.begun < limit]
        return [*(_old(name, heads) for name, heads in every.items() if is_old(name, heads)), *damaged]

    def is_old(name: str, heads: Sequence[HeadOf]) -> bool:
        texts = not numbers_only or any(TEXT_REMOVED not in head.marks for _, head in heads)
        return bool(heads) and texts and name not in kept and all(head.timestamp < limit for _, head in heads)

    return sorted(catalog.ask(root, skipped, question), key=lambda one: one.begun)


def _damaged(root: Path, known: Set[Path]) -> Iterator[Old]:
    """Yield what of the archive can't be read. How old it is, its name says; of which session it was, nothing does."""
    for _, entry in shelf.entries(root):
        path = root / entry.path
        if path not in known and not path.exists() and _NAME.match(path.stem):
            try:
                store.peek(path)
            except TraceFormatError:
                yield Old(path.stem, _timestamp_of(path.stem), None, [path], entry.size)


_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}")


def _timestamp_of(stem: str) -> str:
    """Return the timestamp in a trace's name: 2025-10-26T14-23-45-123 is 2025-10-26T14:23:45.123Z."""
    date, _, time = stem.partition("T")
    return f"{date}T{time[:12].replace('-', ':', 2).replace('-', '.')}Z"


def _unnamed(known: Catalog, skipped: list[str]) -> list[Found]:
    return catalog.look_up([path for path in known.unnamed() if path.suffix == ".json"], skipped)


def _old(name: str, heads: Sequence[HeadOf]) -> Old:
    files = list(dict.fromkeys(path for path, _ in heads))
    versions = [store.version(path) for path in files]
    return Old(
        name=name,
        begun=min(head.timestamp for _, head in heads),
        model=next((head.model for _, head in heads if head.model), None),
        files=files,
        size=sum(version.size for version in versions if version),
    )


def prune(root: Path, going: Sequence[Old], numbers_only: bool) -> Outcome:
    """Delete these traces, or the texts in them, wherever they are kept; and the index, which holds the texts, too.

    Raises ToolkitError where another command is changing the archive.
    """
    change = _numbers if numbers_only else packing.nothing
    done = Outcome()
    files = {path for one in going for path in one.files}
    archived = {root / entry.path for _, entry in shelf.entries(root)} & files
    twice = {path for path in archived if path.exists()}  # as a killed archiver, or an unpacking, leaves them
    try:
        for path in sorted((files - archived) | twice):
            _prune_file(path, change, done)
        if archived:
            packing.rewrite(root, {path.relative_to(root).as_posix() for path in archived}, change, done)
            done.traces -= len(twice)
    finally:
        database.remove(root)
    return done


def _prune_file(path: Path, change: Change, done: Outcome) -> None:
    try:
        status = path.stat()
        data = change(path, store.read_bytes(path))
        if data is None:
            path.unlink()
        else:
            store.replace(path, data)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    except (OSError, TraceFormatError) as error:
        done.problems.append(str(error))
        return
    done.traces += 1
    done.before += status.st_size
    done.after += len(data or b"")


def _numbers(path: Path, data: bytes) -> bytes | None:
    """Return the file without texts. What its head says stays, even what can't be told without the texts."""
    trace = codec.decode(data, path)
    head = decode_head(data[: data.find(b"\n") + 1], path) or head_of(trace)
    first, rest = codec.document(without_text(trace))
    first["summary"] = summary_of(head)
    return codec.to_lines([first, *({name: value} for name, value in rest.items())])
