"""OpenAI's streamed responses (`/v1/responses`).

The closing event carries the whole answer. Only where it is missing is the answer put together from what its items had
brought until then.

This module knows nothing of bytes, of times, or of other dialects.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from traces.dialects.base import TOOL_END, Brought, JsonStream, error_in, parses, text_of
from traces.model import Content, Json


class _Place(NamedTuple):
    """Where a delta's text belongs: in a field of the item, or of a part of one of the item's lists."""

    content: Content
    text: str
    parts: str | None = None
    part_type: str = ""
    part_number: str = ""


DELTAS = {
    "response.output_text.delta": _Place("text", "text", "content", "output_text", "content_index"),
    "response.refusal.delta": _Place("text", "refusal", "content", "refusal", "content_index"),
    "response.reasoning_text.delta": _Place("thinking", "text", "content", "reasoning_text", "content_index"),
    "response.reasoning_summary_text.delta": _Place("thinking", "text", "summary", "summary_text", "summary_index"),
    "response.function_call_arguments.delta": _Place("tool", "arguments"),
    "response.custom_tool_call_input.delta": _Place("tool", "input"),
}

CLOSING = ("response.completed", "response.incomplete", "response.failed")

CALL_WHOLE = (
    "response.output_item.done",
    "response.function_call_arguments.done",
    "response.custom_tool_call_input.done",
)

CALLS = ("function_call", "custom_tool_call")
"""The items that ask the client to act."""


@dataclass(slots=True)
class _Item:
    fields: dict[str, Any]
    pieces: dict[tuple[_Place, int], list[str]] = field(default_factory=dict)
    whole: bool = False

    def assembled(self) -> dict[str, Any]:
        item = dict(self.fields)
        parts: dict[str, list[dict[str, Any]]] = {}
        for (place, _), pieces in sorted(self.pieces.items(), key=lambda entry: entry[0][1]):
            text = "".join(pieces)
            if place.parts is None:
                item[place.text] = text
            else:
                parts.setdefault(place.parts, []).append({"type": place.part_type, place.text: text})
        item.update(parts)
        if item.get("type") == "function_call" and not (self.whole or parses(str(item.get("arguments")))):
            item["arguments_partial"] = True
        return item


class ResponsesStream(JsonStream):
    def __init__(self) -> None:
        super().__init__()
        self._response: dict[str, Any] | None = None
        self._items: dict[Hashable, _Item] = {}
        self._call: _Item | None = None  # the call that is being generated

    def message(self) -> Json:
        if self.ended or not self._items:
            return self._response
        output = [item.assembled() for item in self._items.values()]
        return {"object": "response", **(self._response or {}), "output": output}

    def _take(self, data: dict[str, Any]) -> tuple[str, Sequence[Brought]]:
        kind = text_of(data["type"])
        return kind, self._brought(kind, data)

    def _brought(self, kind: str, data: dict[str, Any]) -> Sequence[Brought]:
        if "response" in data:
            return self._take_response(kind, dict(data["response"]))
        if kind == "response.output_item.added":
            return self._add(_key(data), dict(data["item"]))
        if kind in DELTAS:
            return self._grow(self._items[_key(data)], DELTAS[kind], data)
        if kind in CALL_WHOLE:
            return self._finish(data)
        return ()

    def _take_response(self, kind: str, response: dict[str, Any]) -> Sequence[Brought]:
        self._response = response
        if kind not in CLOSING:
            return ()
        self.ended = True
        self.error = error_in(response)
        return self._end_call()

    def _add(self, key: Hashable, fields: dict[str, Any]) -> Sequence[Brought]:
        name = text_of(fields["name"]) if fields["type"] in CALLS else ""
        self._items[key] = item = _Item(fields)
        ended = self._end_call()
        if fields["type"] not in CALLS:
            return ended
        self._call = item
        return (Brought("tool", len(name)), *ended)

    def _grow(self, item: _Item, place: _Place, data: dict[str, Any]) -> Sequence[Brought]:
        text, index = text_of(data["delta"]), data.get(place.part_number) or 0
        if not isinstance(index, int):
            raise TypeError("a part's index is a number")
        item.pieces.setdefault((place, index), []).append(text)
        return (Brought(place.content, len(text)),) if text else ()

    def _finish(self, data: dict[str, Any]) -> Sequence[Brought]:
        if "item" in data:
            fields = dict(data["item"])
            item = self._items.setdefault(_key(data), _Item({}))
            item.fields, item.pieces = fields, {}
        else:
            item = self._items[_key(data)]
        item.whole = True
        return self._end_call() if item is self._call else ()

    def _end_call(self) -> Sequence[Brought]:
        if self._call is None:
            return ()
        call, self._call = self._call, None
        call.whole = True
        arguments = call.assembled().get("arguments")
        return () if arguments and not parses(str(arguments)) else (TOOL_END,)  # cut off


def _key(data: dict[str, Any]) -> Hashable:
    """What tells an event's item from others: its place in the output, or its id where the server counts no places."""
    key: Hashable
    if "output_index" in data:
        key = data["output_index"]
    else:
        key = data["item_id"] if "item_id" in data else data["item"]["id"]
    return key
