"""Where traces are kept, and how their files are written and read.

    <root>/<mode>/2025-10-26T14-23-45-123.json     one exchange each; the name is its UTC time
    <root>/<mode>/latest.json                      a link to the newest

Traces of past days may be in the archive instead (`traces.storage.archive`): they are read as if they were files.

How their files are written: `traces.storage.writing`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from traces.errors import TraceFormatError
from traces.model import Trace
from traces.storage import codec
from traces.storage.archive import shelf
from traces.storage.archive.book import Book
from traces.storage.archive.layout import Entry
from traces.storage.archive.outline import Outline, UnfitError
from traces.storage.head import Head, Values, decode_values, head_of
from traces.storage.writing import LATEST as LATEST
from traces.storage.writing import create as create
from traces.storage.writing import make_private_folder as make_private_folder
from traces.storage.writing import point_latest as point_latest
from traces.storage.writing import replace as replace
from traces.storage.writing import root as root
from traces.storage.writing import stem_of as stem_of

LARGEST = 256 * 2**20
"""Bytes of the largest file that is read. Bodies are recorded up to 64 MiB each, so a larger file is no trace."""

_SUFFIXES, _SUFFIX_LENGTH = (".json", ".flow"), 5

_LONGEST_LINE = 64 * 2**10

_PIECE = 8 * 2**10
"""Bytes that are read at once of a file whose first line is wanted."""


def files(path: Path) -> list[Path]:
    """Return the traces in a folder and the folders below it, oldest first and without links; of a file, itself.

    Those of other programs (see `traces.storage.foreign`) follow, from a folder that isn't ours. Raises
    TraceFormatError where `path` doesn't exist.
    """
    if path.is_dir():
        return list(map(Path, names(path))) if _is_within_root(path) else _of_any_program(path)
    if not exists(path):
        raise TraceFormatError(f"{path}: No such file or folder.")
    return [path]


def holds_several(path: Path) -> bool:
    """Return whether a file may hold more than one exchange: a .flow file, or one of another program."""
    return path.suffix == ".flow" or _is_foreign(path)


def _is_within_root(path: Path) -> bool:
    """Return whether a path is the folder of all traces or in it: nothing of another program is kept there."""
    top = root()
    return path == top or top in path.parents


def _is_foreign(path: Path) -> bool:
    if path.suffix == ".flow" or _is_within_root(path):
        return False
    from traces.storage import foreign  # only files outside of the folder of all traces need it

    return foreign.is_foreign(path)


def _of_any_program(folder: Path) -> list[Path]:
    from traces.storage import foreign

    others = foreign.files(folder)
    taken = set(map(str, others))
    ours = [Path(path) for path in names(folder) if path not in taken and not foreign.belongs_to_another(path)]
    return [*ours, *others]


def names(folder: Path) -> list[str]:
    """Return the paths of the traces in a folder and the folders below it, oldest first."""
    found = [(stem(name), f"{place}{name}") for place, names in by_folder(folder) for name in names]
    return [path for _, path in sorted(found)]


def by_folder(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each folder with traces, from this one down, and their names, in no order. A folder's path ends with a /.

    Those in the archive are among them. These are texts, as a Path each takes longer than all the rest.
    """
    archived: dict[str, set[str]] = {}
    for place, entry in shelf.entries(folder):
        archived.setdefault(place, set()).add(entry.path.rpartition("/")[2])
    for place, names in plain_by_folder(folder):
        yield place, [*names, *archived.pop(place, set()).difference(names)]
    yield from ((place, list(names)) for place, names in archived.items())


def plain_by_folder(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the same of the traces that are files, without those in the archive."""
    yield from _by_folder(f"{folder}/".replace("//", "/"))


def _by_folder(folder: str) -> Iterator[tuple[str, list[str]]]:
    try:
        names = os.listdir(folder)  # noqa: PTH208
    except OSError:
        return  # not ours to look into
    found = [name for name in names if name.endswith(_SUFFIXES)]
    if traces := [name for name in found if name[0] != "." and name != LATEST]:
        yield folder, traces
    for name in names if len(found) < len(names) else ():
        path = folder + name
        if not name.endswith(_SUFFIXES) and os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114
            yield from _by_folder(f"{path}/")


stem = itemgetter(slice(-_SUFFIX_LENGTH))
"""Returns the name of a trace's file without its suffix."""


class Version(NamedTuple):
    """What differs as soon as a file does: its size in bytes, its time of change in nanoseconds, and its inode."""

    size: int
    changed: int
    inode: int


NO_VERSION = Version(0, 0, 0)
"""Of a file of which it doesn't matter."""


def version(path: Path) -> Version | None:
    """Return the version of a trace's file, in the archive that of the file that it was; None where it is gone."""
    try:
        status = path.stat()
    except OSError:
        found = _in_archive(path)
        return Version(*found[1][1:]) if found else None
    return Version(status.st_size, status.st_mtime_ns, status.st_ino)


def exists(path: Path) -> bool:
    """Return whether there is a file, a folder, or a trace in the archive with this path."""
    return path.exists() or _in_archive(path) is not None


def _in_archive(path: Path) -> tuple[Book, Entry] | None:
    """Return what of the archive holds a trace; a link may point to it."""
    try:
        return shelf.find(_linked(path))
    except (TraceFormatError, OSError):
        return None


VersionOf = tuple[str, int, int, int]
"""A path, and the fields of its version: of 100,000 files, to be compared with rows of a database."""


def versions(folder: Path, root: Path) -> list[VersionOf]:
    """Return the version of each trace in a folder and the folders below it, in no order, its path relative to root."""
    start = len(f"{root}/")
    found: list[VersionOf] = []
    for place, names in plain_by_folder(folder):
        within = place[start:]
        with _opened_folder(place) as handle:
            for name in names:
                try:
                    status = os.stat(name, dir_fd=handle)
                except OSError:
                    continue  # it has gone meanwhile
                found.append((within + name, status.st_size, status.st_mtime_ns, status.st_ino))
    if archived := list(shelf.entries(folder)):
        plain = {path for path, *_ in found}
        for place, (path, size, changed, inode) in archived:
            full = place[start:] + path.rpartition("/")[2]
            if full not in plain:
                found.append((full, size, changed, inode))
    return found


@contextmanager
def _opened_folder(path: str) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def load(path: Path, events: bool = True) -> Trace:
    """Return the trace in a .json file. Raises TraceFormatError, naming the file and the reason."""
    try:
        return codec.decode(_read_plain(path), path, events)
    except FileNotFoundError as error:
        return _load_archived(_linked(path), path, events, error)


def _load_archived(kept: Path, path: Path, events: bool, error: FileNotFoundError) -> Trace:
    """Return the trace in the archive that has a path, and a name here. What its session shares is parsed once."""
    book, outline = _outline(kept, error)
    within = kept.name
    try:
        return codec.decode(outline.data, path, events, lambda document: book.fill(outline, within, document))
    except UnfitError:
        return codec.decode(_archived(kept, error), path, events)


def read(path: Path, events: bool = True) -> Iterator[Trace]:
    """Yield the traces in a .json file (one), or each exchange with a model in a .flow file or one of another program.

    Without `events`, a .json file is read in half the time. Raises TraceFormatError; of a file with several, after
    those that could be read.
    """
    if path.suffix == ".flow":
        from traces.storage import (
            flowfile,  # mitmproxy takes a third of a second to import, and only .flow files need it
        )

        yield from flowfile.read(path)
    elif _is_foreign(path):
        from traces.storage import foreign

        yield from foreign.read(path)
    else:
        yield load(path, events)


def read_all(path: Path) -> Iterator[Trace]:
    """Yield each trace in a file or a folder, oldest first. Raises TraceFormatError at the first that can't be read."""
    for file in files(path):
        yield from read(file)


def peek(path: str | Path) -> Head:
    """Return the head of a .json file, from its first line where that has it. Raises TraceFormatError."""
    return Head.of(peek_values(path))


def peek_values(path: str | Path) -> Values:
    """Return the values of that head.

    Of 100,000 files, making a Path of each takes as long as reading them: a text does.
    """
    try:
        line = _first_line(path)
    except FileNotFoundError as error:
        data = _outline(_linked(Path(path)), error)[1].data
        line = data[: data.find(b"\n") + 1]
    except OSError as error:
        raise _unreadable(path, error) from error
    return decode_values(line, path) or head_of(load(Path(path))).values


def _first_line(path: str | Path) -> bytes:
    """Return a file's first line, or the beginning of one that is longer than a head. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)  # a file object takes longer to make than the line to read
    try:
        line = b""
        while (end := line.find(b"\n") + 1) == 0 and len(line) < _LONGEST_LINE and (more := os.read(handle, _PIECE)):
            line += more
    finally:
        os.close(handle)
    return line[: end or _LONGEST_LINE]


def read_bytes(path: Path) -> bytes:
    """Return a trace's file, from the archive where it is there. Raises TraceFormatError."""
    try:
        return _read_plain(path)
    except FileNotFoundError as error:
        return _archived(_linked(path), error)


def _read_plain(path: Path) -> bytes:
    """Return a file. Raises FileNotFoundError, and TraceFormatError where it can't be read otherwise."""
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST:
                raise TraceFormatError(
                    f"{path}: {size / 1e6:,.0f} MB is too large for a trace (at most {LARGEST / 1e6:,.0f} MB)."
                )
            return file.read()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _unreadable(path, error) from error


def _linked(path: Path) -> Path:
    """Return where a link leads, as `latest.json` does; any other path as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path  # a Path's own `resolve` fails at a loop


def _archived(path: Path, error: FileNotFoundError) -> bytes:
    found = shelf.find(path)
    data = found[0].read(found[1].path) if found else None
    if data is None:
        raise _unreadable(path, error) from error
    return data


def _outline(path: Path, error: FileNotFoundError) -> tuple[Book, Outline]:
    found = shelf.find(path)
    outline = found[0].outline(found[1].path) if found else None
    if found is None or outline is None:
        raise _unreadable(path, error) from error
    return found[0], outline


def _unreadable(path: str | Path, error: OSError) -> TraceFormatError:
    return TraceFormatError(f"{path}: {error.strerror or error}.")
