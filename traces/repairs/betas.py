"""The repair `betas`: a request in Anthropic's format as the first version of its API has it, 2023-06-01.

Strict servers refuse a field or a block that they don't know. What stays is listed here, so that what a newer client
adds goes, too. Blocks and tools of Anthropic's own servers become what any server reads, as in a translation.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from traces.dialects.translation.common_blocks import to_common_blocks
from traces.dialects.translation.common_tools import offered_tools
from traces.dialects.translation.notes import Notes
from traces.dialects.translation.pairs import pair_calls
from traces.repairs.base import Fields, Outgoing, is_anthropic, without_header

HEADER = "anthropic-beta"

_REQUEST = (
    *("model", "messages", "max_tokens", "metadata", "stop_sequences", "stream", "system", "temperature"),
    *("thinking", "tool_choice", "tools", "top_k", "top_p"),
)

_BLOCKS: Mapping[str, Sequence[str]] = {
    "text": ("text",),
    "image": ("source",),
    "document": ("source", "title", "context"),
    "tool_use": ("id", "name", "input"),
    "tool_result": ("tool_use_id", "content", "is_error"),
    "thinking": ("thinking", "signature"),
    "redacted_thinking": ("data",),
}

_TOOL = ("name", "description", "input_schema")
"""Without its type: `custom` says only that it is a client's tool."""


def leave_out_betas(request: Outgoing, notes: Notes) -> Outgoing:
    """Return the request without the header, query, fields and blocks that came after the API's first version."""
    if any(name.lower() == HEADER for name in request.headers):
        notes.add_dropped(f"the header {HEADER}")
    path, _, query = request.path.partition("?")
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "beta"]
    return Outgoing(
        path=f"{path}?{urlencode(pairs)}" if pairs else path,
        headers=without_header(request.headers, HEADER),
        body=_body(request.body, notes) if is_anthropic(request) else request.body,
    )


def _body(body: Fields, notes: Notes) -> Fields:
    new = _only(body, _REQUEST, "", notes)
    if isinstance(messages := body.get("messages"), list) and all(map(_is_message, messages)):
        common = pair_calls(to_common_blocks(messages, notes), notes)
        new["messages"] = [_message(message, notes) for message in common]
    if "system" in body:
        new["system"] = _content(body["system"], "system[].", notes)
    new |= _thinking(new.pop("thinking", None), notes)
    if isinstance(metadata := body.get("metadata"), dict):
        new["metadata"] = _only(metadata, ("user_id",), "metadata.", notes)
    return new | _tools(new.pop("tools", None), new.pop("tool_choice", None), body, notes)


def _message(message: Fields, notes: Notes) -> Fields:
    kept = _only(message, ("role", "content"), "messages[].", notes)
    return {**kept, "content": _content(message.get("content"), "", notes)}


def _content(content: Any, where: str, notes: Notes) -> Any:
    if not isinstance(content, list):
        return content
    return [_block(block, where, notes) if isinstance(block, dict) else block for block in content]


def _block(block: Fields, where: str, notes: Notes) -> Fields:
    kind = str(block.get("type"))
    if kind not in _BLOCKS:
        return block
    kept = _only(block, ("type", *_BLOCKS[kind]), where or f"{kind}.", notes)
    if kind == "tool_result" and "content" in kept:
        kept["content"] = _content(kept["content"], "", notes)
    return kept


def _thinking(thinking: Any, notes: Notes) -> Fields:
    """Return the field `thinking`, if it is there and in one of its first two forms."""
    match thinking:
        case None:
            return {}
        case {"type": "enabled", "budget_tokens": int()}:
            return {"thinking": _only(thinking, ("type", "budget_tokens"), "thinking.", notes)}
        case {"type": "disabled"}:
            return {"thinking": _only(thinking, ("type",), "thinking.", notes)}
    kind = thinking.get("type") if isinstance(thinking, dict) else thinking
    notes.add_dropped(f"thinking {kind}")
    return {}


def _tools(tools: Any, choice: Any, body: Fields, notes: Notes) -> Fields:
    """Return the fields `tools` and `tool_choice`; neither where no tool is left, since an empty list is refused."""
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        return {name: value for name, value in (("tools", tools), ("tool_choice", choice)) if value is not None}
    messages = body.get("messages")
    known = messages if isinstance(messages, list) and all(map(_is_message, messages)) else []
    kept = [_tool(tool, notes) for tool in offered_tools(tools, known, notes)]
    fields: Fields = {"tools": kept} if kept else {}
    if isinstance(choice, dict):
        named = choice.get("name")
        if kept and (named is None or any(tool.get("name") == named for tool in kept)):
            return {**fields, "tool_choice": choice}
        notes.add_dropped(f"tool_choice {named or choice.get('type')}, for which no tool is left")
    return fields


def _tool(tool: Fields, notes: Notes) -> Fields:
    return _only({name: value for name, value in tool.items() if name != "type"}, _TOOL, "tools[].", notes)


def _only(fields: Fields, known: Sequence[str], where: str, notes: Notes) -> Fields:
    """Return the known fields, without null."""
    notes.unknown_fields(where, fields, known)
    return {name: value for name, value in fields.items() if name in known and value is not None}


def _is_message(message: Any) -> bool:
    """Return whether it is a message whose blocks, if it has any, all have a type."""
    match message:
        case {"role": str(), "content": str()}:
            return True
        case {"role": str(), "content": [*blocks]}:
            return all(isinstance(block, dict) and isinstance(block.get("type"), str) for block in blocks)
    return False
