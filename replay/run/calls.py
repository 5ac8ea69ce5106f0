"""Which tools a request offers, and which of them an answer calls, in any API format."""

from typing import Any

from traces.dialects import format_of, readable
from traces.dialects.format import Call as Call
from traces.model import Json


def offered_tools(body: Json) -> dict[str, Json]:
    """Return the tools of a request by name, each with the JSON schema of its arguments, or None without one."""
    body = readable(body)
    tools = body.get("tools") if isinstance(body, dict) else None
    return dict(tool for each in _dicts(tools) if (tool := _tool(each)) is not None)


def _tool(tool: dict[str, Any]) -> tuple[str, Json] | None:
    function = tool.get("function")
    holder = function if isinstance(function, dict) else tool
    schema = holder.get("input_schema", holder.get("parameters"))
    name = holder.get("name")
    return (name, schema) if isinstance(name, str) else None


def tool_calls(message: Json) -> list[Call]:
    """Return the calls in an assembled answer, in order, without those that the server makes itself (web search)."""
    found = format_of(message)
    return list(found.calls(message)) if found and isinstance(message, dict) else []


def _dicts(value: Json) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
