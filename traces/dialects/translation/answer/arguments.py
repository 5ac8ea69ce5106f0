"""The arguments of one tool call, passed on in pieces that are always the beginning of one JSON object.

Clients parse them strictly, so what no JSON may hold is mended where its meaning is plain (a line break within a text,
a backslash that escapes nothing, a comma too many, Python's quotes and constants), and nothing is passed on after a
mistake that can't be mended.
"""

import re
from typing import Any

from traces import jsonio
from traces.dialects.base import parse_json

MOST_TEXTS = 4
"""Texts within texts that are looked into for a call's arguments."""

DEEPEST = 128
"""Objects within objects; clients' parsers stop at 200."""

BROKEN = "a call's arguments that are no JSON: passed on up to the mistake"
MENDED = "a text in a call's arguments that isn't escaped as JSON asks: escaped"
REWRITTEN = "a call's arguments that aren't quite JSON (a comma too many, Python's quotes or constants): rewritten"
WITHIN = "a call's arguments within a text or a list: passed on as the object that they are"
BEHIND = "text behind a call's arguments: dropped"
WRAPPED = "a call's arguments that are no object: passed on in an object's field, input"

_SPACE = " \t\n\r"
_PLAIN = {'"': re.compile(r'[^"\\\x00-\x1f]+'), "'": re.compile(r"""[^"'\\\x00-\x1f]+""")}
_EMPTY = re.compile(r"\{[ \t\n\r]*(?P<closed>\}[ \t\n\r]*)?")
_SCALAR = re.compile(r"[-+.0-9A-Za-z]+")
_VALID_SCALAR = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_PYTHONS = {"True": "true", "False": "false", "None": "null"}
_FENCED = re.compile(r"```\w*\n(.*?)\n?```", re.S)
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_HIGH, _LOW = re.compile(r"\\u[dD][89abAB]"), re.compile(r"\\u[dD][c-fC-F]")
_CUT_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?")
_CUT_OR_NONE = re.compile(r"(?:\\(?:u[0-9a-fA-F]{0,3})?)?")


class Arguments:
    """The arguments of one call, as far as they have come.

    is_complete   they are one whole JSON object
    notes         what isn't passed on as it came, each once
    """

    def __init__(self, is_text: bool = False) -> None:
        self.is_complete = False
        self.notes: list[str] = []
        self._is_text = is_text
        self._whole: list[str] | None = [] if is_text else None  # all of it, where it doesn't begin as an object
        self._open: list[str] = []  # the brackets that aren't closed
        self._expects = "start"  # what may come next: see `_step`
        self._rest = ""  # a token that may go on
        self._quote = '"'  # what ends the text that is open
        self._comma = ""  # one that nothing has followed yet, and the space behind it

    def feed(self, text: str) -> str:
        """Return what can be passed on now."""
        if self._whole is None and self._expects == "start":
            text = self._without_placeholder((self._rest + text).lstrip(_SPACE))
            if not text:
                return ""
            if text[0] != "{":
                self._whole = []
        if self._whole is not None:
            self._whole.append(text)
            return ""
        passed: list[str] = []
        text = self._rest + text
        self._rest = ""
        at = 0
        while at < len(text):
            if self._expects == "nothing":
                break
            if self.is_complete:
                if text[at:].strip():
                    self._note(BEHIND)
                break
            new, at = self._step(text, at)
            passed.append(new)
            if self._rest:
                break
        return "".join(passed)

    def _without_placeholder(self, text: str) -> str:
        """Return what can be read of the arguments' beginning: nothing while they may be a mere placeholder.

        Some servers send an object without fields first, and the real one behind it.
        """
        empty = _EMPTY.match(text)
        while empty and empty["closed"] and text.startswith("{", empty.end()):
            text = text[empty.end() :]
            empty = _EMPTY.match(text)
        self._rest, self.is_complete = "", False
        if empty is None or (empty.end() < len(text) and not empty["closed"]):
            return text
        self._rest, self.is_complete = empty[0], bool(empty["closed"])
        if empty.end() < len(text):
            self._note(BEHIND)
        return ""

    def end(self) -> str:
        """Return what remains when the call has ended. Arguments that never began need none."""
        if self._whole is None and self._expects == "start":
            self._expects = "nothing"
            if self._rest and not self.is_complete:
                self._note(BROKEN)
            return self._rest
        if self._whole is None:
            if not self.is_complete and self._expects not in ("start", "nothing"):
                self._note(BROKEN)
            return ""
        given, self._whole = "".join(self._whole), None
        self._expects = "nothing"
        value = given if self._is_text else _value(given)
        if value is None or value == "":
            return ""
        self.is_complete = True
        held = None if self._is_text else _object_in(value)
        if not self._is_text:
            self._note(WRAPPED if held is None else WITHIN)
        value = {"input": value} if held is None else held
        return jsonio.dumps(value).decode()

    @property
    def is_broken(self) -> bool:
        """Whether they ended within the object, or hold a mistake that can't be mended."""
        return BROKEN in self.notes

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _break(self, text: str) -> tuple[str, int]:
        self._note(BROKEN)
        self._expects = "nothing"
        return "", len(text)

    def _step(self, text: str, at: int) -> tuple[str, int]:
        """Take one token, or a part of a text; return what is passed on of it, and where the next one begins."""
        if self._expects in ("in key", "in text"):
            return self._in_text(text, at)
        char = text[at]
        if char in _SPACE:
            if self._comma:
                self._comma += char
                return "", at + 1
            return char, at + 1
        closes = "".join(self._open[-1:]) + char in ("{}", "[]")
        if self._comma:
            comma, self._comma = self._comma, ""
            if closes:
                self._note(REWRITTEN)
                self._expects = "comma"
                comma = ""
            new, at = self._step(text, at)
            return comma + new, at
        if char in "\"'" and self._expects in ("key", "first key", "value", "first value"):
            self._expects = "in key" if "key" in self._expects else "in text"
            self._quote = char
            if char == "'":
                self._note(REWRITTEN)
            return '"', at + 1
        if char in "{[" and self._expects in ("start", "value", "first value"):
            if len(self._open) == DEEPEST:
                return self._break(text)
            self._open.append(char)
            self._expects = "first key" if char == "{" else "first value"
            return char, at + 1
        if closes and self._expects in ("comma", "first key" if char == "}" else "first value"):
            self._open.pop()
            self._after_value()
            return char, at + 1
        if char == ":" and self._expects == "colon":
            self._expects = "value"
            return char, at + 1
        if char == "," and self._expects == "comma":
            self._expects = "key" if self._open[-1] == "{" else "value"
            self._comma = char
            return "", at + 1
        if self._expects in ("value", "first value") and (scalar := _SCALAR.match(text, at)):
            if scalar.end() == len(text):
                self._rest = text[at:]
                return "", len(text)
            written = _PYTHONS.get(scalar[0], scalar[0])
            if _VALID_SCALAR.fullmatch(written):
                if written != scalar[0]:
                    self._note(REWRITTEN)
                self._after_value()
                return written, scalar.end()
        return self._break(text)

    def _after_value(self) -> None:
        self._expects = "comma"
        self.is_complete = not self._open

    def _in_text(self, text: str, at: int) -> tuple[str, int]:
        char = text[at]
        if plain := _PLAIN[self._quote].match(text, at):
            return plain[0], plain.end()
        if char == self._quote:
            self._expects = "colon" if self._expects == "in key" else "comma"
            return '"', at + 1
        if char == '"':
            return '\\"', at + 1
        if self._quote == "'" and text.startswith("\\'", at):
            return "'", at + 2
        if char != "\\":
            self._note(MENDED)
            return f"\\u{ord(char):04x}", at + 1
        return self._escape(text, at)

    def _escape(self, text: str, at: int) -> tuple[str, int]:
        """Take an escape. Halves of a pair of surrogates that are alone aren't text, and no client reads them."""
        escape = _ESCAPE.match(text, at)
        if escape is None:
            if _CUT_ESCAPE.fullmatch(text, at):
                self._rest = text[at:]
                return "", len(text)
            self._note(MENDED)
            return "\\\\", at + 1
        if _HIGH.match(escape[0]):
            if _CUT_OR_NONE.fullmatch(text, escape.end()):
                self._rest = text[at:]
                return "", len(text)
            low = _ESCAPE.match(text, escape.end())
            if low and _LOW.match(low[0]):
                return escape[0] + low[0], low.end()
        if _HIGH.match(escape[0]) or _LOW.match(escape[0]):
            self._note(MENDED)
            return "\\ufffd", escape.end()
        return escape[0], escape.end()


def _value(text: str) -> Any:
    """Return the JSON value in a text, or the text itself."""
    try:
        return parse_json(text)
    except ValueError:
        return text


def _object_in(value: Any) -> dict[str, Any] | None:
    """Return the object in a text, also in one within another or between fences, or in a list of one; else None."""
    for _ in range(MOST_TEXTS):
        if isinstance(value, str):
            fenced = _FENCED.fullmatch(value.strip())
            value = _value(fenced[1] if fenced else value)
        elif isinstance(value, list) and len(value) == 1:
            value = value[0]
    return value if isinstance(value, dict) else None
