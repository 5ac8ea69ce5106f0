"""Which tools a request offers and which an answer calls, in whichever dialect.

A new dialect is one row in each table. Knows nothing of what is right.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from traces import jsonio
from traces.model import Json


class Call(NamedTuple):
    """One tool call. `parsed` is False where the arguments are no whole JSON: then they are the text that came."""

    name: str
    arguments: Json
    parsed: bool


def offered(body: Json) -> dict[str, Json]:
    """The tools of a request by name, each with the JSON schema of its arguments; None where it has none."""
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
    if not isinstance(message, dict):
        return []
    return [call for field, read in _READERS.items() for item in _dicts(message.get(field)) for call in read(item)]


def _anthropic(block: dict[str, Any]) -> Iterator[Call]:
    if block.get("type") == "tool_use":
        yield Call(str(block.get("name")), block.get("input"), not block.get("input_partial"))


def _chat(choice: dict[str, Any]) -> Iterator[Call]:
    message = choice.get("message")
    for call in _dicts(message.get("tool_calls") if isinstance(message, dict) else None):
        yield from _function(call.get("function"))


def _responses(item: dict[str, Any]) -> Iterator[Call]:
    if item.get("type") == "function_call":
        yield from _function(item)


def _function(function: Json) -> Iterator[Call]:
    """OpenAI's arguments are a text that should hold JSON; some servers leave it empty where there are none."""
    if not isinstance(function, dict):
        return
    name, arguments = str(function.get("name")), function.get("arguments")
    if not isinstance(arguments, str):
        yield Call(name, arguments, True)
        return
    try:
        yield Call(name, jsonio.loads(arguments.encode()) if arguments else {}, True)
    except ValueError:
        yield Call(name, arguments, False)


_READERS: Mapping[str, Callable[[dict[str, Any]], Iterator[Call]]] = {
    "content": _anthropic,
    "choices": _chat,
    "output": _responses,
}
"""Where each dialect keeps the pieces of an answer, and who reads one."""


def _dicts(value: Json) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
