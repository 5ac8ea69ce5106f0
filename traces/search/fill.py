"""Brings the texts in the index up to date: each text once, and each thread's first mention of it.

Every request repeats its conversation: without this, the index would grow with the square of a session, as the traces
do. A thread is a session, or, without ids, what begins with the same words; a subagent without ids belongs to the
thread in which a call of a tool holds its first words.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from traces.content.parts import Part
from traces.content.tools import texts_in_call
from traces.errors import TraceFormatError
from traces.model import Trace
from traces.search.passages import ROLES, PassageReader, Read
from traces.storage import store
from traces.storage.index.database import writing
from traces.storage.index.heads import batches, stored, text

BATCH = 50
"""Files whose texts are written in one transaction."""

THREADS = 16
"""How many threads are remembered between two exchanges."""

Each = Callable[[Sequence[int]], Iterable[int]]
"""How files are iterated over: `iter`, or something that shows its progress."""


@dataclass(slots=True)
class _Thread:
    """What the index holds of a thread.

    known   the digests of its texts
    seen    parts of its last exchanges that need no digest any more
    """

    id: int
    known: set[bytes]
    seen: set[Part] = field(default_factory=set)


class Filler:
    """Writes the texts of exchanges to the index, within the transactions of its caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._threads: dict[bytes, _Thread] = {}
        self._readers: dict[tuple[str | None, str | None], PassageReader] = {}

    def forget(self) -> None:
        """Forget what was read: the transaction that it was written in has failed, or another one has come between."""
        self._threads.clear()

    def read(self, path: Path) -> list[Read]:
        """Return what each exchange in a file says. Raises TraceFormatError."""
        return [self.read_trace(trace) for trace in store.read(path, events=False)]

    def read_trace(self, trace: Trace) -> Read:
        """Return what an exchange says."""
        agent = trace.ids.session, trace.ids.agent
        reader = self._readers.pop(agent, None) or PassageReader()
        self._readers[agent] = reader
        if len(self._readers) > THREADS:
            del self._readers[next(iter(self._readers))]
        return reader.read(trace)

    def write(self, file: int, exchanges: Iterable[Read]) -> None:
        """Write the texts of the exchanges in one file."""
        query = "SELECT id, session, kind, mode FROM exchanges WHERE file = ? ORDER BY place"
        rows = self._connection.execute(query, (file,)).fetchall()
        for (exchange, session, kind, mode), read in zip(rows, exchanges, strict=False):
            key = _digest(f"session {text(session)}") if session else self._unnamed(text(kind), text(mode), read)
            thread = self._thread(key)
            self._connection.execute(
                "UPDATE exchanges SET thread = ?, title = ?, project = ? WHERE id = ?",
                (thread.id, stored(read.title(text(kind))), stored(read.project), exchange),
            )
            new = self._mention(thread, exchange, read.parts)
            if not session:
                self._note_calls(key, text(mode), new)
        self._connection.execute("UPDATE files SET texts_read = 1 WHERE id = ?", (file,))

    def _unnamed(self, kind: str, mode: str, read: Read) -> bytes:
        """Return the key of the thread of an exchange without a session's id."""
        said = [part.text for part in read.parts if part.kind == "user"] if kind == "SUBAGENT" else []
        for words in said:
            query = "SELECT thread_key FROM calls WHERE words = ?"
            if found := self._connection.execute(query, (_digest_of_call(mode, words),)).fetchone():
                return bytes(found[0])
        return _digest(f"begins {read.thread}")

    def _note_calls(self, key: bytes, mode: str, parts: Iterable[Part]) -> None:
        """Keep what the calls among these parts say: subagents may begin with it."""
        words = {
            _digest_of_call(mode, said)
            for part in parts
            if part.kind == "tool_input"
            for said in texts_in_call(part.text)
        }
        self._connection.executemany("INSERT OR REPLACE INTO calls VALUES (?, ?)", ((one, key) for one in words))

    def _thread(self, key: bytes) -> _Thread:
        thread = self._threads.pop(key, None) or self._load(key)
        self._threads[key] = thread
        if len(self._threads) > THREADS:
            del self._threads[next(iter(self._threads))]
        return thread

    def _load(self, key: bytes) -> _Thread:
        self._connection.execute("INSERT INTO threads (key) VALUES (?) ON CONFLICT DO NOTHING", (key,))
        [(id,)] = self._connection.execute("SELECT id FROM threads WHERE key = ?", (key,))
        digests = self._connection.execute(
            "SELECT digest FROM mentions JOIN texts ON texts.id = text_id WHERE thread = ?", (id,)
        )
        return _Thread(id, {digest for (digest,) in digests})

    def _mention(self, thread: _Thread, exchange: int, parts: Sequence[Part]) -> list[Part]:
        """Write what is new in the thread, and return it."""
        seen, new = thread.seen, []
        for part in parts:
            if part in seen:
                continue
            digest = _digest(part.text)
            if digest not in thread.known:
                thread.known.add(digest)
                new.append(part)
                mention = thread.id, self._text(digest, part.text), exchange, ROLES[part.kind], stored(part.name)
                self._connection.execute("INSERT INTO mentions VALUES (?, ?, ?, ?, ?)", mention)
        thread.seen = set(parts)
        return new

    def _text(self, digest: bytes, text: str) -> int:
        """Return the id of a text, which is written where it is new."""
        row = self._connection.execute("SELECT id FROM texts WHERE digest = ?", (digest,)).fetchone()
        if row is not None:
            return int(row[0])
        shown = text.encode("utf-8", "replace").decode()  # SQLite holds no half of a surrogate pair
        made = self._connection.execute("INSERT INTO texts (digest, text) VALUES (?, ?)", (digest, shown))
        self._connection.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (made.lastrowid, shown))
        return made.lastrowid or 0


def fill(connection: sqlite3.Connection, root: Path, skipped: list[str], each: Each = iter) -> None:
    """Read the texts of files that the index knows only the heads of. Reasons why one can't be read go to `skipped`."""
    waiting = connection.execute("SELECT id, path FROM files WHERE texts_read = 0 ORDER BY stem, path").fetchall()
    paths = {id: root / text(path) for id, path in waiting}
    filler = Filler(connection)
    for ids in batches(each(list(paths)), BATCH):
        read = [(id, found) for id in ids if (found := _read(filler, paths[id], skipped)) is not None]
        filler.forget()  # another command may have written meanwhile
        with writing(connection):
            for id, found in read:
                filler.write(id, found)
    _drop_unmentioned(connection)


def _read(filler: Filler, path: Path, skipped: list[str]) -> list[Read] | None:
    try:
        return filler.read(path)
    except TraceFormatError as error:
        skipped.append(str(error))
        return None


def _drop_unmentioned(connection: sqlite3.Connection) -> None:
    """Delete texts whose exchanges are gone."""
    gone = "FROM texts WHERE NOT EXISTS (SELECT 1 FROM mentions WHERE text_id = texts.id)"
    if connection.execute(f"SELECT 1 {gone} LIMIT 1").fetchone():
        with writing(connection):
            connection.execute(f"INSERT INTO words (words, rowid, text) SELECT 'delete', id, text {gone}")
            connection.execute(f"DELETE {gone}")


def _digest_of_call(mode: str, words: str) -> bytes:
    return _digest(f"calls {mode} {words.strip()}")


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
