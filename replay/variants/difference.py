"""What differs between two requests, as a short unified difference that a person reads: by place, text line by line."""

import difflib
import re
from collections.abc import Iterator
from typing import Any

from traces.model import Json

LONGEST = 40
"""Lines of a difference that are kept."""

WIDEST = 160
"""Characters of a line."""


def difference(before: Json, after: Json) -> tuple[str, ...]:
    """Return the lines in which two requests differ; empty where they are the same."""
    found = [
        line if len(line) <= WIDEST else line[: WIDEST - 1] + "…"
        for line in difflib.unified_diff(list(_lines(before)), list(_lines(after)), n=1, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    left = len(found) - LONGEST
    return tuple(found) if left <= 0 else (*found[:LONGEST], f"… and {left} lines more")


def _lines(value: Any, place: str = "") -> Iterator[str]:
    """Yield a line for each value, named by its place; a long text has its own line for each of its."""
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _lines(item, f"{place}.{name}" if place else name)
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from _lines(item, f"{place}[{_name(item, number)}]")
    elif isinstance(value, str) and len(pieces := _pieces(value)) > 1:
        yield f"{place}:"
        yield from (f"  {piece}" for piece in pieces)
    else:
        yield f"{place}: {value!s}"


def _pieces(text: str) -> list[str]:
    """Return the lines of a text, long ones by sentences, so that a change of one doesn't touch the others."""
    lines = text.splitlines()
    return [piece for line in lines for piece in (_SENTENCE.split(line) if len(line) > LONG_LINE else [line])]


_SENTENCE = re.compile(r"(?<=[.!?;:]) +")

LONG_LINE = 100
"""Characters from which on a line is split into its sentences."""


def _name(item: Any, number: int) -> str:
    """Return a tool's name, else its number: a tool that is left out then changes no other one's place."""
    function = item.get("function") if isinstance(item, dict) else None
    holder = function if isinstance(function, dict) else item
    name = holder.get("name") if isinstance(holder, dict) and holder.get("type") not in _BLOCKS else None
    return name if isinstance(name, str) else str(number)


_BLOCKS = ("tool_use", "tool_result", "function_call", "custom_tool_call")
"""Items of a history that have a name, too."""
