"""Chooses the tools of a request of Anthropic's that any other server can offer a model, too.

Left out are those that only Anthropic's servers run or know the schema of, and deferred ones that nothing has loaded.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from traces.dialects.translation.common_blocks import loaded_tools
from traces.dialects.translation.notes import Notes

Fields = dict[str, Any]

_RUN_BY_CLIENT = ("bash_", "text_editor_", "computer_", "memory_")
"""The beginnings of the types of tools that a client runs, but whose schemas are Anthropic's own."""

_SEARCH = "tool_search_tool_"
"""The beginning of the types of a server's own search for deferred tools."""


NO_INPUT = {"type": "object", "properties": {}}
"""The schema of a tool that came without one: servers want one."""


def offered_tools(tools: Sequence[Fields], messages: Sequence[Fields], notes: Notes) -> Iterator[Fields]:
    """Yield the tools that the model can see and call.

    Where the server itself was to search for deferred tools, nothing would ever load them: so they all are offered.
    """
    known = loaded_tools(messages) if any(tool.get("defer_loading") for tool in tools) else set()
    searches = any(str(tool.get("type")).startswith(_SEARCH) for tool in tools)
    for tool in tools:
        if tool.get("type") not in (None, "custom") or not tool.get("name"):
            notes.add_dropped(_describe(tool))
        elif tool.get("defer_loading") and tool.get("name") not in known and not searches:
            notes.add_dropped("a deferred tool that nothing had loaded yet")
        else:
            yield tool if tool.get("input_schema") else {**tool, "input_schema": NO_INPUT}


def _describe(tool: Fields) -> str:
    """Return a description of a tool that only Anthropic's servers offer."""
    kind = str(tool.get("type"))
    if kind == "mcp_toolset":
        return f"the tools of {tool.get('mcp_server_name')}, which Anthropic's servers fetch and run"
    if kind.startswith(_RUN_BY_CLIENT):
        return f"the tool {tool.get('name')}, whose schema only Anthropic's models know"
    return f"the tool {tool.get('name')}, which runs on Anthropic's servers"
