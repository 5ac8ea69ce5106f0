"""Says in words what is wrong with a request that can't be read: where, and what was expected there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from traces.model import Json

ODD = "a field has another type than it should have"
"""What is said where the place isn't known."""

TEXT, OBJECT, LIST = "a text", "an object", "a list"

_TYPES: Mapping[type, str] = {str: TEXT, dict: OBJECT, list: LIST, bool: "true or false", type(None): "null"}

_FIELDS: Mapping[str, Sequence[str]] = {
    "system": (TEXT, LIST),
    "messages": (LIST,),
    "input": (TEXT, LIST),
    "tools": (LIST,),
    "tool_choice": (TEXT, OBJECT),
    "stop_sequences": (LIST,),
    "output_config": (OBJECT,),
    "text": (OBJECT,),
}
"""A field of a request -> what it may be. Null is as good as none."""

_IN_LIST: Mapping[str, Mapping[str, Sequence[str]]] = {
    "messages": {"role": (TEXT,), "content": (TEXT, LIST)},
    "tools": {"name": (TEXT,)},
}
"""A list of objects -> their fields."""

_IN_BLOCK: Mapping[str, Mapping[str, Sequence[str]]] = {
    "text": {"text": (TEXT,)},
    "thinking": {"thinking": (TEXT,)},
    "tool_use": {"id": (TEXT,), "name": (TEXT,), "input": (OBJECT,)},
    "tool_result": {"tool_use_id": (TEXT,)},
    "image": {"source": (OBJECT,)},
    "document": {"source": (OBJECT,)},
}
"""The type of a block of Anthropic's -> the fields that it can't do without."""


def misshapen(body: Mapping[str, Any]) -> str | None:
    """Return the first thing that is wrong with a request; None where nothing is known to be."""
    return next(_problems(body), None)


def _problems(body: Mapping[str, Any]) -> Iterator[str]:
    for name, allowed in _FIELDS.items():
        value = body.get(name)
        if value is not None and _type(value) not in allowed:
            yield _other(name, value, allowed)
        for place, each in enumerate(value if isinstance(value, list) and name != "stop_sequences" else ()):
            yield from _in_list(name, f"{name}[{place}]", each)


def _in_list(name: str, where: str, value: Json) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _other(where, value, (OBJECT,))
        return
    is_named = "function" in value or "type" in value
    yield from _fields(where, value, {} if name == "tools" and is_named else _IN_LIST.get(name, {}))
    content = value.get("content")
    for place, block in enumerate(content if isinstance(content, list) else ()):
        yield from _block(f"{where}.content[{place}]", block)


def _block(where: str, block: Json) -> Iterator[str]:
    if not isinstance(block, dict):
        yield _other(where, block, (OBJECT,))
        return
    yield from _fields(where, block, {"type": (TEXT,), **_IN_BLOCK.get(str(block.get("type")), {})})


def _fields(where: str, holder: Mapping[str, Any], fields: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, allowed in fields.items():
        if name not in holder:
            yield f"{where}.{name} is missing"
        elif _type(holder[name]) not in allowed:
            yield _other(f"{where}.{name}", holder[name], allowed)


def _other(where: str, value: Json, allowed: Sequence[str]) -> str:
    return f"{where} is {_type(value)}, not {' or '.join(allowed)}"


def _type(value: Json) -> str:
    return _TYPES.get(type(value), "a number")
