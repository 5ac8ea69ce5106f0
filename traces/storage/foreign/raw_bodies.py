"""The bodies that Claude Code keeps with OTEL_LOG_RAW_API_BODIES=file:DIR, whole and without a proxy.

    DIR/<id>.request.json     the body of a request, as it was sent; the betas of its header are in it as well
    DIR/<id>.response.json    the message that came back; thinking is left out of it, and of the history
    DIR/index.jsonl           which belong together, whose session it is, and when the answer was whole

A request without an answer failed, or its answer isn't there yet: nothing tells which. A client that ends may leave its
last answer empty.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from traces import jsonio
from traces.clients.claude_code.ids import session_in
from traces.errors import TraceFormatError
from traces.model import Ids, Json, Trace
from traces.storage.foreign import accounts, pieces
from traces.storage.foreign.accounts import text
from traces.storage.foreign.base import Notes, origin
from traces.storage.foreign.claude_code import PATH, sender

REQUEST, RESPONSE, INDEX = ".request.json", ".response.json", "index.jsonl"

_LONGEST_REQUEST = 3600.0
"""Seconds. A file that is older than its answer by more wasn't written when the request was sent."""

_THINKING, _HIDDEN = ("thinking", "redacted_thinking"), "<REDACTED>"

_AGENT = "agent:"
"""What the client calls the source of a subagent's request begins so: `agent:builtin:Explore`."""


class RawBodies:
    """The body of one request, with the answer that the index names for it."""

    name = "claude-raw-bodies"
    title = "Claude Code's raw bodies (OTEL_LOG_RAW_API_BODIES)"
    suffixes = (REQUEST,)
    lacks = "times of the answer, headers, thinking, a subagent's id, why a request failed"

    def recognises(self, path: Path, head: bytes) -> bool:
        return head.lstrip()[:1] == b"{"

    def read(self, path: Path, notes: Notes) -> Iterator[Trace]:
        """Yield the exchange."""
        body = _json(path)
        entry = _index(path.parent).get(path.name, {})
        answer = None
        if (named := text(entry, "response_file")) and Path(named).name == named:
            try:
                answer = _json(path.with_name(named))
            except (OSError, TraceFormatError) as error:  # a client that ends may leave its last answer half written
                notes.skip(named, "the answer can't be read", error if isinstance(error, OSError) else "not whole")
        agent = _agent(body, text(entry, "query_source"))
        yield accounts.trace(
            path,
            origin(self.name, path.name),
            _sent_at(path, text(entry, "timestamp")),
            PATH,
            {name: value for name, value in body.items() if name != "betas"},
            answer,
            ids=Ids(text(entry, "session_id") or session_in(body), agent[0]),
            headers={**sender(_version(body), agent[1]), **_betas(body)},
            marks=("messages_unknown",) if _hides_thinking(body) else (),
        )


def _json(path: Path) -> dict[str, Any]:
    """Return a body. Raises OSError, and TraceFormatError where it is none."""
    if path.stat().st_size > pieces.LARGEST_PIECE:
        raise TraceFormatError(f"{path}: larger than {pieces.LARGEST_PIECE >> 20} MiB, so no body of Claude Code's.")
    data = path.read_bytes()
    try:
        value: Json = jsonio.loads(data)
    except ValueError as error:
        raise TraceFormatError(f"{path}: Invalid JSON: {error}") from error
    if not isinstance(value, dict):
        raise TraceFormatError(f"{path}: It holds no JSON object, so no body of Claude Code's.")
    return value


def _index(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the entries of a folder's index, by the names of the files with requests."""
    path = folder / INDEX
    try:
        status = path.stat()
    except OSError:
        return {}
    return _read_index(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _read_index(path: Path, changed: int, size: int) -> dict[str, dict[str, Any]]:
    entries = (record for _, record in pieces.lines(path, Notes()))
    return {name: entry for entry in entries if (name := text(entry, "request_file"))}


def _sent_at(path: Path, answered: str | None) -> str:
    """Return when the request was sent: when its file was written, unless that is a copy; else when it was answered."""
    written = path.stat().st_mtime
    at = accounts.utc(answered)
    if not at:
        return accounts.utc(written)
    end = datetime.fromisoformat(at).astimezone(UTC).timestamp()
    return accounts.utc(written) if 0 <= end - written <= _LONGEST_REQUEST else at


def _agent(body: dict[str, Any], source: str | None) -> tuple[str | None, str | None]:
    """Return a name for the subagent that sent the request, and its type; neither for the main agent.

    Its own id isn't in the record. A subagent's first message stays the same in all of its requests.
    """
    if source is None or not source.startswith(_AGENT):
        return None, None
    kind = source.rpartition(":")[2]
    messages = body.get("messages")
    first = (
        messages[0].get("content") if isinstance(messages, list) and messages and isinstance(messages[0], dict) else ""
    )
    begin = _texts(first)
    return f"{kind}-{blake2b(begin.encode('utf-8', 'surrogatepass'), digest_size=4).hexdigest()}", kind


def _texts(content: Json) -> str:
    """Return the texts of a message, whether it is one or several blocks."""
    if isinstance(content, list):
        return "\n".join(str(block.get("text", "")) for block in content if isinstance(block, dict))
    return str(content)


def _version(body: dict[str, Any]) -> str | None:
    """Return the client's version from the billing header in the system prompt."""
    match body:
        case {"system": [{"text": str(line)}, *_]} if "cc_version=" in line:
            return ".".join(line.partition("cc_version=")[2].partition(";")[0].split(".")[:3])
    return None


def _hides_thinking(body: dict[str, Any]) -> bool:
    """Return whether thinking was sent that the record doesn't hold."""
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content") if isinstance(message, dict) else None
        for block in content if isinstance(content, list) else ():
            if isinstance(block, dict) and block.get("type") in _THINKING and _HIDDEN in block.values():
                return True
    return False


def _betas(body: dict[str, Any]) -> dict[str, str]:
    betas = body.get("betas")
    return {"anthropic-beta": ",".join(map(str, betas))} if isinstance(betas, list) and betas else {}
