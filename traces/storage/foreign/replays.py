"""The requests that recent versions of Claude Code (2.1.330 does) note in a transcript, put together again.

    api-request-shape   system prompt and tools, by a hash
    api-request-blob    a message that no other line of the transcript holds as it was sent, by a hash
    api-request         a request: its shape, its options, how many messages of an earlier one it begins with (`base`,
                        `keep`), the hashes of the others (`tail`), and where its `cache_control` are

A message's hash is the SHA-256 of its JSON with sorted keys, a text as a list of one block, and without cache markers.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traces.model import Failure, Json
from traces.storage.foreign.accounts import text

_MARK = "cache_control"

_SECTIONS = {"system": "system_unknown", "tools": "tools_unknown"}


@dataclass(slots=True)
class Asked:
    """A request.

    body      the whole body; None where something of it isn't in the transcript
    known     what of the body is known, without its messages
    unknown   the marks of what isn't
    """

    record: dict[str, Any]
    hashes: tuple[str, ...]
    body: dict[str, Json] | None
    known: dict[str, Json]
    unknown: tuple[str, ...]
    error: Failure | None = None
    is_over: bool = False

    @property
    def timestamp(self) -> str:
        return text(self.record, "timestamp") or ""


class Replays:
    """The requests in a transcript, from one compaction to the next."""

    def __init__(self) -> None:
        self._shapes: dict[str, dict[str, Json]] = {}
        self._messages: dict[str, dict[str, Json]] = {}
        self._hashes: dict[str, tuple[str, ...]] = {}
        self._open: dict[str, Asked] = {}
        self._run: list[Json] = []
        self._run_of: tuple[object, object] = None, None

    def forget(self) -> None:
        """Forget what came before a compaction: the client notes it again where it is sent again."""
        self._shapes, self._messages, self._hashes = {}, {}, {}
        self._run, self._run_of = [], (None, None)

    def note(self, record: dict[str, Any]) -> None:
        """Take a line of a kind that is named above."""
        match record:
            case {"type": "api-request-shape", "shapeHash": str(hash), "shape": dict(shape)}:
                self._shapes[hash] = shape
            case {"type": "api-request-blob", "hash": str(hash), "message": dict(message)}:
                self._messages[hash] = message
            case {"type": "api-request", "id": str(id)}:
                hashes = self._resolved(record)
                self._give_up(record)
                self._hashes[id] = hashes
                self._open[id] = self._asked(record, hashes)

    def note_message(self, message: dict[str, Any]) -> None:
        """Take a line with a message, or with another block of the same."""
        role, content = message.get("role"), message.get("content")
        of = role, message.get("id") if role == "assistant" else None
        if of != self._run_of or (role == "assistant" and of[1] is None):
            self._run, self._run_of = [], of
        self._run = [*self._run, *(content if isinstance(content, list) else [{"type": "text", "text": content}])]
        whole: dict[str, Json] = {"role": role, "content": self._run}
        self._messages[hash_of(whole)] = whole

    def note_failure(self, record: dict[str, Any]) -> None:
        """Take the line that tells of a failed try: that of the last request."""
        error = record.get("error")
        if self._open and isinstance(error, dict):
            status = error.get("status")
            kind = "http_error" if isinstance(status, int) else "server_disconnected"
            words = text(error, "formatted") or text(error, "message") or "The client reports an error."
            last = next(reversed(self._open.values()))
            last.error = Failure(kind, words, status if isinstance(status, int) else None)

    def take(self, id: str | None) -> Asked | None:
        """Return the request with this id, which is answered now."""
        return self._open.pop(id or "", None)

    def given_up(self) -> Iterator[Asked]:
        """Yield the requests that won't be answered any more."""
        for id in [id for id, asked in self._open.items() if asked.is_over]:
            yield self._open.pop(id)

    def give_up(self) -> None:
        """Take the end of the transcript."""
        for asked in self._open.values():
            asked.is_over = True

    def _give_up(self, record: dict[str, Any]) -> None:
        """Give up the request that this one repeats after a failure."""
        tried = self._open.get(text(record, "base") or "")
        if tried is not None and tried.error is not None:
            tried.is_over = True

    def _resolved(self, record: dict[str, Any]) -> tuple[str, ...]:
        """Return the hashes of all messages; an empty one stands for what isn't known."""
        base, keep, tail = text(record, "base"), record.get("keep"), record.get("tail")
        before = self._hashes.get(base or "", ()) if base else ()
        kept = before[:keep] if isinstance(keep, int) else ()
        missing = ("",) if isinstance(keep, int) and len(kept) < keep else ()
        return (*kept, *missing, *(map(str, tail) if isinstance(tail, list) else ("",)))

    def _asked(self, record: dict[str, Any], hashes: tuple[str, ...]) -> Asked:
        shape = self._shapes.get(text(record, "shapeHash") or "", {})
        params = record.get("params")
        known = {name: value for name, value in (params if isinstance(params, dict) else {}).items() if name != "betas"}
        known |= shape
        unknown = [mark for name, mark in _SECTIONS.items() if name not in shape]
        messages = [self._messages.get(hash) for hash in hashes]
        if unknown or None in messages:
            return Asked(record, hashes, None, known, (*unknown, "messages_unknown"))
        body = _marked({**known, "messages": messages}, record.get("cacheControl"))
        return Asked(record, hashes, body, known, ())


def hash_of(message: Mapping[str, Json]) -> str:
    """Return a message's hash as the client makes it."""
    content = message.get("content")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    written = json.dumps(
        _unmarked({**message, "content": blocks}), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _unmarked(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _unmarked(item) for name, item in value.items() if name != _MARK}
    return [_unmarked(item) for item in value] if isinstance(value, list) else value


def _marked(body: dict[str, Json], markers: object) -> dict[str, Json]:
    """Return the body with its cache markers. What they are in is copied: requests share their messages."""
    for marker in markers if isinstance(markers, list) else ():
        match marker:
            case {"path": [str(section), int(index), *rest], "value": value} if section in body:
                body = {**body, section: _with_mark(body[section], [index, *rest], value)}
    return body


def _with_mark(value: Json, path: Sequence[Any], mark: Json) -> Json:
    if not path:
        return {**value, _MARK: mark} if isinstance(value, dict) else value
    first, rest = path[0], path[1:]
    if isinstance(value, dict) and isinstance(first, str) and first in value:
        inner = value[first]
        if first == "content" and isinstance(inner, str) and rest:
            inner = [{"type": "text", "text": inner}]
        return {**value, first: _with_mark(inner, rest, mark)}
    if isinstance(value, list) and isinstance(first, int) and 0 <= first < len(value):
        return [*value[:first], _with_mark(value[first], rest, mark), *value[first + 1 :]]
    return value
