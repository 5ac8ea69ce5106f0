"""The arguments of one tool call, passed on in pieces that are always the beginning of one JSON object.

Clients parse them strictly, so what no JSON may hold is mended where its meaning is plain (a line break within a text,
a backslash that escapes nothing), and nothing is passed on after a mistake that can't be mended.
"""

import re
from typing import Any

from traces import jsonio
from traces.dialects.base import parse_json

DEEPEST = 128
"""Objects within objects; clients' parsers stop at 200."""

BROKEN = "a call's arguments that are no JSON: passed on up to the mistake"
MENDED = "a text in a call's arguments that isn't escaped as JSON asks: escaped"
BEHIND = "text behind a call's arguments: dropped"
WRAPPED = "a call's arguments that are no object: passed on in an object's field, input"

_SPACE = " \t\n\r"
_PLAIN = re.compile(r'[^"\\\x00-\x1f]+')
_SCALAR = re.compile(r"[-+.0-9A-Za-z]+")
_VALID_SCALAR = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
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

    def feed(self, text: str) -> str:
        """Return what can be passed on now."""
        if self._whole is None and self._expects == "start":
            text = text.lstrip(_SPACE)
            if text and text[0] != "{":
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

    def end(self) -> str:
        """Return what remains when the call has ended. Arguments that never began need none."""
        if self._whole is None:
            if not self.is_complete and self._expects not in ("start", "nothing"):
                self._note(BROKEN)
            return ""
        given, self._whole = "".join(self._whole), None
        self._expects = "nothing"
        value = _value(given) if not self._is_text else given
        if isinstance(value, str) and not self._is_text and isinstance(inner := _value(value), dict):
            value = inner  # written as JSON twice
        if value is None or value == "":
            return ""
        self.is_complete = True
        if not isinstance(value, dict):
            if not self._is_text:
                self._note(WRAPPED)
            value = {"input": value}
        return jsonio.dumps(value).decode()

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
            return char, at + 1
        if char == '"' and self._expects in ("key", "first key", "value", "first value"):
            self._expects = "in key" if "key" in self._expects else "in text"
            return char, at + 1
        if char in "{[" and self._expects in ("start", "value", "first value"):
            if len(self._open) == DEEPEST:
                return self._break(text)
            self._open.append(char)
            self._expects = "first key" if char == "{" else "first value"
            return char, at + 1
        closes = "".join(self._open[-1:]) + char in ("{}", "[]")
        if closes and self._expects in ("comma", "first key" if char == "}" else "first value"):
            self._open.pop()
            self._after_value()
            return char, at + 1
        if char == ":" and self._expects == "colon":
            self._expects = "value"
            return char, at + 1
        if char == "," and self._expects == "comma":
            self._expects = "key" if self._open[-1] == "{" else "value"
            return char, at + 1
        if self._expects in ("value", "first value") and (scalar := _SCALAR.match(text, at)):
            if scalar.end() == len(text):
                self._rest = text[at:]
                return "", len(text)
            if _VALID_SCALAR.fullmatch(scalar[0]):
                self._after_value()
                return scalar[0], scalar.end()
        return self._break(text)

    def _after_value(self) -> None:
        self._expects = "comma"
        self.is_complete = not self._open

    def _in_text(self, text: str, at: int) -> tuple[str, int]:
        char = text[at]
        if plain := _PLAIN.match(text, at):
            return plain[0], plain.end()
        if char == '"':
            self._expects = "colon" if self._expects == "in key" else "comma"
            return char, at + 1
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
