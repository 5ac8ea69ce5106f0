"""The blocks of a conversation -> parts, in Anthropic's messages and in both of OpenAI's dialects.

A new kind of block is one row in a table. Knows nothing of the request around a conversation. Nothing here raises,
whatever a block holds: what isn't understood is kept as its JSON.
"""

from collections.abc import Mapping
from typing import Any

from traces import jsonio
from traces.clients import pieces
from traces.content.media import Media, media_of
from traces.content.part import Kind, Part, Section
from traces.model import Json

_KIND_OF_ROLE: Mapping[str, Kind] = {
    "user": "user",
    "assistant": "assistant",
    "system": "reminder",
    "developer": "reminder",
    "tool": "tool_result",
    "function": "tool_result",
}

_FIELDS: Mapping[str, Kind | None] = {
    "reasoning_content": "thinking",
    "reasoning": "thinking",
    "content": None,
    "refusal": None,
    "tool_calls": "tool_input",
    "function_call": "tool_input",
}
"""The fields of a message that a model reads, in order, and what their texts are; None: what its role says."""

_TEXT_FIELD = {
    "text": "text",
    "input_text": "text",
    "output_text": "text",
    "summary_text": "text",
    "reasoning_text": "text",
    "refusal": "refusal",
    "thinking": "thinking",
}
"""Type of block -> the field with its text."""

_LEAVES = frozenset(("tool_result", "thinking", "document"))
"""Kinds that hold texts and media; anything else in one is its own, as JSON."""

_CALLS = frozenset(("tool_use", "server_tool_use", "mcp_tool_use", "function_call", "custom_tool_call", "mcp_call"))
_TOOL_FIELDS = ("name", "description", "input_schema", "parameters")
_RESULTS = ("tool_result", "_call_output")  # how the types of tool results end


class Blocks:
    """Reads what a request is made of, piece after piece, and knows which tool was called by which id.

    calls    the tools that were called so far, by the ids of the calls
    made     those of them that the last item called
    """

    def __init__(self) -> None:
        self.calls: dict[str, str] = {}
        self.made: dict[str, str] = {}
        self._found: list[Part] = []
        self._section: Section = "tools"
        self._index = 0

    def read(self, section: Section, index: int, item: Json) -> list[Part]:
        """The parts of one tool, one block of the system prompt or one message."""
        self._found, self._section, self._index = [], section, index
        self.made = {}
        if section == "tools":
            self._tool(item)
        elif section == "system":
            self._content([item], "system")
        else:
            self._message(item)
        return self._found

    def _tool(self, tool: Json) -> None:
        held = tool.get("function", tool) if isinstance(tool, dict) else None
        name = held.get("name") if isinstance(held, dict) else None
        if not isinstance(held, dict) or not isinstance(name, str):
            self._add("other", as_json(tool))
            return
        self._add("tool", as_json({key: held[key] for key in _TOOL_FIELDS if key in held}), name)

    def _message(self, item: Json) -> None:
        """One message, or one item of a response's input: it may be a text, a tool call or a result as well."""
        role = item.get("role") if isinstance(item, dict) else "user"
        if not isinstance(item, dict) or role is None:
            self._content([item], "user")
            return
        kind = _KIND_OF_ROLE.get(role, "other") if isinstance(role, str) else "other"
        tool = self._called(item.get("tool_call_id")) or item.get("name") if kind == "tool_result" else None
        name = tool if isinstance(tool, str) else None
        for key, what in _FIELDS.items():
            if (value := item.get(key)) is None:
                continue
            if what == "tool_input":
                for call in listed(value):
                    self._call(call)
            else:
                self._content(listed(value), what or kind, name)

    def _content(self, blocks: list[Json], kind: Kind, name: str | None = None) -> None:
        """Blocks one after the other; `kind` is what their texts are, `name` the tool whose result they are."""
        for block in blocks:
            if isinstance(block, str):
                self._text(block, kind, name)
            elif isinstance(block, dict) and isinstance(what := block.get("type"), str):
                self._block(block, what, kind, name)
            else:
                self._add("other", as_json(block), name)

    def _block(self, block: dict[str, Any], what: str, kind: Kind, name: str | None) -> None:
        if what in _TEXT_FIELD and isinstance(text := block.get(_TEXT_FIELD[what]), str):
            self._text(text, "thinking" if what == "thinking" else kind, name)
        elif what in _CALLS and kind not in _LEAVES:
            self._call(block)
        elif what.endswith(_RESULTS) and kind not in _LEAVES:
            tool = self._called(block.get("tool_use_id", block.get("call_id")))
            self._content(listed(block.get("content", block.get("output"))), "tool_result", tool)
        elif shown := media_of(block):
            self._add(shown[0], "", name, shown[1])
        elif kind in _LEAVES:
            self._add(kind, as_json(block), name)
        elif what == "reasoning":
            self._content(listed(block.get("summary")) + listed(block.get("content")), "thinking")
        elif what == "document" and isinstance(source := block.get("source"), dict):
            self._content(listed(source.get("content", source.get("data"))), "document")
        elif what != "redacted_thinking":
            self._add("other", as_json(block), name)

    def _call(self, call: Json) -> None:
        """A tool call of an earlier answer, in the shape of any dialect."""
        held = call.get("function", call) if isinstance(call, dict) else None
        name = held.get("name") if isinstance(held, dict) else None
        if not isinstance(call, dict) or not isinstance(held, dict) or not isinstance(name, str):
            self._add("other", as_json(call))
            return
        if isinstance(call_id := call.get("call_id", call.get("id")), str):
            self.calls[call_id] = self.made[call_id] = name
        given = held.get("input", held.get("arguments"))
        self._add("tool_input", given if isinstance(given, str) else as_json(given), name)

    def _called(self, call: Json) -> str | None:
        return self.calls.get(call) if isinstance(call, str) else None

    def _text(self, text: str, kind: Kind, name: str | None) -> None:
        cut = pieces(text, kind == "tool_result") if kind in ("user", "tool_result") else None
        if cut is None:
            self._add(kind, text, name)
            return
        for what, path, words in cut:
            if what == "text":
                self._add(kind, words, name)
            else:
                self._add(what, words, path)

    def _add(self, kind: Kind, text: str, name: str | None = None, media: Media | None = None) -> None:
        if text or media:
            self._found.append(Part(self._section, kind, text, name, self._index, media))


def listed(value: Json) -> list[Json]:
    """A content may be a list of blocks, one block or one text, or be left out."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def as_json(value: Json) -> str:
    try:
        return jsonio.dumps(value).decode()
    except ValueError as error:
        return f"({error})"
