"""The blocks of a streamed message of Anthropic's: how each begins, grows and is assembled."""

from collections.abc import Callable, Sequence
from typing import Any

from traces.dialects.base import ContentPiece, is_json, parse_json
from traces.dialects.lenient import LenientReader
from traces.dialects.merge import Growing, merge_closing
from traces.model import Content, Json

STARTING: tuple[Content, ...] = ("text", "thinking")
"""The blocks that may begin with some of their text, in a field of the same name."""


class Block:
    """A block as it began, and what its deltas added.

    reported      it was reported as a call to act on
    provisional   it came with the message's start, and may be started again
    """

    def __init__(self, fields: dict[str, Any], provisional: bool = False) -> None:
        self.fields = fields
        self.provisional = provisional
        self.whole = False
        self.reported = False
        self._grown = Growing(fields)
        self._input: list[str] = []  # pieces of JSON

    @property
    def type(self) -> str:
        kind = self.fields.get("type")
        return kind if isinstance(kind, str) else ""

    @property
    def is_call(self) -> bool:
        return self.type == "tool_use"

    @property
    def can_be_acted_on(self) -> bool:
        """Whether it is a call and all of its input has come. One that was cut off has a stop, too."""
        text = "".join(self._input)
        return self.is_call and (is_json(text) if text else self.whole)

    def takes(self, wanted: str) -> bool:
        """Return whether a delta for this type of block belongs here. A block of an unknown type takes any."""
        known = self.type in STARTING or self.type.endswith("tool_use")
        return not known or (self.type.endswith("tool_use") if wanted == "tool_use" else self.type == wanted)

    @property
    def is_empty(self) -> bool:
        """Whether no delta has come."""
        return not self._input and self._grown.value() == self.fields

    def grow(self, name: str, value: Json) -> None:
        """Append a piece to a field."""
        self._grown.add({name: value})

    def grow_input(self, text: str) -> None:
        """Append a piece of a tool's input, which is JSON."""
        self._input.append(text)

    def adder(self, name: str) -> Callable[[str], object]:
        """Return what appends a text to a field that has held one: in `partial_json`, a piece of the input."""
        return self._input.append if name == "partial_json" else self._grown.adder(name)

    def complete(self, whole: dict[str, Any]) -> None:
        """Take the whole block, which some servers send with its stop."""
        self._grown, self._input = Growing(merge_closing(self.assemble(), whole)), []

    def assemble(self) -> dict[str, Any]:
        """Return the block as it would be in an answer without streaming."""
        block: dict[str, Any] = self._grown.value()
        if self._input or "tool_use" in self.type:
            self._add_input(block)
        return block

    def _add_input(self, block: dict[str, Any]) -> None:
        text = "".join(self._input)
        if not text and (self.whole or block.get("input")):
            if isinstance(given := block.get("input"), str) and is_json(given):
                block["input"] = parse_json(given)
            return
        try:
            block["input"] = parse_json(text)
        except ValueError:
            block.update(input=text, input_partial=True)


def block_type(fields: dict[str, Any], lenient: LenientReader) -> str:
    """Return the type of a block, by its other fields where it has none."""
    kind = fields.get("type")
    if isinstance(kind, str):
        return kind
    lenient.odd = True
    found = (name for name in STARTING if name in fields)
    return next(found, "tool_use" if "name" in fields or "input" in fields else "")


def contents_at_start(fields: dict[str, Any], lenient: LenientReader) -> Sequence[ContentPiece]:
    """Return the contents in a block's start: a tool's name is generated, and some servers send a first text."""
    kind = fields["type"]
    if kind.endswith("tool_use"):
        if not all(isinstance(fields.get(name), str) for name in ("id", "name")):
            lenient.odd = True  # a client needs them; not the empty input, which llama.cpp leaves out
        return (ContentPiece("tool", len(lenient.text(fields.get("name")))),)
    for content in STARTING:
        if kind == content and not isinstance(fields.get(kind), str):
            lenient.odd = True
        if kind == content and (text := lenient.text(fields.get(kind))):
            fields[kind] = text
            return (ContentPiece(content, len(text)),)
    return ()
