"""Tool calls in an earlier answer, in the shapes of every API format: the tool, what it was given, what it brought."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from traces.content.tools import as_json
from traces.model import Json

_USES = ("tool_use", "server_tool_use", "mcp_tool_use", "function")

_CALL = "_call"  # how the types of a response's calls end

_NAMED = ("function_call", "custom_tool_call", "mcp_call")

_GIVEN = ("input", "arguments")
_BROUGHT = ("output", "outputs", "results", "result", "error")
"""The fields of a call that holds its result as well."""

_NOT_READ = frozenset(
    ("type", "id", "call_id", "status", "name", "namespace", "server_label", "approval_request_id", "execution")
) | frozenset(("caller", "cache_control", "created_by", "index", "container_id", *_GIVEN, *_BROUGHT))


class Call(NamedTuple):
    """A tool call of an earlier answer.

    id       by which a result names it
    given    what the model wrote for the tool
    brought  the results beside it: such a tool is the server's own
    """

    name: str
    id: str | None
    given: str
    brought: list[Json]


def call_of(call: Json) -> Call | None:
    """Return the tool call that a value is; None where it is none, or isn't written as its type promises."""
    if not isinstance(call, dict):
        return None
    what = call.get("type")
    if isinstance(what, str) and what not in _USES and not what.endswith(_CALL):
        return None
    held = next((call[key] for key in ("function", "custom") if isinstance(call.get(key), dict)), call)
    name = _name(held, what)
    if name is None:
        return None
    known = call.get("call_id") or call.get("id")
    return Call(name, known if isinstance(known, str) else None, _given(held), _brought(call))


def _name(held: Mapping[str, Any], what: Json) -> str | None:
    """Return the tool's name; that of a server's own tool is in the call's type: `web_search_call`."""
    name = held.get("name")
    if isinstance(name, str):
        return name
    own = isinstance(what, str) and what.endswith(_CALL) and what not in _NAMED
    return str(what).removesuffix(_CALL) if own and name is None else None


def _given(held: Mapping[str, Any]) -> str:
    """Return what the model wrote for the tool: a text as it is, anything else as JSON."""
    for key in _GIVEN:
        if key in held:
            given = held[key]
            return given if isinstance(given, str) else as_json(given)
    rest = {key: value for key, value in held.items() if key not in _NOT_READ and value is not None}
    if not rest:
        return as_json(None) if "name" in held else ""
    [first, *others] = rest.values()
    return first if isinstance(first, str) and not others else as_json(rest)


def _brought(call: Mapping[str, Any]) -> list[Json]:
    return [call[key] for key in _BROUGHT if call.get(key) not in (None, "", [])]
