"""The blocks of a conversation -> parts, in the shapes of every API format.

A new kind of block is one row in a table. Nothing here raises, whatever a block holds: a block of an unknown type is
kept as its JSON, without the data in it, and named by its type.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from traces.clients import pieces
from traces.content.calls import call_of
from traces.content.data import split, split_text
from traces.content.media import ENCRYPTED, Media, media_of
from traces.content.part import Kind, Part, Section
from traces.content.tools import Definition, as_json, definitions
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
    "thinking": "thinking",
    "reasoning_text": "thinking",
    "content": None,
    "refusal": None,
    "tool_calls": "tool_input",
    "function_call": "tool_input",
}
"""The fields of a message that a model reads, in order, and what their texts are; None: what its role says."""

_ABOUT = ("role", "type", "id", "name", "status", "phase", "index", "model", "timestamp", "created_at", "metadata")
_OF_A_RESULT = ("tool_call_id", "tool_name", "is_error", "isError")
_OF_AN_ANSWER = ("annotations", "citations", "logprobs", "finish_reason", "stop_reason", "stop_sequence", "usage")
_FOR_A_SERVER = ("cache_control", "container", "context_management", "output_config", "prefix", "partial", "weight")
_OF_A_ROUTER = ("provider_specific_fields", "extra_content", "service_tier")

_THINKING_AGAIN = ("reasoning_details", "thinking_blocks")
"""Lists of blocks that hold the thinking, in most messages once more."""

_NOT_READ = frozenset((*_ABOUT, *_OF_A_RESULT, *_OF_AN_ANSWER, *_FOR_A_SERVER, *_OF_A_ROUTER, *_THINKING_AGAIN))
"""Fields of a message that no model reads, or that are read in another way."""

_TEXT_FIELD = {
    "text": "text",
    "input_text": "text",
    "output_text": "text",
    "summary_text": "text",
    "reasoning_text": "text",
    "reasoning.text": "text",
    "reasoning.summary": "summary",
    "refusal": "refusal",
    "thinking": "thinking",
    "compaction": "content",
}
"""Type of block -> the field with its text."""

_ENCRYPTED_FIELDS = {
    "redacted_thinking": "data",
    "reasoning.encrypted": "data",
    "reasoning": "encrypted_content",
    "thinking": "signature",
    "compaction": "encrypted_content",
}
"""Type of block -> the field that only the server can read. It counts where the block has no readable text."""

_THINKING = ("thinking", "redacted_thinking", "reasoning", "reasoning.encrypted", "reasoning.text", "reasoning.summary")

_NOT_THOUGHT = frozenset((*_ABOUT, *_FOR_A_SERVER, *_ENCRYPTED_FIELDS.values(), "format"))
"""Fields of a block of thinking that hold none of it, also where it isn't in its usual field."""

_LEAVES = frozenset(("tool_result", "thinking", "document"))
"""Kinds that hold texts and media; any other block in one of them is kept as JSON of the same kind."""

_DOCUMENTS = ("document", "search_result")

_LABELS = {"type", "id", "status"}

_NOT_A_RESULT = _LABELS | {"tool_use_id", "call_id", "is_error", "cache_control", "caller", "content", "output"}

_RESULTS = ("tool_result", "_call_output")  # how the types of tool results end


class State(NamedTuple):
    """What reading earlier items leaves for reading later ones.

    calls      id of a tool call -> the tool's name
    deferred   the tools that aren't loaded yet, by name
    loaded     the names of those that have been loaded (a dictionary, to keep their order)
    """

    calls: dict[str, str]
    deferred: dict[str, Definition]
    loaded: dict[str, bool]


def _new_state() -> State:
    return State({}, {}, {})


NOTHING = _new_state()
"""The state that most items add: one shared object, which nobody writes to."""


class Blocks:
    """Reads a request item by item, and remembers what later items need.

    state   after all items that were read so far
    added   what the last item added to it
    """

    def __init__(self, defers_tools: bool = True) -> None:
        """Start at the beginning of a request. For `defers_tools` see `traces.servers.ServerKind`."""
        self._defers_tools = defers_tools
        self.state = _new_state()
        self.added = NOTHING
        self._found: list[Part] = []
        self._section: Section = "tools"
        self._index = 0

    def read(self, section: Section, index: int, item: Json) -> list[Part]:
        """Return the parts of one tool, one block of the system prompt or one message."""
        self._found, self._section, self._index = [], section, index
        self.added = NOTHING
        if section == "tools":
            self._tools(item)
        elif section == "system":
            self._content([item], "system")
        else:
            self._message(item)
        return self._found

    def follow(self, added: State) -> None:
        """Take over what an item added to the state when it was read before."""
        if added is NOTHING:
            return
        self.state.calls.update(added.calls)
        self.state.deferred.update(added.deferred)
        self.state.loaded.update(added.loaded)

    def _remember(self, new: State) -> None:
        self.follow(new)
        added = self.added
        self.added = State(added.calls | new.calls, added.deferred | new.deferred, added.loaded | new.loaded)

    def _tools(self, item: Json) -> None:
        """Read the tools that a request defines; a deferred one becomes a part where it is loaded."""
        for one in definitions(item):
            if self._defers_tools and one.deferred and one.name:
                self._remember(State({}, {one.name: one}, {}))
            else:
                self._define(one)

    def _load_list(self, tools: Json, server: Json = None) -> None:
        """Read the tools that a server or a search lists within the conversation: the model sees them there."""
        for tool in as_list(tools):
            for one in definitions(tool, server if isinstance(server, str) else None):
                self._define(one)

    def _define(self, one: Definition) -> None:
        self._add("tool" if one.name else "other", one.text, one.name, group=one.group)

    def _load(self, block: Mapping[str, Any], kind: Kind, name: str | None) -> None:
        """Read a reference to a tool that a search found: the model sees its definition here, once."""
        tool = block.get("tool_name", block.get("name"))
        one = self.state.deferred.get(tool) if isinstance(tool, str) else None
        if one is None or one.name is None or one.name in self.state.loaded:
            self._other(block, kind, name)
            return
        self._remember(State({}, {}, {one.name: True}))
        self._define(one)

    def _message(self, item: Json) -> None:
        """Read one message, or one item of a response's input, which may also be a text, a tool call or a result."""
        role = item.get("role") if isinstance(item, dict) else "user"
        if not isinstance(item, dict) or role is None:
            self._content([item], "user")
            return
        kind = _KIND_OF_ROLE.get(role, "other") if isinstance(role, str) else "other"
        tool = self._called_tool(item.get("tool_call_id")) or item.get("name") if kind == "tool_result" else None
        name = tool if isinstance(tool, str) else None
        for key, what in _FIELDS.items():
            if (value := item.get(key)) is None:
                continue
            if what == "tool_input":
                for call in as_list(value):
                    self._call(call)
            else:
                self._content(as_list(value), what or kind, name)
        self._unlisted_fields(item)

    def _unlisted_fields(self, message: Mapping[str, Any]) -> None:
        """Read the fields of a message that are in none of the tables, each named by its key."""
        if not any(part.kind == "thinking" for part in self._found):
            for key in _THINKING_AGAIN:
                self._content(as_list(message.get(key)), "thinking")
        for key, value in message.items():
            if key in _FIELDS or key in _NOT_READ or not isinstance(value, str | list | dict) or not value:
                continue
            if key == "tools":
                self._load_list(value)
            elif key == "images":  # Ollama's are base64 alone
                media = [{"type": "image", "url": one} if isinstance(one, str) else one for one in as_list(value)]
                self._content(media, "user")
            else:
                self._unknown(value, "other", key)

    def _content(self, blocks: list[Json], kind: Kind, name: str | None = None) -> None:
        """Read blocks in order; `kind` is the kind of their texts, `name` the tool whose result they are."""
        for block in blocks:
            if isinstance(block, str):
                self._text(block, kind, name)
            elif isinstance(block, dict) and isinstance(what := block.get("type"), str):
                self._block(block, what, kind, name)
            else:
                self._unknown(block, kind if kind in _LEAVES else "other", name)

    def _block(self, block: dict[str, Any], what: str, kind: Kind, name: str | None) -> None:
        text = block.get(_TEXT_FIELD[what]) if what in _TEXT_FIELD else None
        if isinstance(text, str) and (text or what not in _ENCRYPTED_FIELDS):
            self._text(text, "thinking" if what in _THINKING else kind, name)
        elif what == "tool_reference":
            self._load(block, kind, name)
        elif isinstance(references := block.get("tool_references"), list):
            self._content(references, kind, name)
        elif isinstance(tools := block.get("tools"), list) and not what.endswith("_call"):
            self._load_list(tools, block.get("server_label"))
        elif kind not in _LEAVES and call_of(block):
            self._call(block)
        elif what.endswith(_RESULTS) and kind not in _LEAVES:
            self._result(block)
        elif media := media_of(block):
            self._title(block, kind, name)
            self._add(media[0], "", name, media[1])
        elif what in _DOCUMENTS and kind not in _LEAVES:
            self._document(block)
        elif what in _ENCRYPTED_FIELDS and not (what == "reasoning" and kind in _LEAVES):
            self._thinking(block, what, kind, name)
        else:
            self._other(block, kind, name)

    def _result(self, block: Mapping[str, Any]) -> None:
        """Read a tool's result; where it isn't in one of the usual fields, every field but the ids."""
        tool = self._called_tool(block.get("tool_use_id", block.get("call_id")))
        held = next((block[key] for key in ("content", "output") if block.get(key) is not None), None)
        if held is None:
            held = {key: value for key, value in block.items() if key not in _NOT_A_RESULT and value is not None}
        self._content(as_list(held or None), "tool_result", tool)

    def _document(self, block: Mapping[str, Any]) -> None:
        """Read a document: its title, its context and its text."""
        before = len(self._found)
        self._title(block, "document", None)
        source = block.get("source")
        held = source.get("content", source.get("data")) if isinstance(source, dict) else source
        self._content(as_list(held) + as_list(block.get("content")), "document")
        if len(self._found) == before:
            self._other(block, "other", None)

    def _title(self, block: Mapping[str, Any], kind: Kind, name: str | None) -> None:
        for key in ("title", "context"):
            if isinstance(words := block.get(key), str):
                self._add(kind if kind in _LEAVES else "document", words, name)

    def _thinking(self, block: Mapping[str, Any], what: str, kind: Kind, name: str | None) -> None:
        """Read thinking, where it is readable; else note that there is something that only the server can read."""
        before = len(self._found)
        if what == "reasoning":
            self._content(as_list(block.get("summary")) + as_list(block.get("content")), "thinking")
        if len(self._found) == before:
            for key, value in block.items():
                if key not in _NOT_THOUGHT and isinstance(value, str | list | dict):
                    self._content(as_list(value), "thinking" if what in _THINKING else kind, name)
        if len(self._found) > before:
            return
        encrypted = block.get(_ENCRYPTED_FIELDS[what])
        if isinstance(encrypted, str) and encrypted:
            self._add("thinking" if what in _THINKING else kind, "", media=Media(ENCRYPTED, encrypted))
        elif block.get(_TEXT_FIELD.get(what, "")) not in (None, ""):
            self._other(block, kind, name)

    def _call(self, call: Json) -> None:
        """Read a tool call of an earlier answer in any API format, and its results where it holds them."""
        one = call_of(call)
        if one is None:
            self._unknown(call, "other", _type_of(call))
            return
        if one.id is not None:
            self._remember(State({one.id: one.name}, {}, {}))
        self._add("tool_input", one.arguments, one.name)
        for result in one.results:
            if isinstance(result, str):
                self._split(*split_text(result), "tool_result", one.name)
            else:
                self._content(as_list(result), "tool_result", one.name)

    def _called_tool(self, call: Json) -> str | None:
        return self.state.calls.get(call) if isinstance(call, str) else None

    def _other(self, block: Mapping[str, Any], kind: Kind, name: str | None) -> None:
        """Read a block that is in no table: as JSON of the kind that it is in, or named by its type."""
        if kind in _LEAVES:
            self._unknown(block, kind, name)
        else:
            self._unknown(block, "other", name or _type_of(block))

    def _unknown(self, value: Json, kind: Kind, name: str | None) -> None:
        """Read a value as JSON, and the data in it. A value that holds only data and its type is no JSON part."""
        self._split(*split(value), kind, name)

    def _split(self, rest: Json, media: list[Media], kind: Kind, name: str | None) -> None:
        has_content = rest.keys() - _LABELS if isinstance(rest, dict) else rest
        if has_content or not media:
            self._add(kind, rest if isinstance(rest, str) else as_json(rest), name)
        for each in media:
            self._add(kind if each.type == ENCRYPTED else each.kind, "", name, each)

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

    def _add(
        self, kind: Kind, text: str, name: str | None = None, media: Media | None = None, group: str | None = None
    ) -> None:
        if text or media:
            self._found.append(Part(self._section, kind, text, name, self._index, media, group))


def as_list(value: Json) -> list[Json]:
    """Return a content as a list of blocks: it may be a list, one block or one text, or be left out."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _type_of(value: Json) -> str | None:
    what = value.get("type") if isinstance(value, dict) else None
    return what if isinstance(what, str) else None
