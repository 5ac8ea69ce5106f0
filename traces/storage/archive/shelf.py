"""Where the archive of a folder is, and which traces are in it.

A trace in the archive keeps the path of its file. The archive is beside the folders of the modes, so it is looked for
in the folders above.
"""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

from traces.errors import TraceFormatError
from traces.storage.archive import book
from traces.storage.archive.book import Book
from traces.storage.archive.layout import Entry

FOLDER, MONTH, SUFFIX = "archive", "[0-9][0-9][0-9][0-9]-[0-9][0-9]", ".traces"


class ArchiveWarning(UserWarning):
    """A file of the archive can't be read. The message says which, and why."""


def books(root: Path) -> list[Path]:
    """Return the files of the archive in the folder of all traces, oldest first, without one that was only begun.

    They are named by their months: a folder `archive` anywhere above a trace may be somebody else's.
    """
    return sorted(filter(_is_written, (root / FOLDER).glob(f"{MONTH}{SUFFIX}")))


def _is_written(path: Path) -> bool:
    """Return whether a file holds anything: where the disk was full, an empty one may be left."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def book_for(root: Path, stem: str) -> Path:
    """Return the file of the archive for a trace with this name: that of its month."""
    month = stem[:7]
    is_month = len(month) == 7 and month[4] == "-" and (month[:4] + month[5:]).isdigit()
    return root / FOLDER / f"{month if is_month else 'other'}{SUFFIX}"


def find(path: Path) -> tuple[Book, Entry] | None:
    """Return what of the archive holds the trace with this path; None where nothing does.

    Raises TraceFormatError where it may be in a file of the archive that can't be read.
    """
    folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100 - a Path takes longer than reading the trace
    within = name
    while True:
        if os.path.isdir(os.path.join(folder, FOLDER)) and (found := _find_in(Path(folder), within)):  # noqa: PTH112, PTH118
            return found
        above, last = os.path.split(folder)
        if above == folder:
            return None
        folder, within = above, f"{last}/{within}"


def _find_in(root: Path, name: str) -> tuple[Book, Entry] | None:
    for file in _likeliest_first(root, name.rpartition("/")[2]):
        opened = book.opened(file)
        if entry := opened.entry(name):
            return opened, entry
    return None


def _likeliest_first(root: Path, stem: str) -> Iterator[Path]:
    """Yield the files of the archive, that of the trace's month first: the others are only looked for if need be."""
    first = book_for(root, stem)
    if _is_written(first):
        yield first
    yield from (file for file in books(root) if file != first)


def entries(folder: Path) -> Iterator[tuple[str, Entry]]:
    """Yield folder and entry of each trace in the archive that belongs into a folder, or below it.

    The folder's path is written as the given one is, and ends with a /.
    """
    place = folder.absolute()
    for root in (place, *place.parents):
        within = "" if root == place else f"{place.relative_to(root).as_posix()}/"
        for file in books(root):
            try:
                found = book.opened(file).entries()
            except TraceFormatError as error:
                warnings.warn(ArchiveWarning(str(error)), stacklevel=2)
                continue
            for entry in found:
                if entry.path.startswith(within):
                    inside = entry.path[len(within) :].rpartition("/")[0]
                    yield f"{folder}/{inside}/" if inside else f"{folder}/", entry
