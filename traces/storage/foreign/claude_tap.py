"""claude-tap's records: its database, the JSONL of older versions and of its sessions, and its compact bundles.

Each record is an exchange: `request` and `response` with bodies as JSON, a stream's as the message that it adds up to,
when it ended (`timestamp`) and how long it took (`duration_ms`). What records repeat is kept once, and named by a hash.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from traces import jsonio
from traces.errors import TraceFormatError
from traces.model import Json, Trace
from traces.storage.foreign import accounts, pieces
from traces.storage.foreign.accounts import text
from traces.storage.foreign.base import Notes, origin

_BUNDLE = b'"__claude_tap_compact_trace__"'
_RECORD, _REFERENCE = "__claude_tap_compact_record__", "__claude_tap_blob_ref__"

Blob = Callable[[str], Json]
"""Returns what is kept under a hash; None where nothing is."""


class ClaudeTap:
    """A session as JSON lines: an exchange in each."""

    name = "claude-tap"
    title = "claude-tap's record"
    suffixes = (".jsonl",)
    lacks = "the times of the answer's parts, the bytes of a stream, and most headers of an answer"

    def recognises(self, path: Path, head: bytes) -> bool:
        return b'"request_id"' in head and b'"turn"' in head and b'"request"' in head

    def read(self, path: Path, notes: Notes) -> Iterator[Trace]:
        """Yield the exchanges with a model."""
        records = ((f"line {number}", record) for number, record in pieces.lines(path, notes))
        yield from _read(path, records, notes)


class ClaudeTapBundle:
    """A session as `claude-tap export --format compact` writes it."""

    name = ClaudeTap.name
    title = "claude-tap's compact export"
    suffixes = (".json",)
    lacks = ClaudeTap.lacks

    def recognises(self, path: Path, head: bytes) -> bool:
        return _BUNDLE in head

    def read(self, path: Path, notes: Notes) -> Iterator[Trace]:
        """Yield the exchanges with a model. Raises TraceFormatError where it isn't whole."""
        size = path.stat().st_size
        if size > pieces.LARGEST_PIECE:
            raise TraceFormatError(f"{path}: larger than {pieces.LARGEST_PIECE >> 20} MiB. Read claude-tap's database.")
        try:
            bundle: Json = jsonio.loads(path.read_bytes())
        except ValueError as error:
            raise TraceFormatError(f"{path}: Invalid JSON: {error}") from error
        match bundle:
            case {"records": list(records), "blobs": dict(blobs)}:
                numbered = ((f"record {number}", record) for number, record in enumerate(records, 1))
                yield from _read(path, numbered, notes, lambda hash: _payload(blobs.get(hash)))
            case _:
                raise TraceFormatError(f"{path}: A bundle of claude-tap's needs records and blobs.")


class ClaudeTapDatabase:
    """All sessions of claude-tap: `claude-tap/traces.sqlite3` in the user's folder of data."""

    name = ClaudeTap.name
    title = "claude-tap's database"
    suffixes = (".sqlite3",)
    lacks = ClaudeTap.lacks

    def recognises(self, path: Path, head: bytes) -> bool:
        return head.startswith(b"SQLite format 3\0") and b"record_blobs" in head + _schema(path)

    def read(self, path: Path, notes: Notes) -> Iterator[Trace]:
        """Yield the exchanges with a model, session by session. Raises TraceFormatError where it can't be read."""
        try:
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
                yield from _read_database(connection, path, notes)
        except sqlite3.Error as error:
            raise TraceFormatError(f"{path}: Not a database of claude-tap's that can be read: {error}") from error


def _schema(path: Path) -> bytes:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return " ".join(name for (name,) in connection.execute("SELECT name FROM sqlite_master")).encode()
    except sqlite3.Error:
        return b""


def _read_database(connection: sqlite3.Connection, path: Path, notes: Notes) -> Iterator[Trace]:
    rows = connection.execute(
        "SELECT session_id, record_index, payload_json FROM records ORDER BY session_id, record_index"
    )
    for session, number, payload in rows:
        place = f"record {number} of session {session}"
        try:
            record = jsonio.loads(payload.encode())
        except ValueError:
            notes.skip(place, "not JSON", payload[:200])
            continue

        def blob(hash: str, session: str = session) -> Json:
            found = connection.execute(
                "SELECT payload_json FROM record_blobs WHERE session_id = ? AND hash = ?", (session, hash)
            ).fetchone()
            return jsonio.loads(found[0].encode()) if found else None

        yield from _read(path, [(place, record)], notes, blob)


def _payload(blob: Json) -> Json:
    return blob.get("payload") if isinstance(blob, dict) else None


def _read(
    path: Path, records: Iterable[tuple[str, Json]], notes: Notes, blob: Blob = lambda hash: None
) -> Iterator[Trace]:
    from traces.storage.foreign import pairs  # mitmproxy takes a third of a second to import

    for place, kept in records:
        record = kept.get("record") if isinstance(kept, dict) and _RECORD in kept else kept
        match record:
            case {"request": {"path": str()} as request} if isinstance(record, dict):
                missing: list[str] = []
                whole = {**request, "body": _filled(request.get("body"), blob, missing)}
                answered = record.get("response")
                answer = dict(answered) if isinstance(answered, dict) else {}
                answer["body"] = _filled(answer.get("body"), blob, missing)
                if missing:
                    notes.skip(place, f"a part of it is missing ({missing[0]})")
                    continue
                found = list(pairs.traces(_pair(record, whole, answer, pairs), path))
                yield from found
                notes.others += not found
            case _:
                notes.skip(place, "no request of claude-tap's", jsonio.dumps(record)[:200])


def _filled(value: Json, blob: Blob, missing: list[str]) -> Json:
    """Return a body with what it names by a hash; what isn't kept goes to `missing`."""
    if isinstance(value, dict):
        if (named := value.get(_REFERENCE)) is not None:
            hash = str(named.get("hash") if isinstance(named, dict) else named)
            found = blob(hash)
            if found is None:
                missing.append(hash)
            return found
        return {name: _filled(item, blob, missing) for name, item in value.items()}
    return [_filled(item, blob, missing) for item in value] if isinstance(value, list) else value


def _pair(record: dict[str, Any], request: dict[str, Any], answer: dict[str, Any], pairs: Any) -> Any:
    took = record.get("duration_ms")
    seconds = took / 1000 if isinstance(took, int | float) and not isinstance(took, bool) else None
    at = accounts.utc(record.get("timestamp"))
    ended = datetime.fromisoformat(at).timestamp() if at else 0.0
    base = (text(record, "upstream_base_url") or "").rstrip("/")
    status = answer.get("status")
    return pairs.Pair(
        origin=origin(ClaudeTap.name, record.get("request_id"), record.get("timestamp")),
        started=max(0.0, ended - (seconds or 0.0)),
        method=str(request.get("method", "POST")),
        url=base + re.sub(r"^/?", "/", request["path"], count=1),
        request_headers=pairs.header_list(request.get("headers")),
        request=pairs.body(request.get("body")),
        status=status if isinstance(status, int) else 0,
        response_headers=pairs.header_list(answer.get("headers")),
        response=pairs.body(answer.get("body")),
        total=seconds,
        error="" if status else "The record holds no answer: server or client broke off.",
    )
