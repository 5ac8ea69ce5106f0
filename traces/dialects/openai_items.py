"""The items of a streamed response (`/v1/responses`): messages, reasoning and calls, put together from their deltas."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from traces.dialects.base import ContentPiece, is_json
from traces.dialects.merge import merge_closing
from traces.dialects.pieces import Piece
from traces.model import Content, Json

CALLS = ("function_call", "custom_tool_call")
"""The items that ask the client to act."""

PART_LISTS = ("content", "summary")
"""The fields of an item that are lists of parts."""


Texts = dict[tuple[Any, ...], str]
"""The texts of an item: their kind of content, and the names of the fields that lead there -> the text."""


class Place(NamedTuple):
    """Where a delta's text belongs: in a field of the item, or of a part of one of the item's lists.

    content   its kind of content, None where no model wrote it as text
    item      the type of the item
    """

    content: Content | None
    text: str
    item: str
    parts: str | None = None
    part_type: str = ""

    @property
    def numbered_by(self) -> str:
        return "summary_index" if self.parts == "summary" else "content_index"


_TRANSCRIPT = Place("text", "transcript", "message", "content", "output_audio")
_AUDIO = Place(None, "data", "message", "content", "output_audio")
_THINKING = Place("thinking", "text", "reasoning", "content", "reasoning_text")
_SUMMARY = Place("thinking", "text", "reasoning", "summary", "summary_text")
_TEXT = Place("text", "text", "message", "content", "output_text")

_PLACES = {
    "output_text": _TEXT,
    "text": _TEXT,
    "refusal": Place("text", "refusal", "message", "content", "refusal"),
    "reasoning_text": _THINKING,
    "reasoning_content": _THINKING,
    "reasoning": _THINKING,
    "reasoning_summary_text": _SUMMARY,
    "reasoning_summary": _SUMMARY,
    "audio.transcript": _TRANSCRIPT,
    "audio_transcript": _TRANSCRIPT,
    "output_audio_transcript": _TRANSCRIPT,
    "audio": _AUDIO,
    "output_audio": _AUDIO,
}
"""Name of a delta's event, without `response.` and `.delta` -> where its text belongs."""

_OF_CALL = re.compile(r"(\w+?_call)[._](\w+)")
"""The deltas of a call: `mcp_call_arguments`, `code_interpreter_call_code`, `custom_tool_call_input`, …"""


def place_of(name: str) -> Place | None:
    """Return where an event's text belongs, by its name without `response.` and `.delta` or `.done`, if known."""
    if (place := _PLACES.get(name)) is not None:
        return place
    found = _OF_CALL.fullmatch(name)
    return Place("tool", found[2], found[1]) if found else None


class Item:
    """One item, as far as it has come.

    whole      it is finished
    reported   it was reported as a call to act on
    """

    def __init__(self, fields: dict[str, Any], index: int | None = None) -> None:
        self.index = index
        self.whole = False
        self.reported = False
        self._fields: dict[str, Any] = {}
        self._parts: dict[str, dict[int, dict[str, Any]]] = {}
        self._texts: dict[tuple[str | None, int, str], list[str]] = {}
        self._set(fields)

    @property
    def type(self) -> str:
        kind = self._fields.get("type")
        return kind if isinstance(kind, str) else ""

    @property
    def id(self) -> Json:
        return self._fields.get("id")

    @property
    def is_call(self) -> bool:
        return self.type in CALLS

    @property
    def ident(self) -> str:
        return str(self._fields.get("call_id") or self.id or "")

    @property
    def name(self) -> str:
        return str(self._fields.get("name") or "")

    @property
    def is_text(self) -> bool:
        return self.type == "custom_tool_call"

    def piece(self, content: Content, text: str, name: str = "") -> Iterator[Piece]:
        """Yield what is new, unless it belongs to a call that the server itself acts on."""
        if content != "tool" or self.is_call:
            yield Piece(content, text, self if content == "tool" else None, name)

    @property
    def can_be_acted_on(self) -> bool:
        arguments = self.as_dict().get("arguments")
        return self.whole and self.is_call and not (arguments and not is_json(str(arguments)))

    def grow(self, place: Place, part: int, text: str) -> None:
        """Append a piece to the text at this place; `part` is the index of the part that it is in."""
        if place.parts is not None:
            self._parts.setdefault(place.parts, {}).setdefault(part, {"type": place.part_type})
        self._texts.setdefault((place.parts, part, place.text), []).append(text)

    def text_at(self, place: Place, part: int) -> str:
        """Return what came of the text at a place."""
        fields = self._fields if place.parts is None else self._parts.get(place.parts, {}).get(part, {})
        start = fields.get(place.text)
        pieces = self._texts.get((place.parts, part, place.text), [])
        return _join(start, "".join(pieces)) if pieces else start if isinstance(start, str) else ""

    def add_to_part(self, parts: str, index: int, name: str, item: Json) -> None:
        """Add to a list of a part: a citation of a text."""
        part = self._parts.setdefault(parts, {}).setdefault(index, {"type": "output_text"})
        before = part.get(name)
        part[name] = [*(before if isinstance(before, list) else ()), item]

    def complete_part(self, parts: str, index: int, fields: dict[str, Any], found: list[Piece]) -> list[ContentPiece]:
        """Take a part as it is at its end (or its beginning). What is new goes to `found`."""
        before = _texts(self.as_dict())
        part = self._part(parts, index, self._parts.get(parts, {}).get(index, {}))
        self._parts.setdefault(parts, {})[index] = merge_closing(part, fields)  # type: ignore[assignment]
        self._texts = {path: pieces for path, pieces in self._texts.items() if path[:2] != (parts, index)}
        return self._more(before, _texts(self.as_dict()), found)

    def complete(self, fields: dict[str, Any], found: list[Piece]) -> list[ContentPiece]:
        """Take the item as it is at its end: what came stays where it is longer. Returns the new contents.

        What is new of them goes to `found`.
        """
        before = self.as_dict()
        new: Any = merge_closing(before, fields)
        self._set(new)
        return self._more(_texts(before), _texts(self.as_dict()), found)

    def _more(self, before: Texts, after: Texts, found: list[Piece]) -> list[ContentPiece]:
        """Return the contents that were added; what is new of them goes to `found`."""
        sizes: dict[Content, int] = {"thinking": 0, "text": 0, "tool": 0}
        for (content, *field), text in after.items():
            known = before.get((content, *field), "")
            sizes[content] += len(text) - len(known)
            if new := _addition(known, text, before):
                found += self.piece(content, *(("", new) if field[-1] == "name" else (new,)))
        return [ContentPiece(content, size) for content, size in sizes.items() if size > 0]

    def as_dict(self) -> dict[str, Any]:
        """Return the item's fields as they are so far."""
        item = dict(self._fields)
        for (parts, _, name), pieces in self._texts.items():
            if parts is None:
                item[name] = _join(item.get(name), "".join(pieces))
        for parts, by_index in self._parts.items():
            item[parts] = [self._part(parts, index, by_index[index]) for index in sorted(by_index)]
        return item

    def assemble(self) -> dict[str, Any]:
        """Return the item as it would be in an answer without streaming."""
        item = self.as_dict()
        if self.type == "function_call" and not (self.whole or is_json(str(item.get("arguments")))):
            item["arguments_partial"] = True
        return item

    def _set(self, fields: dict[str, Any]) -> None:
        self._texts = {}
        self._parts = {}
        self._fields = dict(fields)
        if self.type == "function_call" and isinstance(arguments := fields.get("arguments"), dict):
            self._fields["arguments"] = json.dumps(arguments, ensure_ascii=False)
        for name in PART_LISTS:
            if isinstance(held := fields.get(name), list) and all(isinstance(part, dict) for part in held):
                self._parts[name] = dict(enumerate(held))
                if held:
                    del self._fields[name]

    def _part(self, parts: str, index: int, fields: dict[str, Any]) -> dict[str, Any]:
        part = dict(fields)
        for (holder, at, name), pieces in self._texts.items():
            if (holder, at) == (parts, index):
                part[name] = _join(part.get(name), "".join(pieces))
        return part


def _join(start: Json, text: str) -> str:
    """Return a text with the beginning that came with its item, which some servers repeat as a delta."""
    return text if not isinstance(start, str) or text.startswith(start) else start + text


def _addition(known: str, text: str, before: Texts) -> str:
    """Return what is new in a text; nothing where it isn't what came, or came in another place."""
    came_elsewhere = not known and text in before.values()
    return text[len(known) :] if text.startswith(known) and not came_elsewhere else ""


def _texts(item: dict[str, Any]) -> Texts:
    """Return the texts in an item that a model wrote."""
    found: Texts = {}
    what: Content = "thinking" if item.get("type") == "reasoning" else "text"
    for name in PART_LISTS:
        held = item.get(name)
        for at, part in enumerate(held if isinstance(held, list) else ()):
            for key in ("text", "refusal", "transcript") if isinstance(part, dict) else ():
                if isinstance(text := part.get(key), str):
                    found[what, name, at, key] = text
    if str(item.get("type")).endswith("_call"):
        for key in ("name", "arguments", "input", "code"):
            if isinstance(text := item.get(key), str):
                found["tool", key] = text
    return found
