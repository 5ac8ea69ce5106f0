"""The sessions of a folder as data for pages that are updated while the sessions are running.

Only files that have changed are opened again.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any

from analysis import search
from analysis.session import listing
from analysis.tokens.counters import DEFAULT
from analysis.web import session_page
from traces import running
from traces.errors import ToolkitError, TraceFormatError
from traces.search import history
from traces.search.question import Hit, Question
from traces.sessions import lookup
from traces.sessions.grouping import Session, Turn, TurnReader
from traces.storage import store

MOST_HITS = 50


class SessionFolder:
    """The sessions in a folder; only one thread at a time reads them."""

    def __init__(self, root: Path, tokenizer: str = DEFAULT) -> None:
        self._root = root
        self._tokenizer = tokenizer
        self._turn_cache = TurnCache()
        self._pages: dict[str, session_page.SessionsPage] = {}
        self._ids: dict[str, str] = {}
        self._without_id: dict[str, Path] = {}  # addresses of sessions that are found by one of their traces
        self._lock = Lock()

    def state(self) -> object:
        """Return a value that differs as soon as a file in the folder does."""
        if self._root == store.root():
            return store.versions(self._root, self._root), running.read_all(self._root)
        return [store.version(file) for file in self._files()]

    def sessions(self) -> dict[str, Any]:
        """Return the data of the list of sessions, the newest first; without traces it is empty."""
        with self._lock:
            rows = listing.rows(self._root, 0, []) if self._files() else []
            rows = [{**row, "address": self._address(str(row["session"]))} for row in rows]
        return {"title": "Sessions", "rows": rows, **self._now(), "search": self._can_search()}

    def _now(self) -> dict[str, Any]:
        """Return what of a page's data is about what goes on."""
        return {"live": True, "running": [spent._asdict() for spent in running.read_all(self._root)]}

    def _files(self) -> list[Path]:
        return store.files(self._root) if self._root.exists() else []

    def search(self, words: str) -> dict[str, Any]:
        """Return what is found in all traces, newest first, or why the words can't be searched for."""
        try:
            with self._lock:
                hits = history.search(Question(words), MOST_HITS, []) if self._can_search() else []
        except ToolkitError as error:
            return {"hits": [], "problem": str(error)}
        return {"hits": [{**search.row(hit), **self._shown(hit)} for hit in hits], "problem": None}

    def _shown(self, hit: Hit) -> dict[str, Any]:
        """Return the snippet with its marks, and the address of the turn; where no id names its session, of this."""
        if hit.session:
            address = f"session/{self._address(hit.session)}/#turn-{hit.turn}"
        else:
            address = f"session/{self._address(str(hit.path))}/"
            self._without_id[self._address(str(hit.path))] = hit.path
        return {"snippet": " ".join(hit.snippet.split()), "address": address, "name": search.name(hit)}

    def _can_search(self) -> bool:
        """Return whether these are all traces: a search is in all of them."""
        return self._root == store.root()

    def _session(self, address: str, id: str) -> Session:
        if (path := self._without_id.get(address)) is None:
            return lookup.by_id(id, self._root, [], read=self._turn_cache.turns)
        return next(one for one in lookup.find(str(path), []) if any(turn.file == path for turn in one.turns))

    def _address(self, id: str) -> str:
        """Return the session's name in URLs: its id, or a digest of it where it holds more than letters and digits."""
        if re.fullmatch(r"[\w-]{4,}", id, re.ASCII):
            return id
        address = hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        self._ids[address] = id
        return address

    def session(self, address: str) -> dict[str, Any]:
        """Return the data of a session's page. Raises ToolkitError where the session is gone."""
        id = self._ids.get(address, address)
        with self._lock:
            found = self._session(address, id)
            page = self._pages.setdefault(id, session_page.SessionsPage(self._tokenizer))
            return {**page.data([found]), **self._now()}


class TurnCache:
    """The turns of files, which are read again only after a change."""

    def __init__(self) -> None:
        self._reader = TurnReader()
        self._read: dict[Path, tuple[object, list[Turn]]] = {}

    def turns(self, files: Iterable[Path], skipped: list[str]) -> Iterator[Turn]:
        """Yield the turns of the files; add to `skipped` why a file couldn't be read."""
        for file in files:
            version = store.version(file)
            known = self._read.get(file)
            if known is None or known[0] != version:
                try:
                    read = [self._reader.read(trace, place) for place, trace in enumerate(store.read(file), 1)]
                except TraceFormatError as error:
                    skipped.append(str(error))
                    continue
                known = self._read[file] = version, read
            yield from known[1]
