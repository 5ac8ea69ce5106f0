"""Anthropic's messages -> OpenAI's chat completions.

Texts of one message are joined with a line break, as llama.cpp joins them: smaller servers take no lists of texts, and
chat templates are written for strings. Blocks that only Anthropic's servers read are rewritten first.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from traces import jsonio
from traces.dialects.openai_chat import REASONING_TEXTS
from traces.dialects.translation.common_blocks import to_common_blocks
from traces.dialects.translation.common_tools import offered_tools
from traces.dialects.translation.notes import Notes
from traces.dialects.translation.pairs import pair_calls
from traces.dialects.translation.signatures import WITHIN_TEXT, field_of
from traces.errors import TranslationError

Fields = dict[str, Any]

SAME = ("model", "stream", "temperature", "top_p", "top_k", "max_tokens")
"""The fields that mean the same in both formats. (OpenAI has no `top_k`; every local server has.)"""

_READ = (*SAME, "system", "messages", "tools", "tool_choice", "stop_sequences", "output_config", "output_format")
_READ_IN_BLOCK: Mapping[str, frozenset[str]] = {
    "text": frozenset(("type", "text")),
    "image": frozenset(("type", "source")),
    "document": frozenset(("type", "source", "title")),
    "tool_use": frozenset(("type", "id", "name", "input")),
    "tool_result": frozenset(("type", "tool_use_id", "content", "is_error")),
}

_READ_IN_SOURCE = ("type", "media_type", "data", "url")

_READ_IN_TOOL = ("type", "name", "description", "input_schema", "strict", "defer_loading")

SCHEMA_FIELDS: Mapping[str, Any] = {"name": "answer", "strict": True}
"""What OpenAI requires beside an answer's schema. Anthropic's API has neither, and is always strict."""

MOST_STOPS = 4
"""OpenAI accepts no more. Local servers do, so all are sent."""


def to_chat(body: Mapping[str, Any], notes: Notes) -> Fields:
    """Return a request of Anthropic's as one for a chat completion. Raises TranslationError."""
    notes.unknown_fields("", body, _READ)
    chat = {name: body[name] for name in SAME if name in body}
    system = _text(_blocks(body.get("system"), notes), "system")
    chat["messages"] = [{"role": "system", "content": system}] if system else []
    for message in pair_calls(to_common_blocks(body["messages"], notes), notes):
        chat["messages"] += _message(message, notes)
    if body["messages"] and body["messages"][-1]["role"] == "assistant":
        notes.add("the last message is the assistant's own: servers differ in whether they continue it")
    if tools := [_tool(tool, notes) for tool in offered_tools(body.get("tools") or (), body["messages"], notes)]:
        chat["tools"] = tools
    if choice := body.get("tool_choice"):
        chat |= _tool_choice(choice, [tool["function"]["name"] for tool in tools], notes)
    if stops := body.get("stop_sequences"):
        chat["stop"] = stops
        if len(stops) > MOST_STOPS:
            notes.add(f"{len(stops)} stop sequences: OpenAI itself takes {MOST_STOPS}")
    return chat | _format(body, notes)


def _message(message: Fields, notes: Notes) -> Iterator[Fields]:
    notes.unknown_fields("messages[].", message, ("role", "content"))
    blocks = _blocks(message["content"], notes)
    match message["role"]:
        case "user":
            yield from _user(blocks, notes)
        case "assistant":
            yield from _assistant(blocks, notes)
        case "system":
            yield {"role": "system", "content": _text(blocks, "system")}
        case other:
            raise TranslationError(f"A message with the role {other!r} has no counterpart in chat completions.")


def _user(blocks: Sequence[Fields], notes: Notes) -> Iterator[Fields]:
    """Yield the results first, which must follow the calls, then a message with their media and the user's text."""
    media: list[Fields] = []
    for result in (block for block in blocks if block["type"] == "tool_result"):
        held = _blocks(result.get("content"), notes)
        own_media = [block for block in held if block["type"] != "text"]
        text = _text([block for block in held if block["type"] == "text"], "tool_result")
        if own_media:
            notes.add("images or documents of a tool result: sent in a user message after it")
            text = text or "(What this tool shows comes in the next message.)"
            media += own_media
        if result.get("is_error"):
            notes.add("is_error of a tool result: written before its text")
            text = f"Error: {text}"
        yield {"role": "tool", "tool_call_id": result["tool_use_id"], "content": text}
    rest = [block for block in blocks if block["type"] != "tool_result"]
    if media or rest or not blocks:
        yield {"role": "user", "content": _parts([*media, *rest])}


def _assistant(blocks: Sequence[Fields], notes: Notes) -> Iterator[Fields]:
    thinking = _thinking(blocks, notes)
    texts = [block for block in blocks if block["type"] not in ("thinking", "redacted_thinking", "tool_use")]
    calls = [_call(block) for block in blocks if block["type"] == "tool_use"]
    content = thinking.pop(WITHIN_TEXT, "") + _text(texts, "assistant")
    if calls:
        yield {"role": "assistant", "content": content or None, **thinking, "tool_calls": calls}
    else:  # also an empty one: users' messages mustn't follow one another
        yield {"role": "assistant", "content": content, **thinking}


def _thinking(blocks: Sequence[Fields], notes: Notes) -> dict[str, str]:
    """Return the thinking that a server of this format wrote, by the field that it came in."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] not in ("thinking", "redacted_thinking"):
            continue
        field = field_of(block.get("signature"))
        if field == WITHIN_TEXT:
            found[field] = found.get(field, "") + f"<think>\n{block['thinking']}\n</think>\n\n"
        elif field in REASONING_TEXTS:
            found[field] = found.get(field, "") + block["thinking"]
        else:
            notes.add_dropped(f"{block['type']} of an earlier answer")
    return found


def _call(block: Fields) -> Fields:
    arguments = jsonio.dumps(block["input"]).decode()
    return {"id": block["id"], "type": "function", "function": {"name": block["name"], "arguments": arguments}}


def _blocks(content: Any, notes: Notes) -> list[Fields]:
    """Return a content, a text or a list, as a list of blocks. Cache markers have no counterpart."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    for block in content or ():
        read = _READ_IN_BLOCK.get(block["type"], block.keys())
        if not block.keys() <= read:
            notes.unknown_fields(f"{block['type']}.", block, read)
        if isinstance(source := block.get("source"), dict):
            notes.unknown_fields("source.", source, _READ_IN_SOURCE)
    return list(content or ())


def _text(blocks: Sequence[Fields], where: str) -> str:
    for block in blocks:
        if block["type"] != "text":
            raise TranslationError(f"A block {block['type']!r} in {where} has no counterpart in chat completions.")
    return "\n".join(block["text"] for block in blocks)


def _parts(blocks: Sequence[Fields]) -> str | list[Fields]:
    if all(block["type"] == "text" for block in blocks):
        return _text(blocks, "user")
    return [_part(block) for block in blocks]


def _part(block: Fields) -> Fields:
    match block:
        case {"type": "text", "text": str(text)}:
            return {"type": "text", "text": text}
        case {"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}}:
            return {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}}
        case {"type": "image", "source": {"type": "url", "url": url}}:
            return {"type": "image_url", "image_url": {"url": url}}
        case {"type": "document", "source": {"type": "base64", "media_type": kind, "data": data}}:
            name = block.get("title") or "document.pdf"
            return {"type": "file", "file": {"filename": name, "file_data": f"data:{kind};base64,{data}"}}
        case {"type": "document", "source": {"type": "text", "data": str(text)}}:
            return {"type": "text", "text": "\n".join(filter(None, (block.get("title"), text)))}
    kind, source = block["type"], (block.get("source") or {}).get("type", "unknown source")
    raise TranslationError(f"A block {kind!r} ({source}) in user has no counterpart in chat completions.")


def _tool(tool: Fields, notes: Notes) -> Fields:
    notes.unknown_fields("tools[].", tool, _READ_IN_TOOL)
    function = {name: tool[name] for name in ("name", "description", "strict") if name in tool}
    return {"type": "function", "function": {**function, "parameters": tool["input_schema"]}}


def _tool_choice(choice: Fields, offered: Sequence[str], notes: Notes) -> Fields:
    """Return the choice; none where it names a tool that isn't offered, which servers refuse."""
    notes.unknown_fields("tool_choice.", choice, ("type", "name", "disable_parallel_tool_use"))
    kind, name = choice["type"], choice.get("name")
    if not offered or (kind == "tool" and name not in offered):
        notes.add_dropped(f"tool_choice {name or kind}, for which no tool is left")
        kind = "left out"
    named = {"type": "function", "function": {"name": name}}
    words = {"auto": "auto", "any": "required", "none": "none", "tool": named, "left out": None}
    chosen: Fields = {"tool_choice": words[kind]} if words[kind] else {}
    if choice.get("disable_parallel_tool_use") and offered:
        chosen["parallel_tool_calls"] = False
    return chosen


def _format(body: Mapping[str, Any], notes: Notes) -> Fields:
    """Return the field with the JSON schema that an answer must fit."""
    config = body.get("output_config") or {}
    notes.unknown_fields("output_config.", config, ("format",))
    wanted = config.get("format") or body.get("output_format")
    if not wanted:
        return {}
    notes.unknown_fields("output_config.format.", wanted, ("type", "schema"))
    schema = {**SCHEMA_FIELDS, "schema": wanted["schema"]}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}
