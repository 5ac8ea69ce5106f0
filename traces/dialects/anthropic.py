"""Anthropic's streamed messages (`/v1/messages`), assembled as the `anthropic` package assembles them.

More than that package, it keeps fields of the closing usage that nobody knows yet, and says where a tool's input is
only a part. Where a second block takes the index of an earlier one, later deltas belong to the second.

This module knows nothing of bytes, of times, or of other dialects.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from traces.dialects.base import TOOL_END, Brought, JsonStream, parsed, parses, text_of
from traces.model import Content, Json

GROWING: dict[str, tuple[str, Content]] = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "input_json_delta": ("partial_json", "tool"),
}
"""The deltas that add text: the field that holds it, and what it is. Any other delta's fields replace the block's."""

STARTING: tuple[Content, ...] = ("text", "thinking")
"""The blocks that may begin with some of what they hold, in a field of the same name."""


@dataclass(slots=True)
class _Block:
    fields: dict[str, Any]
    pieces: dict[str, list[str]] = field(default_factory=dict)
    whole: bool = False
    told: bool = False  # that it is a call to act on

    @property
    def is_call(self) -> bool:
        return bool(self.fields["type"] == "tool_use")

    @property
    def can_be_acted_on(self) -> bool:
        """Whether it is a call and all of its input has come. One that was cut off has a stop, too."""
        text = self._input()
        return self.is_call and (parses(text) if text else self.whole)

    def grow(self, name: str, text: str) -> None:
        self.pieces.setdefault(name, []).append(text)

    def assembled(self) -> dict[str, Any]:
        block = dict(self.fields)
        for name, pieces in self.pieces.items():
            if name != "partial_json":
                before = block.get(name)
                block[name] = (before if isinstance(before, str) else "") + "".join(pieces)
        if "partial_json" in self.pieces or "tool_use" in block["type"]:
            self._add_input(block)
        return block

    def _add_input(self, block: dict[str, Any]) -> None:
        text = self._input()
        if not text and (self.whole or block.get("input")):
            return
        try:
            block["input"] = parsed(text)
        except ValueError:
            block.update(input=text, input_partial=True)

    def _input(self) -> str:
        return "".join(self.pieces.get("partial_json", ()))


class AnthropicStream(JsonStream):
    def __init__(self) -> None:
        super().__init__()
        self._message: dict[str, Any] = {}
        self._blocks: list[_Block] = []
        self._at_index: dict[int, _Block] = {}

    def message(self) -> Json:
        if not self._message and not self._blocks:
            return None
        return {**self._message, "content": [block.assembled() for block in self._blocks]}

    def _take(self, data: dict[str, Any]) -> tuple[str, Sequence[Brought]]:
        match data["type"]:
            case "message_start":
                return self._start(data["message"])
            case "content_block_start":
                return self._start_block(data["index"], data["content_block"])
            case "content_block_delta":
                return self._grow_block(data["index"], data["delta"])
            case "content_block_stop":
                return "content_block_stop", self._stop_block(self._at_index[data["index"]])
            case "message_delta":
                return self._change(data)
            case "message_stop":
                self.ended = True
                return "message_stop", self._end_calls()
            case str(other):
                return other, ()
        raise TypeError("an event's type is a string")

    def _start(self, message: dict[str, Any]) -> tuple[str, Sequence[Brought]]:
        if not self._message:
            self._message = {**message, "usage": dict(message.get("usage") or {})}
        return "message_start", ()

    def _start_block(self, index: int, fields: dict[str, Any]) -> tuple[str, Sequence[Brought]]:
        kind = text_of(fields["type"])
        brought = _brought_at_start(kind, fields)
        model = fields["to"]["model"] if kind == "fallback" else None
        block = _Block(dict(fields))
        self._at_index[index] = block
        ended = self._told(*self._blocks)
        self._blocks.append(block)
        if model is not None:
            self._message["model"] = model  # another model goes on with the answer
        return f"content_block_start:{kind}", [*brought, *ended]

    def _grow_block(self, index: int, delta: dict[str, Any]) -> tuple[str, Sequence[Brought]]:
        block, kind = self._at_index[index], delta["type"]
        brought: list[Brought] = []
        if kind in GROWING:
            name, content = GROWING[kind]
            text = text_of(delta[name])
            if text:
                brought.append(Brought(content, len(text)))
            block.grow(name, text)
        elif kind == "citations_delta":
            block.fields["citations"] = [*(block.fields.get("citations") or ()), delta["citation"]]
        else:
            block.fields.update({name: value for name, value in delta.items() if name != "type"})
        return f"content_block_delta:{kind}", brought

    def _stop_block(self, block: _Block) -> Sequence[Brought]:
        block.whole = True
        return self._told(block)

    def _change(self, data: dict[str, Any]) -> tuple[str, Sequence[Brought]]:
        """The closing facts. Counts are totals so far: they replace the earlier ones; a null leaves them alone."""
        usage = {name: value for name, value in (data.get("usage") or {}).items() if value is not None}
        beside = {name: value for name, value in data.items() if name not in ("type", "delta", "usage")}
        changed = {**beside, **data["delta"]}
        keep = ("stop_reason", "stop_sequence", "stop_details")  # these a null does change
        self._message.update({name: value for name, value in changed.items() if value is not None or name in keep})
        self._message.setdefault("usage", {}).update(usage)
        return "message_delta", self._end_calls()

    def _end_calls(self) -> Sequence[Brought]:
        """The answer is finished, and some servers stop no block."""
        for block in self._blocks:
            block.whole = block.whole or block.is_call
        return self._told(*self._blocks)

    def _told(self, *blocks: _Block) -> Sequence[Brought]:
        """Of these the calls that can be acted on now; each is told once."""
        new = [block for block in blocks if not block.told and block.can_be_acted_on]
        for block in new:
            block.told = True
        return [TOOL_END for _ in new]


def _brought_at_start(kind: str, fields: dict[str, Any]) -> Sequence[Brought]:
    """What a block's start brought: a tool's name is generated, and some servers send a first text with it."""
    if kind.endswith("tool_use"):
        return (Brought("tool", len(text_of(fields["name"]))),)
    for content in STARTING:
        if kind == content and fields.get(kind):
            return (Brought(content, len(text_of(fields[kind]))),)
    return ()
