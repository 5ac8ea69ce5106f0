"""The kind of an exchange (a side request, a tool call, or an answer in text), and what its answer holds."""

from collections.abc import Iterator
from typing import Any

from traces.clients import side_request
from traces.dialects import format_of
from traces.model import Exchange, Json

TOOL_CALL = "TOOL_CALL"
TEXT_GENERATION = "TEXT_GENERATION"
UNKNOWN = "UNKNOWN"

_TOOL_CALLS = ("tool_use", "server_tool_use", "mcp_tool_use", "function_call", "custom_tool_call", "mcp_call")
_TEXT_FIELDS = {
    "text": "text",
    "thinking": "thinking",
    "output_text": "text",
    "summary_text": "text",
    "refusal": "refusal",
}

_THINKING = ("thinking", "summary_text")


def kind_of(trace: Exchange) -> str:
    """Return the kind of a side request (see `side_request` of the client), else the kind that its answer gives it.

    That is TOOL_CALL where the answer calls a tool, else TEXT_GENERATION where it holds text or thinking, else UNKNOWN.
    """
    if name := side_request(trace):
        return name
    message = trace.response.body if trace.response else None
    if tools_used(message):
        return TOOL_CALL
    return TEXT_GENERATION if any(_text(block) for block in _blocks(message)) else UNKNOWN


def tools_used(message: Json) -> list[str]:
    """Return the names of the tools that an assembled answer calls, in order, each once."""
    names = [block.get("name") for block in _blocks(message) if block.get("type") in _TOOL_CALLS]
    return list(dict.fromkeys(name for name in names if isinstance(name, str)))


def is_empty(message: Json) -> bool:
    """Return whether the answer has neither text nor a tool call. Thinking alone counts as empty."""
    texts = (_text(block) for block in _blocks(message) if block.get("type") not in _THINKING)
    return not tools_used(message) and not any(text.strip() for text in texts)


def hides_thinking(message: Json) -> bool:
    """Return whether the answer leaves out thinking: it was redacted, encrypted, or not sent."""
    found = format_of(message)
    return found is not None and isinstance(message, dict) and any(map(_is_hidden, found.hidden(message)))


def _is_hidden(block: dict[str, Any]) -> bool:
    match block:
        case {"type": "redacted_thinking" | "reasoning.encrypted"}:
            return True
        case {"type": "thinking"}:
            return not block.get("thinking")
        case {"type": "reasoning"}:
            readable = block.get("content") or block.get("summary")
            return bool(block.get("encrypted_content")) or not readable
    return False


def as_request(message: Json) -> Json:
    """Return a request whose conversation is this answer, so that its parts can be read like those of any request."""
    return found.as_request(message) if isinstance(message, dict) and (found := format_of(message)) else None


def stop_reason(message: Json) -> str | None:
    """Return why the answer ended, as the server calls it (`tool_use`, `end_turn`, `stop`, `length`, …)."""
    return found.stop_reason(message) if isinstance(message, dict) and (found := format_of(message)) else None


def answer_id(message: Json) -> str | None:
    """Return the id that the server gave the answer."""
    match message:
        case {"id": str(given)} | {"responseId": str(given)}:
            return given or None
    return None


def _blocks(message: Json) -> Iterator[dict[str, Any]]:
    """Yield the blocks of an assembled answer."""
    if isinstance(message, dict) and (found := format_of(message)):
        yield from found.blocks(message)


def _text(block: dict[str, Any]) -> str:
    kind = block.get("type")
    text = block.get(_TEXT_FIELDS.get(kind, "")) if isinstance(kind, str) else None
    return text if isinstance(text, str) else ""
