"""What an exchange was: a request made on the side, a tool call, or an answer in text.

Knows nothing of tokens and of timing.
"""

from collections.abc import Iterator
from typing import Any

from traces.clients import side_request
from traces.dialects import format_of
from traces.model import Exchange, Json

TOOL_CALL = "TOOL_CALL"
TEXT_GENERATION = "TEXT_GENERATION"
UNKNOWN = "UNKNOWN"

_TOOLS = ("tool_use", "server_tool_use", "mcp_tool_use", "function_call", "custom_tool_call", "mcp_call")
_TEXTS = {"text": "text", "thinking": "thinking", "output_text": "text", "summary_text": "text", "refusal": "refusal"}

_THOUGHTS = ("thinking", "summary_text")


def kind_of(trace: Exchange) -> str:
    """The name of a request made on the side (see `side_requests` of the client), else by what the answer did.

    TOOL_CALL where it called a tool, else TEXT_GENERATION where it wrote or thought, else UNKNOWN.
    """
    if name := side_request(trace):
        return name
    message = trace.response.body if trace.response else None
    if tools_used(message):
        return TOOL_CALL
    return TEXT_GENERATION if any(_text(block) for block in _blocks(message)) else UNKNOWN


def tools_used(message: Json) -> list[str]:
    """The names of the tools that an assembled answer calls, in order, each once."""
    names = [block.get("name") for block in _blocks(message) if block.get("type") in _TOOLS]
    return list(dict.fromkeys(name for name in names if isinstance(name, str)))


def is_empty(message: Json) -> bool:
    """Whether the answer neither says nor calls anything. A thought alone is neither."""
    said = (_text(block) for block in _blocks(message) if block.get("type") not in _THOUGHTS)
    return not tools_used(message) and not any(text.strip() for text in said)


def hides_thoughts(message: Json) -> bool:
    """Whether the model thought something that the answer doesn't say: it was redacted, encrypted, or left out."""
    found = format_of(message)
    return found is not None and isinstance(message, dict) and any(map(_hides, found.hidden(message)))


def _hides(block: dict[str, Any]) -> bool:
    match block:
        case {"type": "redacted_thinking" | "reasoning.encrypted"}:
            return True
        case {"type": "thinking"}:
            return not block.get("thinking")
        case {"type": "reasoning"}:
            said = block.get("content") or block.get("summary")
            return bool(block.get("encrypted_content")) or not said
    return False


def as_request(message: Json) -> Json:
    """Return the request that would hold this answer as its conversation: then its parts are found as any other's."""
    return found.as_request(message) if isinstance(message, dict) and (found := format_of(message)) else None


def stop_reason(message: Json) -> str | None:
    """Why the answer ended, in the server's own word: `tool_use`, `end_turn`, `stop`, `length`, `completed`, …"""
    return found.stop_reason(message) if isinstance(message, dict) and (found := format_of(message)) else None


def _blocks(message: Json) -> Iterator[dict[str, Any]]:
    """The blocks of an assembled answer."""
    if isinstance(message, dict) and (found := format_of(message)):
        yield from found.blocks(message)


def _text(block: dict[str, Any]) -> str:
    kind = block.get("type")
    text = block.get(_TEXTS.get(kind, "")) if isinstance(kind, str) else None
    return text if isinstance(text, str) else ""
