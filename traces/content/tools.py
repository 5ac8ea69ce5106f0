"""Tools as a request defines them -> what a model is given of each, in the shapes of every API format.

A group of tools (a namespace) is taken apart: each of its tools is a definition of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from traces import jsonio
from traces.model import Json

_FIRST = ("name", "description", "input_schema", "parameters")

_NOT_READ = frozenset(
    ("cache_control", "defer_loading", "strict", "eager_input_streaming", "authorization", "headers", "tools")
)
"""Fields that say how to treat a tool: no model reads them. (`tools` are definitions of their own.)"""

_PLAIN = ("function", "custom", "namespace")
"""Types that say no more than that it is a tool."""

_SERVERS = ("server_label", "mcp_server_name")
"""Fields with the name of the MCP server whose tools an entry includes."""


class Definition(NamedTuple):
    """A tool, or the description of a group of tools.

    name       None where it has none: then it isn't understood
    text       what a model reads of it, as compact JSON
    group      see `traces.content.part.Part`
    deferred   left out of the prompt until a search finds it
    """

    name: str | None
    text: str
    group: str | None
    deferred: bool


def texts_in_call(arguments: str) -> list[str]:
    """Return the texts among a call's arguments, given as JSON, without white space at their ends."""
    try:
        given = jsonio.loads(arguments.encode())
    except (ValueError, RecursionError):
        return []
    return [value.strip() for value in given.values() if isinstance(value, str)] if isinstance(given, dict) else []


def definitions(tool: Json, server: str | None = None) -> list[Definition]:
    """Return the definitions in one entry of a request's tools: those of a group after its description.

    `server` is the MCP server in whose list it is.
    """
    group = f"mcp__{server}" if server else None
    try:
        return list(_definitions(tool, group, False))
    except RecursionError:
        return [Definition(None, as_json(tool), group, False)]


def _definitions(tool: Json, group: str | None, deferred: bool) -> Iterator[Definition]:
    if isinstance(tool, str):
        yield Definition(tool, as_json(tool), group, deferred)
        return
    definition = _unwrap(tool)
    if definition is None or not isinstance(tool, dict):
        yield Definition(None, as_json(tool), group, deferred)
        return
    name, deferred = _name(definition), deferred or _is_deferred(tool) or _is_deferred(definition)
    inner = definition.get("tools")
    if isinstance(inner, list):
        yield Definition(name, _text(tool, definition), name, deferred)
        for each in inner:
            yield from _definitions(each, name, deferred)
        return
    server = next((definition[key] for key in _SERVERS if isinstance(definition.get(key), str)), None)
    yield Definition(
        name, _text(tool, definition) if name else as_json(tool), f"mcp__{server}" if server else group, deferred
    )


def _unwrap(tool: Json) -> dict[str, Any] | None:
    """Return the object with a tool's name: the tool, or what a chat completion wraps in it."""
    if not isinstance(tool, dict):
        return None
    return next((tool[key] for key in ("function", "custom") if isinstance(tool.get(key), dict)), tool)


def _name(tool: Mapping[str, Any]) -> str | None:
    """Return the tool's name; for one of a server's own without a name, that of its MCP server or its type."""
    return next((tool[key] for key in ("name", *_SERVERS, "type") if isinstance(tool.get(key), str)), None)


def _is_deferred(tool: Mapping[str, Any]) -> bool:
    defaults = tool.get("default_config")  # of an MCP toolset
    return tool.get("defer_loading") is True or (isinstance(defaults, dict) and defaults.get("defer_loading") is True)


def _text(tool: Mapping[str, Any], definition: Mapping[str, Any]) -> str:
    """Return what a model reads of the tool. The fields around it in a chat completion belong to it."""
    outer = (
        {} if tool is definition else {key: tool[key] for key in tool if tool[key] is not definition and key != "type"}
    )
    fields = {**outer, **definition}
    order = [*(key for key in _FIRST if key in fields), *(key for key in fields if key not in _FIRST)]
    return as_json(
        {key: fields[key] for key in order if key not in _NOT_READ and not (key == "type" and fields[key] in _PLAIN)}
    )


def as_json(value: Json) -> str:
    """Return compact JSON, or in brackets why it can't be written."""
    try:
        return jsonio.dumps(value).decode()
    except ValueError as error:
        return f"({error})"
