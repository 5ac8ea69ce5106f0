"""Anthropic's streamed messages (`/v1/messages`), assembled as the `anthropic` package assembles them.

Unlike that package, it keeps unknown fields of the closing usage, and marks a tool's input that is incomplete. Where a
second block takes the index of an earlier one, later deltas belong to the second; a delta without a block begins one.
"""

from collections.abc import Sequence
from typing import Any

from traces.dialects import usage
from traces.dialects.anthropic_blocks import Block, block_type, contents_at_start
from traces.dialects.base import MALFORMED, TOOL_END, ContentPiece, JsonStream
from traces.dialects.lenient import LenientReader
from traces.dialects.promised import ANTHROPIC
from traces.dialects.repeated import OnlyText
from traces.model import Content, Json

GROWING: dict[str, tuple[Content, str]] = {
    "text": ("text", "text"),
    "thinking": ("thinking", "thinking"),
    "partial_json": ("tool", "tool_use"),
}
"""The fields of a delta that hold generated text: its kind of content, and the type of block that it belongs to."""

DELTAS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
    "citations_delta": "citation",
    "signature_delta": "signature",
}
"""The deltas with one field, by which they are recognised where a server leaves out their type."""

_OF_A_DELTA = {"type", "index", "delta"}
"""The fields of an event that makes a block grow, and does nothing else."""

KEPT = ("stop_reason", "stop_sequence", "stop_details")
"""Fields of the closing event that may be null."""


class AnthropicStream(JsonStream):
    """A streamed message of Anthropic's."""

    promised = ANTHROPIC

    def __init__(self) -> None:
        super().__init__()
        self._message: dict[str, Any] = {}
        self._began = False
        self._blocks: list[Block] = []
        self._at_index: dict[int, Block] = {}

    def message(self) -> Json:
        if not self._message and not self._blocks:
            return None
        return {**self._message, "content": [block.assemble() for block in self._blocks]}

    def _take(self, data: dict[str, Any]) -> tuple[str, Sequence[ContentPiece]]:
        kind = self._type_of(data)
        if kind in ("content_block_start", "content_block_delta", "message_delta") and not self._began:
            self._began = self.lenient.odd = True  # a client waits for the message's start
        match kind:
            case "message_start":
                return self._start(self._message_of(data))
            case "message":
                return self._whole(data)
            case "content_block_start":
                return self._start_block(data)
            case "content_block_delta":
                return self._grow_block(data)
            case "content_block_stop":
                return "content_block_stop", self._stop_block(data)
            case "message_delta":
                return self._change(data)
            case "message_stop":
                return "message_stop", self._stop(data)
        return kind, ()

    def _stop(self, data: dict[str, Any]) -> Sequence[ContentPiece]:
        """Take the end of the message, beside which some servers send the usage."""
        self.ended = True
        if not self._message.get("stop_reason"):
            self.lenient.odd = True  # a client waits for it
        for name, value in data.items():
            if name == "usage":
                self._count(value)
            elif name not in ("type", "message") and value is not None:
                self._message.setdefault(name, value)
        return self._end_calls()

    def _done(self) -> Sequence[ContentPiece]:
        """Take `[DONE]`, with which other formats end: it closes an answer that has its stop reason."""
        if self.ended:
            return ()
        self.lenient.odd = True  # a client may wait for the event that should end it
        self.ended = bool(self._message.get("stop_reason"))
        return self._end_calls() if self.ended else ()

    def _count(self, value: Json) -> None:
        """Take counts. They are totals so far, and replace earlier ones unless they are null or 0."""
        given = self.lenient.record(value)
        counts = {name: count for name, count in given.items() if count is not None}
        self._message["usage"] = usage.update(self._message.get("usage") or {}, counts)

    def _type_of(self, data: dict[str, Any]) -> str:
        """Return the event's type, or what its fields show where it has none or an unknown one."""
        kind = data.get("type")
        known = ("message_start", "message", "message_delta", "message_stop", "ping", "error")
        if isinstance(kind, str) and (kind in known or kind.startswith("content_block_")):
            return kind
        held = {name for name in ("message", "content_block", "delta") if isinstance(data.get(name), dict)}
        if held:
            self.lenient.odd = True
        if "message" in held:
            return "message_start"
        if "content_block" in held:
            return "content_block_start"
        if "delta" in held:
            return "message_delta" if "stop_reason" in data["delta"] else "content_block_delta"
        self.lenient.odd = self.lenient.odd or not isinstance(kind, str)
        return kind if isinstance(kind, str) else MALFORMED

    def _message_of(self, data: dict[str, Any]) -> dict[str, Any]:
        message = self.lenient.record(data.get("message"))
        if not message:
            self.lenient.odd = True
            message = {name: value for name, value in data.items() if name not in ("type", "message")}
        return message

    def _start(self, message: dict[str, Any]) -> tuple[str, Sequence[ContentPiece]]:
        self._began = True
        contents: list[ContentPiece] = []
        if self._message or not message:
            self.lenient.odd = True
            return "message_start" if self._message else MALFORMED, ()
        if (message.get("type"), message.get("role")) != ("message", "assistant"):
            self.lenient.odd = True
        self._check_stop(message)
        counts = message.get("usage")
        self._message = {**message, "usage": dict(counts) if isinstance(counts, dict) else {}}
        for index, fields in enumerate(self.lenient.records(_blocks_of(message.get("content")))):
            contents += self._add_block(index, fields, provisional=True)
        return "message_start", contents

    def _whole(self, data: dict[str, Any]) -> tuple[str, Sequence[ContentPiece]]:
        """Take a whole answer in one event, from a server that doesn't stream."""
        self.lenient.odd = True
        _, contents = self._start(data)
        self.ended = bool(data.get("stop_reason"))
        return "message", [*contents, *self._end_calls()]

    def _start_block(self, data: dict[str, Any]) -> tuple[str, Sequence[ContentPiece]]:
        fields = self.lenient.record(data.get("content_block"))
        if not fields:
            self.lenient.odd = True  # its deltas will begin it
            return "content_block_start", ()
        index = self._index(data)
        before = self._at_index.get(index if index is not None else -1)
        if before is not None and not before.whole and before.is_empty and before.fields == fields:
            self.lenient.odd = True
            return f"content_block_start:{before.type}", ()  # the same once more
        if before is not None and before.provisional:
            self._blocks.remove(before)
        contents = self._add_block(index, fields)
        return f"content_block_start:{self._blocks[-1].type}", contents

    def _add_block(self, index: int | None, fields: dict[str, Any], provisional: bool = False) -> list[ContentPiece]:
        fields = {**fields, "type": block_type(fields, self.lenient)}
        contents = contents_at_start(fields, self.lenient)
        if fields["type"] == "fallback":
            model = self.lenient.record(fields.get("to")).get("model")
            if isinstance(model, str):
                self._message["model"] = model  # another model goes on with the answer
        if index is None:
            index = max(self._at_index, default=-1) + 1
        ended = self._report(*self._blocks)
        block = Block(fields, provisional)
        self._at_index[index] = block
        self._blocks.append(block)
        return [*contents, *ended]

    def _grow_block(self, data: dict[str, Any]) -> tuple[str, Sequence[ContentPiece]]:
        given = data.get("delta")
        delta = {"type": "text_delta", "text": given} if isinstance(given, str) else self.lenient.record(given)
        if isinstance(given, str) or not delta:
            self.lenient.odd = True
        kind = _delta_type(delta, self.lenient)
        contents: list[ContentPiece] = []
        block = self._block_for(self._index(data), kind, delta, contents)
        block.provisional = False
        for name, value in delta.items():
            if name == "type":
                continue
            if name in GROWING:
                if value is None or kind not in DELTAS:
                    self.lenient.odd = True
                text = self.lenient.json_text(value) if name == "partial_json" else self.lenient.text(value)
                if text:
                    contents.append(ContentPiece(GROWING[name][0], len(text)))
                if name == "partial_json":
                    block.grow_input(text)
                else:
                    block.grow(name, text)
                if set(data) == _OF_A_DELTA and set(delta) == {"type", name} and text and len(contents) == 1:
                    self.only = OnlyText(name, text, contents[0].content, block.adder(name))
            elif name == "citation" and kind == "citations_delta":
                block.grow("citations", [value])
            else:
                block.grow(name, value)
        return f"content_block_delta:{kind}", contents

    def _block_for(self, index: int | None, kind: str, delta: dict[str, Any], contents: list[ContentPiece]) -> Block:
        """Return the block that a delta belongs to, a new one where it never began."""
        wanted = next((GROWING[name][1] for name in GROWING if name in delta), None)
        block = self._at(index)
        if block is None or (wanted is not None and not block.takes(wanted)):
            self.lenient.odd = True
            implied = {"signature_delta": "thinking", "citations_delta": "text"}.get(kind, kind.removesuffix("_delta"))
            contents += self._add_block(index, {"type": wanted or implied})
            block = self._blocks[-1]
        return block

    def _at(self, index: int | None) -> Block | None:
        """Return the block at an index; the last one where an event has no index."""
        if index is None:
            return self._blocks[-1] if self._blocks else None
        return self._at_index.get(index)

    def _index(self, data: dict[str, Any]) -> int | None:
        index = self.lenient.index(data.get("index"))
        if index is None:
            self.lenient.odd = True
        return index

    def _stop_block(self, data: dict[str, Any]) -> Sequence[ContentPiece]:
        index = self._index(data)
        block = self._at(index)
        if block is None:
            self.lenient.odd = True
            return ()
        if isinstance(whole := data.get("content_block"), dict):
            block.complete(whole)
        block.whole = True
        return self._report(block)

    def _change(self, data: dict[str, Any]) -> tuple[str, Sequence[ContentPiece]]:
        """Take the closing fields."""
        if not isinstance(data.get("delta"), dict):
            self.lenient.odd = True
        beside = {name: value for name, value in data.items() if name not in ("type", "delta", "usage")}
        changed = {**beside, **self.lenient.record(data.get("delta"))}
        for name, value in changed.items():
            if value is not None or (name in KEPT and not self._message.get(name)):
                self._message[name] = value
        self._check_stop(changed)
        self._count(data.get("usage"))
        return "message_delta", self._end_calls()

    def _check_stop(self, fields: dict[str, Any]) -> None:
        if not all(isinstance(fields.get(name), str | None) for name in ("stop_reason", "stop_sequence")):
            self.lenient.odd = True

    def _end_calls(self) -> Sequence[ContentPiece]:
        """Mark all calls as whole when the answer ends: some servers don't stop their blocks."""
        for block in self._blocks:
            block.whole = block.whole or block.is_call
        return self._report(*self._blocks)

    def _report(self, *blocks: Block) -> list[ContentPiece]:
        """Return an event for each of these calls that can be acted on by now; each is reported once."""
        new = [block for block in blocks if not block.reported and block.can_be_acted_on]
        for block in new:
            block.reported = True
        return [TOOL_END for _ in new]


def _delta_type(delta: dict[str, Any], lenient: LenientReader) -> str:
    kind = delta.get("type")
    if isinstance(kind, str):
        name = DELTAS.get(kind)
        lenient.odd = lenient.odd or (name is not None and name not in delta)
        return kind
    lenient.odd = True
    return next((kind for kind, name in DELTAS.items() if name in delta), "")


def _blocks_of(content: Json) -> Json:
    """Return a message's content; one that is a text as the block that it should be."""
    return [{"type": "text", "text": content}] if content and isinstance(content, str) else content
