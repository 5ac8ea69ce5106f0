"""Fields of any shape, read as what they should be: what is readable is taken, and what is odd is noticed."""

import json
from typing import Any

from traces.model import Json

_TEXT_KEYS = ("text", "content", "thinking", "value", "summary", "refusal", "arguments", "output_text", "message")
"""The fields that may hold the text where a server sends an object in its place."""


class LenientReader:
    """Reads the fields of one event after another. `odd` is whether one in this event had an unexpected shape."""

    def __init__(self) -> None:
        self.odd = False

    def text(self, value: Json) -> str:
        """Return a text, also one in a list of parts or in an object."""
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        self.odd = True
        return text_in(value)

    def json_text(self, value: Json) -> str:
        """Return a text that should hold JSON: a tool's arguments, which some servers send as an object."""
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        self.odd = True
        if isinstance(value, list) and all(isinstance(piece, str) for piece in value):
            return "".join(value)
        return json.dumps(value, ensure_ascii=False) if value else ""

    def record(self, value: Json) -> dict[str, Any]:
        """Return an object, also one in a list; an empty one where there is none."""
        if isinstance(value, dict):
            return value
        if value is not None:
            self.odd = True
        return value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) else {}

    def records(self, value: Json) -> list[dict[str, Any]]:
        """Return the objects of a list, also where a server sends a single object."""
        if value is None:
            return []
        if isinstance(value, dict):
            self.odd = True
            return [value]
        items = value if isinstance(value, list) else []
        found = [item for item in items if isinstance(item, dict)]
        if not isinstance(value, list) or len(found) < len(items):
            self.odd = True
            found = [each for item in items for each in _objects_in(item)]
        return found

    def index(self, value: Json) -> int | None:
        """Return an index, also where it is written as text; None where there is none."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is None:
            return None
        self.odd = True
        if isinstance(value, float) and value.is_integer():
            return int(value)
        text = value.strip() if isinstance(value, str) else ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _objects_in(item: Json) -> list[dict[str, Any]]:
    """Return an object, or all that lists within lists hold."""
    if isinstance(item, list):
        return [each for inner in item for each in _objects_in(inner)]
    return [item] if isinstance(item, dict) else []


def text_in(value: Json) -> str:
    """Return the text in a value of any shape."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(text_in, value))
    if isinstance(value, dict):
        return next(filter(None, (text_in(value.get(key)) for key in _TEXT_KEYS)), "")
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
