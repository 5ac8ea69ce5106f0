"""OpenAI's streamed responses (`/v1/responses`).

On most servers the closing event holds the whole answer. What the items held before stays where the closing event is
empty or shorter. A delta without an item begins one.
"""

from collections.abc import Sequence
from typing import Any

from traces.dialects import usage
from traces.dialects.base import MALFORMED, TOOL_END, ContentPiece, JsonStream
from traces.dialects.merge import pair_up
from traces.dialects.openai_items import Item, Place, place_of
from traces.dialects.promised import RESPONSES
from traces.model import Json

CLOSING = ("response.completed", "response.incomplete", "response.failed", "response.cancelled", "response.done")

FINAL = ("completed", "incomplete", "failed", "cancelled")
"""The statuses of a response that has ended."""

UNEXPLAINED = "the server reports that the answer failed, and not why"

PARTS = {"content_part": ("content", "content_index"), "reasoning_summary_part": ("summary", "summary_index")}
"""Middle of the name of a part's event -> the list that the part is in, and the field with its index there."""


class ResponsesStream(JsonStream):
    """A streamed response of OpenAI's."""

    promised = RESPONSES

    def __init__(self) -> None:
        super().__init__()
        self._response: dict[str, Any] | None = None
        self._items: list[Item] = []
        self._call: Item | None = None  # the call that is being generated

    def message(self) -> Json:
        if not self._items:
            return self._response
        output = [item.assemble() for item in self._in_order()]
        return {"object": "response", **(self._response or {}), "output": output}

    def _in_order(self) -> list[Item]:
        """Return the items by their places in the output, where the server numbers all of them."""
        places = [item.index for item in self._items if item.index is not None]
        numbered = len(set(places)) == len(self._items)
        return sorted(self._items, key=lambda item: item.index or 0) if numbered else self._items

    def _take(self, data: dict[str, Any]) -> tuple[str, Sequence[ContentPiece]]:
        kind = data.get("type")
        if not isinstance(kind, str):
            self.lenient.odd = True
            kind = _type_by_shape(data)
            data = {**data, "response": data} if data.get("object") == "response" else data
        return kind, self._contents(kind, data)

    def _contents(self, kind: str, data: dict[str, Any]) -> Sequence[ContentPiece]:
        name, _, step = kind.removeprefix("response.").rpartition(".")
        if "response" in data or kind in (*_OPENING, *CLOSING):
            return self._take_response(kind, self.lenient.record(data.get("response")))
        if "item" in data:
            return self._take_item(step != "added", data)
        if name in PARTS and step in ("added", "done"):
            return self._take_part(*PARTS[name], data)
        if step == "delta" or "delta" in data:
            return self._grow(name if step == "delta" else "", data)
        if step == "done" and (place := place_of(name)) is not None:
            return self._finish(place, data)
        if kind.endswith(".annotation.added"):
            item = self._item(data, "message")
            item.add_to_part("content", self._part_index(data, "content_index"), "annotations", data.get("annotation"))
        elif kind in ("response.output_item.added", "response.output_item.done"):
            self.lenient.odd = True  # without its item
        return ()

    def _take_response(self, kind: str, response: dict[str, Any]) -> Sequence[ContentPiece]:
        before = self._response or {}
        closes = kind in CLOSING or (kind not in _OPENING and response.get("status") in FINAL)
        if not response:
            self.lenient.odd = True
        else:
            known = {name: value for name, value in response.items() if value is not None or name not in before}
            self._response = {**before, **known}
            counts = response.get("usage")
            self._response["usage"] = usage.update(before.get("usage"), counts and self.lenient.record(counts))
            if "usage" not in before and "usage" not in response:
                del self._response["usage"]
        contents = self._take_output(response.get("output"), closes)
        if not closes:
            return contents
        self.ended = True
        if kind == "response.failed" and self.error is None:
            self.error = UNEXPLAINED
        return [*contents, *(end for item in self._items for end in self._end(item))]

    def _take_output(self, output: Json, closes: bool) -> list[ContentPiece]:
        """Take the items of a response. What came before stays where the response holds less."""
        listed = self.lenient.records(output)
        before = {id(item): item.as_dict() for item in self._items}
        by_dict = {id(as_dict): item for item, as_dict in zip(self._items, before.values(), strict=True)}
        contents: list[ContentPiece] = []
        items: list[Item] = []
        for came, last in pair_up(list(before.values()), listed):
            item = by_dict[id(came)] if came is not None else Item({})
            if isinstance(last, dict):
                contents += item.complete(last, self.pieces)
                self.lenient.odd = self.lenient.odd or (isinstance(came, dict) and not _covers(last, came))
            elif closes:
                self.lenient.odd = True  # it was streamed, but the closing answer lacks it
            items.append(item)
        for place, item in enumerate(items):
            if item.index is None and not self._items:
                item.index = place
        self._items = items
        return contents

    def _take_item(self, whole: bool, data: dict[str, Any]) -> Sequence[ContentPiece]:
        fields = self.lenient.record(data.get("item"))
        if not fields:
            self.lenient.odd = True
            return ()
        if not isinstance(fields.get("type"), str):
            self.lenient.odd = True
        if isinstance(text := fields.get("content"), str) and fields.get("type") == "message":
            fields = {**fields, "content": [{"type": "output_text", "text": text}]}
        item = self._find_item(data, fields.get("id"), fields.get("type"))
        ended: list[ContentPiece] = []
        begins = item is None or (item.whole and not whole)
        if item is None or begins:
            ended = self._end_call()
            item = self._begin({}, data)
        contents = item.complete(fields, self.pieces)
        if item.is_call and begins:
            self._call = item
            if not isinstance(fields.get("name"), str) or fields.get("call_id") is None:
                self.lenient.odd = True  # a client needs them
            contents = contents or [ContentPiece("tool")]
        if whole:
            item.whole = True
            ended += self._end(item)
        return [*contents, *ended]

    def _take_part(self, parts: str, numbered_by: str, data: dict[str, Any]) -> Sequence[ContentPiece]:
        fields = self.lenient.record(data.get("part"))
        if not fields:
            self.lenient.odd = True
            return ()
        item = self._item(data, "reasoning" if parts == "summary" else "message")
        return item.complete_part(parts, self._part_index(data, numbered_by), fields, self.pieces)

    def _grow(self, name: str, data: dict[str, Any]) -> Sequence[ContentPiece]:
        place = place_of(name)
        if place is None:
            self.lenient.odd = True  # what comes in it isn't known, but it is kept
            place = Place(None, name.rpartition(".")[2] or "text", name)
        if "delta" not in data:
            self.lenient.odd = True
        delta = data.get("delta")
        text = self.lenient.json_text(delta) if place.text == "arguments" else self.lenient.text(delta)
        if not text:
            self.lenient.odd = self.lenient.odd or delta is None
            if delta is None:
                return ()
        item, part = self._item(data, place.item), 0
        if place.parts is not None:
            part = self._part_index(data, place.numbered_by)
            probabilities = data.get("logprobs")
            for each in probabilities if isinstance(probabilities, list) else ():
                item.add_to_part(place.parts, part, "logprobs", each)
        item.grow(place, part, text)
        if text and place.content:
            self.pieces += item.piece(place.content, text)
        return (ContentPiece(place.content, len(text)),) if text and place.content else ()

    def _finish(self, place: Place, data: dict[str, Any]) -> Sequence[ContentPiece]:
        """Take a finished text. Some servers send it only now."""
        item = self._item(data, place.item)
        value = data.get(place.text, data.get("text"))
        text = self.lenient.json_text(value) if place.content == "tool" else self.lenient.text(value)
        if value is None:
            self.lenient.odd = True
        part_index = self._part_index(data, place.numbered_by) if place.parts is not None else 0
        if not isinstance(value, str) and not text.startswith(item.text_at(place, part_index)):
            text = ""  # it is no text, and not what was streamed
        if place.parts is not None:
            part = {"type": place.part_type, place.text: text}
            if isinstance(data.get("logprobs"), list):
                part["logprobs"] = data["logprobs"]
            return item.complete_part(place.parts, part_index, part, self.pieces)
        name = {"name": data["name"]} if isinstance(data.get("name"), str) else {}
        contents = item.complete({**name, place.text: text}, self.pieces)
        item.whole = True
        return [*contents, *self._end(item)]

    def _part_index(self, data: dict[str, Any], name: str) -> int:
        return self.lenient.index(data.get(name)) or 0

    def _item(self, data: dict[str, Any], kind: str) -> Item:
        """Return the item that an event belongs to, a new one where it never began."""
        item = self._find_item(data, data.get("item_id"), kind)
        if item is None:
            self.lenient.odd = True
            fields: dict[str, Any] = {"type": kind}
            if isinstance(ident := data.get("item_id"), str):
                fields = {"id": ident, **fields}
            if kind == "message":
                fields["role"] = "assistant"
            item = self._begin(fields, data)
            self._call = item if item.is_call else self._call
        return item

    def _find_item(self, data: dict[str, Any], ident: Json, kind: Json) -> Item | None:
        """Return the item by its id, else by its place in the output; the last one where an event has neither."""
        latest = self._items[::-1]
        if isinstance(ident, str) and (same := next((item for item in latest if item.id == ident), None)):
            return same
        index = self.lenient.index(data.get("output_index"))
        if index is not None:
            return next((item for item in latest if item.index == index and item.type in ("", kind)), None)
        if isinstance(ident, str):
            return None
        self.lenient.odd = True
        return latest[0] if latest and latest[0].type == kind and not latest[0].whole else None

    def _begin(self, fields: dict[str, Any], data: dict[str, Any]) -> Item:
        item = Item(fields, self.lenient.index(data.get("output_index")))
        self._items.append(item)
        return item

    def _end_call(self) -> list[ContentPiece]:
        """Mark the last call as whole, as another item began."""
        call, self._call = self._call, None
        return [] if call is None else self._end(call)

    def _end(self, item: Item) -> list[ContentPiece]:
        """Return an event where this is a call that can be acted on; each is reported once."""
        item.whole = item.whole or item.is_call
        if item.reported or not item.can_be_acted_on:
            return []
        item.reported = True
        return [TOOL_END]


_OPENING = ("response.created", "response.in_progress", "response.queued")


def _type_by_shape(data: dict[str, Any]) -> str:
    """Return the type of an event without one, by its fields."""
    held = data.get("response")
    response = held if isinstance(held, dict) else data if data.get("object") == "response" else None
    if response is not None:
        status = response.get("status")
        return f"response.{status}" if isinstance(status, str) else "response.in_progress"
    if isinstance(data.get("item"), dict):
        done = data["item"].get("status") == "completed"
        return "response.output_item.done" if done else "response.output_item.added"
    return "response.output_text.delta" if isinstance(data.get("delta"), str) else MALFORMED


def _covers(last: dict[str, Any], came: dict[str, Any]) -> bool:
    """Return whether the closing item holds as much as what was streamed; what is empty in either doesn't count."""
    item = Item(came)
    item.complete(last, [])
    whole = item.as_dict()
    return all(_filled(whole.get(name)) == _filled(value) for name, value in last.items() if value is not None)


def _filled(value: Json) -> Json:
    """Return the value without the fields that are empty."""
    if isinstance(value, dict):
        return {name: _filled(held) for name, held in value.items() if held not in (None, "", [], {})}
    return [_filled(item) for item in value] if isinstance(value, list) else value
