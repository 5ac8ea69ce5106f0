"""Rewrites items of a request for a response that only OpenAI's own service reads as items that every server knows.

Servers that took over this API later read messages, calls of functions and their results, and refuse a whole
conversation for any other item. Nothing that a model reads is lost, and each change is noted.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from traces import jsonio
from traces.dialects.translation.notes import Notes

Fields = dict[str, Any]

_CALL, _RESULT = "function_call", "function_call_output"
_TEXT_CALL, _TEXT_RESULT = "custom_tool_call", "custom_tool_call_output"

_OF_THE_SERVER = ("id", "status")
"""Fields of an item that say nothing to a model."""

_UNREADABLE = ("type", *_OF_THE_SERVER, "encrypted_content")


def to_common_items(items: Sequence[Any], notes: Notes) -> list[Any]:
    """Return the conversation in messages, calls and results. What isn't an object stays as it is."""
    calls = {item["call_id"] for item in items if isinstance(item, dict) and _is_call(item)}
    return [new for item in items for new in _item(item, calls, notes)]


def is_common(item: Any) -> bool:
    """Return whether every server knows items of this kind. A result must say whose it is."""
    if not isinstance(item, dict):
        return False
    if item.get("type", "message") == "message":
        return "content" in item
    return isinstance(item.get("call_id"), str) and item["type"] in (_CALL, _RESULT)


def _is_call(item: Fields) -> bool:
    return item.get("type") in (_CALL, _TEXT_CALL) and isinstance(item.get("call_id"), str) and "name" in item


def _item(item: Any, calls: set[str], notes: Notes) -> Iterator[Any]:
    kind = item.get("type", "message") if isinstance(item, dict) else ""
    if kind in (_RESULT, _TEXT_RESULT) and item.get("call_id") not in calls:
        notes.add("a tool's result without its call: sent as a message")
        yield _message(f"{_names(item)}: " if _names(item) else "", item.get("output"))
    elif kind == _TEXT_CALL and _is_call(item):
        yield _text_call(item, notes)
    elif kind == _TEXT_RESULT:
        yield {**{name: value for name, value in item.items() if name not in _OF_THE_SERVER}, "type": _RESULT}
    elif kind == "reasoning":
        yield from _reasoning(item, notes)
    elif kind in ("", "message", _RESULT, "item_reference") or _is_call(item):
        yield item
    else:
        yield from _other(item, notes)


def _names(item: Fields) -> str:
    """Return what a result without a call says of where it is from."""
    return ".".join(str(item[name]) for name in ("namespace", "name") if item.get(name))


def _text_call(item: Fields, notes: Notes) -> Fields:
    notes.add("a call whose input is a text: sent as a call with one argument, input")
    arguments = jsonio.dumps({"input": item.get("input") or ""}).decode()
    rest = {name: value for name, value in item.items() if name not in ("input", *_OF_THE_SERVER)}
    return {**rest, "type": _CALL, "arguments": arguments}


def _reasoning(item: Fields, notes: Notes) -> Iterator[Fields]:
    """Yield thinking that can be read: what is encrypted, or a summary, only its own service takes back."""
    content = item.get("content")
    if isinstance(content, list) and content and all(isinstance(part, dict) and part.get("text") for part in content):
        yield item
    else:
        notes.add_dropped("thinking of an earlier answer")


def _other(item: Fields, notes: Notes) -> Iterator[Fields]:
    kept = {name: value for name, value in item.items() if name not in _UNREADABLE and value is not None}
    if not kept:
        notes.add_dropped(f"a {item.get('type')} of the conversation")
        return
    notes.add(f"a {item.get('type')} of the conversation: sent as a message")
    role = "user" if str(item.get("type")).endswith("_output") else "assistant"
    yield _message(f"{item.get('type')}: ", jsonio.dumps(kept).decode(), role)


def _message(lead: str, content: Any, role: str = "user") -> Fields:
    """Return a message of a text, or of a result's parts."""
    kind = "input_text" if role == "user" else "output_text"
    if isinstance(content, list):
        parts = [{"type": kind, "text": lead}] if lead else []
        return {"type": "message", "role": role, "content": [*parts, *content]}
    text = content if isinstance(content, str) else "" if content is None else jsonio.dumps(content).decode()
    return {"type": "message", "role": role, "content": [{"type": kind, "text": lead + text}]}
