"""Which tools a request offers and which an answer calls, in whichever dialect.

How an answer holds its calls, its API format says.
"""

from typing import Any

from traces.dialects import format_of, readable
from traces.dialects.format import Call as Call
from traces.model import Json


def offered(body: Json) -> dict[str, Json]:
    """The tools of a request by name, each with the JSON schema of its arguments; None where it has none."""
    body = readable(body)
    tools = body.get("tools") if isinstance(body, dict) else None
    return dict(tool for each in _dicts(tools) if (tool := _tool(each)) is not None)


def _tool(tool: dict[str, Any]) -> tuple[str, Json] | None:
    function = tool.get("function")
    holder = function if isinstance(function, dict) else tool
    schema = holder.get("input_schema", holder.get("parameters"))
    name = holder.get("name")
    return (name, schema) if isinstance(name, str) else None


def made(message: Json) -> list[Call]:
    """The calls in an assembled answer, in order. What a server calls itself (its own web search) is left out."""
    found = format_of(message)
    return list(found.calls(message)) if found and isinstance(message, dict) else []


def _dicts(value: Json) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
