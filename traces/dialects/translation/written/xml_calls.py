"""Calls as Qwen's coders write them, with a tag for each parameter.

`<tool_call><function=NAME><parameter=KEY>value</parameter></function></tool_call>`

A value is written without quotes: what it is, the tool's schema says. It may hold anything, also the tags themselves.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from traces import jsonio
from traces.dialects.translation.written.calls import Call, Calls, NeedsMore, NoCall

_LONGEST_TAG = 300
_SPACE = re.compile(r"\s*")


class QwenXml:
    """A call; the tag around it may be missing."""

    starts = ("<tool_call>", "<function=")
    bare = ()

    def __init__(self, tools: Mapping[str, Any]) -> None:
        self._tools = tools

    def read(self, text: str, start: str, is_whole: bool) -> Calls:
        calls: list[Call] = []
        at, end = (len(start) if start == "<tool_call>" else 0), 0
        try:
            while True:
                at = _space(text, at)
                if not _begins(text, at, "<function="):
                    break
                call, at = self._call(text, at, is_whole)
                calls.append(call)
                end = at
            if start == "<tool_call>" or _begins(text, at, "</tool_call>"):
                if not _begins(text, at, "</tool_call>"):
                    raise NoCall
                end = at + len("</tool_call>")
        except NeedsMore:
            if not is_whole or not calls:
                raise
        except NoCall:
            if not calls:
                raise
        if not calls:
            raise NoCall
        return Calls(calls, end)

    def _call(self, text: str, at: int, is_whole: bool) -> tuple[Call, int]:
        name, at = _tag(text, at, "<function=")
        schema = self._tools.get(name)
        fields: dict[str, Any] = {}
        while True:
            at = _space(text, at)
            if _begins(text, at, "</function>"):
                return Call(name, jsonio.dumps(fields).decode()), at + len("</function>")
            if not _begins(text, at, "<parameter="):
                raise NoCall
            key, at = _tag(text, at, "<parameter=")
            value, at = _value(text, at)
            fields[key] = _typed(value, _types(schema, key))


def _space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _begins(text: str, at: int, tag: str) -> bool:
    """Return whether a tag is here. Raises NeedsMore where the text ends before that is certain."""
    if text.startswith(tag, at):
        return True
    if len(text) - at < len(tag) and tag.startswith(text[at:]):
        raise NeedsMore
    return False


def _tag(text: str, at: int, tag: str) -> tuple[str, int]:
    """Return the name in a tag, and where it ends."""
    end = text.find(">", at, at + _LONGEST_TAG)
    if end < 0:
        raise NoCall if len(text) - at >= _LONGEST_TAG else NeedsMore
    name = text[at + len(tag) : end].strip()
    if not name or any(char in name for char in "<\n\r"):
        raise NoCall
    return name, end + 1


def _value(text: str, at: int) -> tuple[str, int]:
    """Return a parameter's value, and where its tag ends: where another parameter, or the call's end, follows."""
    start = at
    while True:
        end = text.find("</parameter>", at)
        if end < 0:
            raise NeedsMore
        at = end + len("</parameter>")
        behind = _space(text, at)
        if _begins(text, behind, "<parameter=") or _begins(text, behind, "</function>"):
            return text[start:end].removeprefix("\n").removesuffix("\n"), at


def _types(schema: Any, key: str) -> set[str]:
    """Return the types that a schema allows for a property."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    found = properties.get(key) if isinstance(properties, dict) else None
    if not isinstance(found, dict):
        return set()
    ways = [found, *(each for name in ("anyOf", "oneOf") for each in found.get(name) or () if isinstance(each, dict))]
    types = [way.get("type") for way in ways]
    return {name for given in types for name in (given if isinstance(given, list) else [given]) if name}


def _typed(value: str, types: set[str]) -> Any:
    """Return the value as one of these types; as text where it is none, or may be text."""
    if not types or "string" in types:
        return None if value == "null" and "null" in types else value
    try:
        return json.loads(value, strict=False)
    except ValueError:
        words = {"true": True, "false": False, "none": None}
        return words.get(value.strip().lower(), value)
