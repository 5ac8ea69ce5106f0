"""Tool calls in an earlier answer, in the shapes of every API format: the tool, its arguments, its results."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from traces.content.tools import as_json
from traces.model import Json

_USES = ("tool_use", "server_tool_use", "mcp_tool_use", "function")

_CALL = "_call"  # how the types of a response's calls end

_NAMED = ("function_call", "custom_tool_call", "mcp_call")

_ARGUMENT_FIELDS = ("input", "arguments")
_RESULT_FIELDS = ("output", "outputs", "results", "result", "error")
"""The fields of a call that also holds its results."""

_NOT_READ = frozenset(
    ("type", "id", "call_id", "status", "name", "namespace", "server_label", "approval_request_id", "execution")
) | frozenset(("caller", "cache_control", "created_by", "index", "container_id", *_ARGUMENT_FIELDS, *_RESULT_FIELDS))


class Call(NamedTuple):
    """A tool call of an earlier answer.

    id         by which a result refers to it
    arguments  what the model wrote for the tool, as text or JSON
    results    those in the call itself: such a tool runs at the server
    """

    name: str
    id: str | None
    arguments: str
    results: list[Json]


def call_of(call: Json) -> Call | None:
    """Return a value as a tool call; None where it is none, or isn't of the shape that its type demands."""
    if not isinstance(call, dict):
        return None
    what = call.get("type")
    if isinstance(what, str) and what not in _USES and not what.endswith(_CALL):
        return None
    function = next((call[key] for key in ("function", "custom") if isinstance(call.get(key), dict)), call)
    name = _name(function, what)
    if name is None:
        return None
    known = call.get("call_id") or call.get("id")
    return Call(name, known if isinstance(known, str) else None, _arguments(function), _results(call))


def _name(function: Mapping[str, Any], what: Json) -> str | None:
    """Return the tool's name. For a tool that runs at the server it is in the call's type: `web_search_call`."""
    name = function.get("name")
    if isinstance(name, str):
        return name
    is_at_server = isinstance(what, str) and what.endswith(_CALL) and what not in _NAMED
    return str(what).removesuffix(_CALL) if is_at_server and name is None else None


def _arguments(function: Mapping[str, Any]) -> str:
    """Return the arguments: a text as it is, anything else as JSON."""
    for key in _ARGUMENT_FIELDS:
        if key in function:
            arguments = function[key]
            return arguments if isinstance(arguments, str) else as_json(arguments)
    rest = {key: value for key, value in function.items() if key not in _NOT_READ and value is not None}
    if not rest:
        return as_json(None) if "name" in function else ""
    [first, *others] = rest.values()
    return first if isinstance(first, str) and not others else as_json(rest)


def _results(call: Mapping[str, Any]) -> list[Json]:
    return [call[key] for key in _RESULT_FIELDS if call.get(key) not in (None, "", [])]
