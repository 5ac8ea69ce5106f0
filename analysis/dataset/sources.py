"""The traces that are to be read: files of this machine, or of an object store.

Each has a version, which differs as soon as the file does.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.dataset import places
from analysis.dataset.places import Place, PlaceError
from traces.storage import store
from traces.storage.archive import shelf
from traces.storage.resolve import NoTrace

AT_ONCE = 250
"""Files that are read together."""

BYTES_AT_ONCE = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Source:
    """A file of traces: what it is called in tables, its absolute path or URL, its size in bytes, and its version."""

    file: str
    path: str
    size: int
    version: str


def sources_of(name: str, skipped: list[str]) -> list[Source]:
    """Return the files that a name or a URL means. Raises NoTrace where there are none, PlaceError.

    What can't be read there goes to `skipped`.
    """
    if places.is_url(name):
        return _elsewhere(places.place(name), skipped)
    from analysis.exchange import reading

    return [_local(file) for file in reading.files_of([name])]


def slices(sources: Iterable[Source]) -> Iterator[Sequence[Source]]:
    """Yield the sources in slices that are read together: of some files, or of some bytes."""
    some: list[Source] = []
    size = 0
    for source in sources:
        if some and (len(some) == AT_ONCE or size + source.size > BYTES_AT_ONCE):
            yield some
            some, size = [], 0
        some.append(source)
        size += source.size
    if some:
        yield some


@contextmanager
def files_here(sources: Sequence[Source], skipped: list[str]) -> Iterator[dict[str, Source]]:
    """Yield paths on this machine, with the source that each is; files from elsewhere are there until the block ends.

    Why one can't be had is added to `skipped`.
    """
    remote = [source for source in sources if places.is_url(source.path)]
    here = {source.path: source for source in sources if not places.is_url(source.path)}
    with tempfile.TemporaryDirectory(prefix="anyclaude-") as folder:
        fetched = places.read_all([source.path for source in remote])
        for number, (source, data) in enumerate(zip(remote, fetched, strict=True)):
            if isinstance(data, PlaceError):
                skipped.append(str(data))
                continue
            path = Path(folder, str(number), source.path.rpartition("/")[2])
            path.parent.mkdir()
            path.write_bytes(data)
            here[str(path)] = source
        yield here


def _local(file: Path) -> Source:
    path = os.path.abspath(file)  # noqa: PTH100 - a link stays what it is called
    found = store.version(file) or store.Version(0, 0, 0)
    return Source(str(file), path, found.size, f"{found.size}-{found.changed}")


def _elsewhere(place: Place, skipped: list[str]) -> list[Source]:
    found = place.files()
    archives = [name for name in found if name.endswith(shelf.SUFFIX)]
    if archives:
        skipped.append(f"{place.shown}/{archives[0]}: an archive is only read on this machine. Copy the folder here.")
    names = sorted((name for name in found if _is_trace(name)), key=lambda name: (store.stem(_last(name)), name))
    if not names:
        raise NoTrace(f"No traces found in {place.shown}.")
    return [_remote(place, name, found[name]) for name in names]


def _remote(place: Place, name: str, about: dict[str, Any]) -> Source:
    known = (about.get(key) for key in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "created"))
    changed = next((str(value).strip('"') for value in known if value is not None), "")
    url = f"{place.url}/{name}" if name else place.url
    return Source(url, url, int(about.get("size") or 0), f"{about.get('size')}-{changed}")


def _is_trace(name: str) -> bool:
    last = _last(name)
    return last.endswith((".json", ".flow")) and not last.startswith(".") and last != store.LATEST


def _last(name: str) -> str:
    return name.rpartition("/")[2]
