"""What can be looked at while it goes on: the sessions in a folder, and each of them, as data for a page.

What was read stays read: only files that have changed are opened again. Knows nothing of addresses and of browsers.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any

from analysis.session import listing
from analysis.tokens.counters import DEFAULT
from analysis.web import session_page
from traces.errors import TraceFormatError
from traces.sessions import lookup
from traces.sessions.grouping import Turn, TurnReader
from traces.storage import store


class Shelf:
    """The sessions in a folder. One thread at a time reads."""

    def __init__(self, root: Path, tokenizer: str = DEFAULT) -> None:
        self._root = root
        self._tokenizer = tokenizer
        self._remembered = Remembered()
        self._pages: dict[str, session_page.SessionsPage] = {}
        self._ids: dict[str, str] = {}
        self._lock = Lock()

    def state(self) -> object:
        """Another one as soon as a file in the folder is."""
        files = store.files(self._root) if self._root.is_dir() else []
        return [stamp for stamp in map(_stamped, files) if stamp]

    def sessions(self) -> dict[str, Any]:
        """The newest first; none where there are no traces yet."""
        with self._lock:
            files = store.files(self._root) if self._root.is_dir() else []
            rows = listing.rows(files, 0, []) if files else []
            rows = [{**row, "address": self._address(str(row["session"]))} for row in rows]
        return {"title": "Sessions", "rows": rows, "live": True}

    def _address(self, id: str) -> str:
        """What an address calls a session: its id, unless a browser would read that otherwise."""
        if re.fullmatch(r"[\w-]{4,}", id, re.ASCII):
            return id
        address = hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        self._ids[address] = id
        return address

    def session(self, address: str) -> dict[str, Any]:
        """Raises ToolkitError where there is no such session any more."""
        id = self._ids.get(address, address)
        with self._lock:
            found = lookup.by_id(id, self._root, [], read=self._remembered.turns)
            page = self._pages.setdefault(id, session_page.SessionsPage(self._tokenizer))
            return {**page.data([found]), "live": True}


class Remembered:
    """Turns of files, read once as long as a file stays as it is."""

    def __init__(self) -> None:
        self._reader = TurnReader()
        self._read: dict[Path, tuple[object, list[Turn]]] = {}

    def turns(self, files: Iterable[Path], skipped: list[str]) -> Iterator[Turn]:
        for file in files:
            stamp = _stamped(file)
            known = self._read.get(file)
            if known is None or known[0] != stamp:
                try:
                    read = [self._reader.read(trace, place) for place, trace in enumerate(store.read(file), 1)]
                except TraceFormatError as error:
                    skipped.append(str(error))
                    continue
                known = self._read[file] = stamp, read
            yield from known[1]


def _stamped(file: Path) -> object:
    """What changes with a file; None where it is gone meanwhile."""
    try:
        status = file.stat()
    except OSError:
        return None
    return str(file), status.st_mtime_ns, status.st_size
