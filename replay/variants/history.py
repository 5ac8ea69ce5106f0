"""Histories cut and grown at places where tool calls and their results stay together, in every API format."""

from collections.abc import Iterator, Sequence
from typing import Any

from traces.model import Json

Item = dict[str, Any]

FIELDS = ("messages", "input", "contents")
"""The fields of a request that may hold its history."""


def field_of(body: Json) -> str | None:
    """Return the field in which a request holds its history as a list; None where it has none."""
    names = (name for name in FIELDS if isinstance(body, dict) and isinstance(body.get(name), list))
    return next(names, None)


def items_of(body: Json) -> list[Item]:
    name = field_of(body)
    return [item for item in body[name] if isinstance(item, dict)] if name and isinstance(body, dict) else []


def with_items(body: dict[str, Any], items: Sequence[Item]) -> dict[str, Any]:
    name = field_of(body)
    assert name is not None
    return {**body, name: list(items)}


def cuts(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Yield the history ever shorter, its earliest turns left out, as long as what was asked last is in it.

    What the client says first (its system messages) stays. Where a turn is left out in the middle of a task, the
    user's words that began the task stay before what follows.
    """
    head = next((at for at, item in enumerate(items) if not _is_head(item)), len(items))
    for at in range(head + 1, len(items)):
        if _is_prompt(items[at]):
            yield [*items[:head], *items[at:]]
        elif _begins_answer(items, at) and _is_closed(items[at:]):
            asked = next((items[before] for before in range(at - 1, head - 1, -1) if _is_prompt(items[before])), None)
            if asked is not None and items[at - 1] is not asked:
                yield [*items[:head], asked, *items[at:]]


def openings(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Yield what can stand before another history, ever longer: each ends where no call waits for its result."""
    body = [item for item in items if not _is_head(item)]
    begin = next((at for at, item in enumerate(body) if _is_prompt(item)), len(body))
    for end in range(begin + 2, len(body) + 1):
        part = body[begin:end]
        if not _is_prompt(part[-1]) and _is_closed(part) and not _ends_with_call(part) and _stands_alone(body, end):
            yield part


def steps_in(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Yield an agent's steps, its calls and their results, ever more: each part can stand within a task."""
    begin = next((at for at in range(1, len(items)) if _begins_answer(items, at)), len(items))
    for end in range(begin + 1, len(items) + 1):
        part = items[begin:end]
        made = {id for item in part for id in _calls(item)}
        done = {id for item in part for id in _results(item)}
        if not _is_answer(part[-1]) and made == done and _stands_alone(items, end):
            yield list(part)


def inserted(steps: Sequence[Item], items: Sequence[Item]) -> list[Item]:
    """Return a history with steps put behind the words that began its task, before its own first step."""
    at = next((at for at in range(1, len(items)) if _begins_answer(items, at)), 0)
    return [*items[:at], *steps, *items[at:]] if at else list(items)


def joined(before: Sequence[Item], items: Sequence[Item]) -> list[Item]:
    """Return a history with another one put before it, behind what the client says first.

    Two messages of the user in a row, which strict chat templates refuse, become one.
    """
    head = next((at for at, item in enumerate(items) if not _is_head(item)), len(items))
    start, rest = list(items[:head]), list(items[head:])
    if before and rest and _can_merge(before[-1], rest[0]):
        merged = {**rest[0], "content": [*_blocks(before[-1]), *_blocks(rest[0])]}
        return [*start, *before[:-1], merged, *rest[1:]]
    return [*start, *before, *rest]


def _is_head(item: Item) -> bool:
    return item.get("role") in ("system", "developer")


def _is_prompt(item: Item) -> bool:
    return item.get("role") == "user" and not _results(item)


def _is_answer(item: Item) -> bool:
    """Return whether an item is the model's: a message, a call, or its thinking."""
    if item.get("role") in ("assistant", "model"):
        return True
    kind = str(item.get("type", ""))
    return kind.endswith("_call") or kind == "reasoning"


def _begins_answer(items: Sequence[Item], at: int) -> bool:
    return _is_answer(items[at]) and not _is_answer(items[at - 1])


def _stands_alone(items: Sequence[Item], end: int) -> bool:
    """Return whether what ends here is whole: neither calls' results nor parts of an answer follow."""
    return end == len(items) or not (_results(items[end]) or (_is_answer(items[end]) and _is_answer(items[end - 1])))


def _ends_with_call(items: Sequence[Item]) -> bool:
    return bool(_calls(items[-1]))


def _is_closed(items: Sequence[Item]) -> bool:
    """Return whether every result is of a call that is there, too."""
    made: set[str] = set()
    for item in items:
        if not _results(item) <= made:
            return False
        made |= _calls(item)
    return True


def _calls(item: Item) -> set[str]:
    """Return the ids of an item's calls; in Gemini's format, which has none, the names of the functions."""
    found = {str(block.get("id")) for block in _blocks(item) if block.get("type") == "tool_use"}
    found |= {str(call.get("id")) for call in _dicts(item.get("tool_calls"))}
    found |= {
        str(part["functionCall"].get("name")) for part in _dicts(item.get("parts")) if _is_dict(part, "functionCall")
    }
    if str(item.get("type", "")).endswith("_call") and "call_id" in item:
        found.add(str(item["call_id"]))
    return found


def _results(item: Item) -> set[str]:
    found = {str(block.get("tool_use_id")) for block in _blocks(item) if block.get("type") == "tool_result"}
    parts = _dicts(item.get("parts"))
    found |= {str(part["functionResponse"].get("name")) for part in parts if _is_dict(part, "functionResponse")}
    if item.get("role") == "tool":
        found.add(str(item.get("tool_call_id")))
    if str(item.get("type", "")).endswith("_call_output"):
        found.add(str(item.get("call_id")))
    return found


def _can_merge(one: Item, other: Item) -> bool:
    is_plain = all(item.get("role") == "user" and "content" in item and "parts" not in item for item in (one, other))
    return is_plain and "type" not in one and "type" not in other


def _blocks(item: Item) -> list[Item]:
    content = item.get("content")
    return [{"type": "text", "text": content}] if isinstance(content, str) else _dicts(content)


def _is_dict(part: Item, name: str) -> bool:
    return isinstance(part.get(name), dict)


def _dicts(value: Any) -> list[Item]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
