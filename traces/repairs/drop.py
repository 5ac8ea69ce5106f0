"""The repair `drop:PATH`: leaves out one field of a request, wherever it is.

A path names fields from the outside in, with dots between them; lists on the way are gone through. A name followed by
`:TYPE` means only the elements of that type. So no path has a character that a shell takes for its own:

    context_management         a field of the request
    tools.strict               that field of every tool
    messages.content:thinking  every block of that type in the messages
    anthropic-beta             a header, if the request has no such field
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from traces.dialects.translation.notes import Notes
from traces.repairs.base import NOTHING_LEFT, Outgoing, Repair, without_header

PREFIX = "drop:"

_PATH = re.compile(r"[\w$-]+(:[\w.-]+)?(\.[\w$-]+(:[\w-]+)?)*")

_REQUIRED = ("model", "messages", "input", "max_tokens", "stream")
"""Fields without which a request asks for nothing, or for something else."""


_NOTHING = object()


class Step(NamedTuple):
    """One name of a path. `kind` is the type of the elements that are meant; "" for all."""

    name: str
    kind: str


def drop(path: str) -> Repair:
    """Return the repair that leaves out the field at this path. Raises ValueError where it can't be left out."""
    if not _PATH.fullmatch(path):
        raise ValueError(f"{PREFIX}{path}: a path is written as context_management or tools.strict")
    if path in _REQUIRED:
        raise ValueError(f"{PREFIX}{path}: no request can do without {path}")
    steps = tuple(Step(*each.partition(":")[::2]) for each in path.split("."))

    def change(request: Outgoing, notes: Notes) -> Outgoing:
        body, count = _without(request.body, steps)
        headers = request.headers
        if not count and any(name.lower() == path for name in headers):
            headers, count = without_header(headers, path), 1
        for _ in range(count):
            notes.add_dropped(path)
        if "tools" in request.body and "tools" not in body and "tool_choice" in body:
            body = {name: value for name, value in body.items() if name != "tool_choice"}
            notes.add_dropped("tool_choice, for which no tool is left")
        return Outgoing(request.path, headers, body) if count else request

    return Repair(PREFIX + path, f"leaves out {path}", change)


def _without(value: Any, steps: Sequence[Step]) -> tuple[Any, int]:
    """Return the value without what the steps lead to, and how often that was there."""
    if isinstance(value, list):
        pairs = [_without(each, steps) for each in value]
        return [new for new, _ in pairs], sum(count for _, count in pairs)
    step, *rest = steps
    if not isinstance(value, dict) or step.name not in value:
        return value, 0
    new, count = _within(value[step.name], step.kind, rest)
    if not count:
        return value, 0
    if new is _NOTHING and step.name == "content":
        new = NOTHING_LEFT  # a message must have one
    return {
        key: new if key == step.name else each for key, each in value.items() if key != step.name or new is not _NOTHING
    }, count


def _within(inner: Any, kind: str, rest: Sequence[Step]) -> tuple[Any, int]:
    """Return what is left of a field, `_NOTHING` where it goes, and how much went."""
    if not kind:
        return _without(inner, rest) if rest else (_NOTHING, 1)
    found = [
        (each, 0) if not isinstance(each, dict) or each.get("type") != kind else _within(each, "", rest)
        for each in (inner if isinstance(inner, list) else [inner])
    ]
    kept = [new for new, _ in found if new is not _NOTHING]
    return (kept if isinstance(inner, list) else kept[0]) if kept else _NOTHING, sum(count for _, count in found)
