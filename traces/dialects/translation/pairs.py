"""Completes pairs of tool calls and results in Anthropic's messages: servers refuse one without the other.

A client that shortens a conversation may leave one of them behind, and so may a translation.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from traces.dialects.translation.notes import Notes

Fields = dict[str, Any]

NO_RESULT = "(no result)"


def pair_calls(messages: Sequence[Fields], notes: Notes) -> list[Fields]:
    """Return the messages with a result without its call as text, and an empty result for a call without one.

    Calls in the last answer stay open.
    """
    found: list[Fields] = []
    waiting: dict[str, int] = {}  # the calls of the last answer, each with the place of that answer
    for message in messages:
        blocks: Any = message.get("content")
        if message["role"] == "assistant":
            _add_missing(found, waiting, notes)
            waiting = {block["id"]: len(found) for block in _of_type(blocks, "tool_use")}
        elif message["role"] == "user" and _of_type(blocks, "tool_result"):
            message = {**message, "content": [new for block in blocks for new in _result(block, waiting, notes)]}
        found.append(message)
    if waiting and max(waiting.values()) < len(found) - 1:
        _add_missing(found, waiting, notes)
    return found


def _of_type(blocks: Any, kind: str) -> list[Fields]:
    return [block for block in blocks if block["type"] == kind] if isinstance(blocks, list) else []


def _result(block: Fields, waiting: dict[str, int], notes: Notes) -> Iterable[Fields]:
    if block["type"] != "tool_result" or waiting.pop(block["tool_use_id"], None) is not None:
        return [block]
    notes.add("a tool's result without its call: sent as text")
    content = block.get("content") or []
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _add_missing(found: list[Fields], waiting: dict[str, int], notes: Notes) -> None:
    """Add the missing results at the beginning of the message that follows the calls."""
    if not waiting:
        return
    notes.add(f"a call without a result: answered with {NO_RESULT}")
    missing = [{"type": "tool_result", "tool_use_id": ident, "content": NO_RESULT} for ident in waiting]
    place = max(waiting.values()) + 1
    if place < len(found) and found[place]["role"] == "user":
        content = found[place]["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        found[place] = {**found[place], "content": [*missing, *blocks]}
    else:
        found.insert(place, {"role": "user", "content": missing})
