"""Secrets in a stream, whose texts come in pieces: a secret may begin in one event and end in another.

An event is one that a server sent, a line of JSON, or a WebSocket's message.

The pieces that belong together stand at the same place of their events: `choices[0].delta.content`. They are searched
as one text, and what is found is taken out of each.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from traces import jsonio
from traces.model import Json
from traces.redact.cleaner import REDACTED, Cleaner

Edit = tuple[int, int, bytes]
"""Bytes from here to there, and what stands in their place."""

_NO_TEXT = {"type", "id", "item_id", "model", "object", "role", "event", "obfuscation", "system_fingerprint"}
"""Fields that every event repeats: read as one text they would be nonsense."""

_DOCUMENTS = {"partial_json", "arguments", "input"}
"""Pieces of a tool's input, which is a JSON document."""


@dataclass(slots=True)
class _Piece:
    """A string in an event, and how to put another in its place."""

    text: str
    put: Callable[[str], None]


def edits(data: bytes, clean: Cleaner) -> list[Edit]:
    """Return what must be changed in a stream's bytes so that no secret is in them: of events, or of lines of JSON."""
    lines = [(start, line, _document(line.removeprefix(b"data:"))) for start, line in _lines(data)]
    before = {start: jsonio.dumps(document) for start, _, document in lines if document is not None}
    _clean_together([document for _, _, document in lines], clean)
    found: list[Edit] = []
    for start, line, document in lines:
        if document is None:
            text = line.decode("utf-8", "surrogateescape")
            new = clean.text(text).encode("utf-8", "surrogateescape")
            at, end = start, start + len(line)
        else:
            at, end = start + line.index(b"{"), start + len(line)
            new = jsonio.dumps(clean.value(document))
            if new == before[start]:
                continue
        if new != data[at:end]:
            found.append((at, end, new))
    return found


def messages(sent: Sequence[bytes], clean: Cleaner) -> list[bytes]:
    """Return the messages of a WebSocket without secrets: those that are JSON are searched as events are."""
    documents = [_document(message) for message in sent]
    before = [jsonio.dumps(document) for document in documents]
    _clean_together(documents, clean)
    masked: list[bytes] = []
    for message, document, old in zip(sent, documents, before, strict=True):
        if document is None:
            masked.append(clean.text(message.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape"))
        else:
            new = jsonio.dumps(clean.value(document))
            masked.append(message if new == old else new)
    return masked


def apply(data: bytes, changes: list[Edit]) -> bytes:
    """Return the bytes with the changes made."""
    pieces, at = [], 0
    for start, end, new in changes:
        pieces += [data[at:start], new]
        at = end
    return b"".join([*pieces, data[at:]])


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for line in data.splitlines(keepends=True):
        yield at, line.rstrip(b"\r\n")
        at += len(line)


def _document(data: bytes) -> Json:
    """Return the JSON object that an event holds; None where there is none."""
    try:
        value = jsonio.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _clean_together(documents: Sequence[Json], clean: Cleaner) -> None:
    """Take out of the documents the secrets that begin in one and end in another."""
    places: dict[tuple[Any, ...], list[_Piece]] = defaultdict(list)
    for document in documents:
        for place, piece in _pieces(document, (_kind(document),)):
            places[place].append(piece)
    for place, pieces in places.items():
        _clean_pieces(pieces, clean, is_document=place[-1] in _DOCUMENTS or "arguments" in str(place[0]))


def _kind(document: Json) -> str:
    """Return the type of an event that streams pieces of a tool's input, where its place doesn't say so."""
    kind = document.get("type") if isinstance(document, dict) else None
    return kind if isinstance(kind, str) and kind.endswith("arguments.delta") else ""


def _pieces(value: Any, place: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], _Piece]]:
    """Yield the strings of an event with their places, which an index in the event tells apart."""
    if isinstance(value, dict):
        place += tuple(value[name] for name in value if name.endswith("index") and isinstance(value[name], int))
        for name, item in value.items():
            if isinstance(item, str):
                if name not in _NO_TEXT:
                    yield (*place, name), _Piece(item, _putter(value, name))
            else:
                yield from _pieces(item, (*place, name))
    elif isinstance(value, list):
        for item in value:
            yield from _pieces(item, place)


def _putter(holder: dict[str, Any], name: str) -> Callable[[str], None]:
    def put(text: str) -> None:
        holder[name] = text

    return put


def _clean_pieces(pieces: list[_Piece], clean: Cleaner, is_document: bool) -> None:
    """Take the secrets out of pieces of one text; the first piece of each secret gets the mask."""
    if len(pieces) < 2 and not is_document:
        return  # it is cleaned with its event
    spans = clean.spans("".join(piece.text for piece in pieces), is_document)
    if not spans:
        return
    begin = 0
    for piece in pieces:
        end, text, at = begin + len(piece.text), [], begin
        for left, right in spans:
            if right <= begin or left >= end:
                continue
            text.append(piece.text[at - begin : max(left, begin) - begin])
            text.append(REDACTED if left >= begin else "")
            at = min(right, end)
        if at != begin or text:
            piece.put("".join([*text, piece.text[at - begin :]]))
        begin = end
