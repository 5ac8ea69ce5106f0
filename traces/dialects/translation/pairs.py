"""Calls of tools and their results belong together: servers refuse one without the other. In Anthropic's messages.

A client that shortens a conversation may leave either behind, and so may a translation.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from traces.dialects.translation.notes import Notes

Fields = dict[str, Any]

NO_RESULT = "(no result)"


def paired(messages: Sequence[Fields], notes: Notes) -> list[Fields]:
    """The same messages: a result without its call is text, and a call that the conversation went on without has an
    empty one."""
    found: list[Fields] = []
    waiting: dict[str, int] = {}  # the calls of the last answer, each with the place of that answer
    for message in messages:
        blocks: Any = message.get("content")
        if message["role"] == "assistant":
            _answer_for(found, waiting, notes)
            waiting = {block["id"]: len(found) for block in _of_type(blocks, "tool_use")}
        elif message["role"] == "user" and _of_type(blocks, "tool_result"):
            message = {**message, "content": [new for block in blocks for new in _result(block, waiting, notes)]}
        found.append(message)
    if waiting and max(waiting.values()) < len(found) - 1:
        _answer_for(found, waiting, notes)
    return found


def _of_type(blocks: Any, kind: str) -> list[Fields]:
    return [block for block in blocks if block["type"] == kind] if isinstance(blocks, list) else []


def _result(block: Fields, waiting: dict[str, int], notes: Notes) -> Iterable[Fields]:
    if block["type"] != "tool_result" or waiting.pop(block["tool_use_id"], None) is not None:
        return [block]
    notes.add("a tool's result without its call: sent as text")
    content = block.get("content") or []
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _answer_for(found: list[Fields], waiting: dict[str, int], notes: Notes) -> None:
    """Adds what is missing to the message that follows the calls, before anything else that it says."""
    if not waiting:
        return
    notes.add(f"a call without a result: answered with {NO_RESULT}")
    missing = [{"type": "tool_result", "tool_use_id": ident, "content": NO_RESULT} for ident in waiting]
    place = max(waiting.values()) + 1
    if place < len(found) and found[place]["role"] == "user":
        said = found[place]["content"]
        blocks = [{"type": "text", "text": said}] if isinstance(said, str) else said
        found[place] = {**found[place], "content": [*missing, *blocks]}
    else:
        found.insert(place, {"role": "user", "content": missing})
