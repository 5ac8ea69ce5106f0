"""JSON bytes to values and back, with orjson where it can be imported.

The standard library is used where orjson is missing (a mitmproxy of its own), where it is stricter than what servers
send (NaN, lone surrogates), and for numbers that it would change: integers beyond 64 bits, and `1e400`.
"""

import json
import math
import re
import secrets

from traces.model import Json

try:
    import orjson
except ImportError:  # pragma: no cover - a mitmproxy that was installed on its own
    orjson = None  # type: ignore[assignment]

_ZEROS_FOR_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER = b"0" * 19
"""Digits, all replaced by 0, that may be an integer beyond 64 bits: orjson would make a float of it."""


MOST_VALUES = 1_000_000
"""Of a document that somebody else wrote. Three bytes of it may be a value, which takes a hundred as an object here."""

_UNREMARKABLE = 50_000
"""Signs of a value so few of which need no closer look."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.S)
_LARGE_EXPONENT = re.compile(rb"[0-9.][eE][+]?[0-9]{3}")
_VALUES_OF_LARGE_NUMBER = 20
"""How many other values take as much memory as a number with an exponent beyond 99."""
_HARMLESS = MOST_VALUES * len("1e100") // _VALUES_OF_LARGE_NUMBER
"""Bytes that can't hold more values, whatever is in them: the shortest such number takes five."""


class TooManyValues(ValueError):
    """A document would take many times its size in memory."""

    def __init__(self) -> None:
        super().__init__(f"more than {MOST_VALUES:,} values in one JSON document")


def check_size(document: bytes | str) -> None:
    """Raise TooManyValues where the document holds more than `MOST_VALUES`, as far as its bytes show it."""
    if len(document) <= _HARMLESS:
        return
    data = document.encode("utf-8", "replace") if isinstance(document, str) else document
    if _signs(data) <= _UNREMARKABLE:
        return
    data = _STRING.sub(b"", data)
    if _signs(data) + _VALUES_OF_LARGE_NUMBER * len(_LARGE_EXPONENT.findall(data)) > MOST_VALUES:
        raise TooManyValues


def _signs(data: bytes) -> int:
    """Return how often a value may begin: about once for each comma and bracket that stands in no string."""
    return data.count(b",") + data.count(b"[") + data.count(b"{")


_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))


def written_size(data: bytes) -> int:
    """Return about how many bytes a text takes as a JSON string, where `\\u0000` stands for a zero."""
    return len(data) + 5 * (len(data) - len(data.translate(None, _CONTROLS)))


def loads(data: bytes, trusted: bool = False) -> Json:
    """Return the value. Raises ValueError, which says what is wrong and at which line and column.

    What isn't `trusted` is somebody else's: TooManyValues is raised before it takes all memory.
    """
    if not trusted:
        check_size(data)
    if orjson is not None and _LONG_NUMBER not in data.translate(_ZEROS_FOR_DIGITS):
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass  # the standard library reads more, and its errors name line and column
    try:
        return json.loads(data, parse_float=number)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def dumps(value: Json) -> bytes:
    """Return compact UTF-8. Raises ValueError where a value is nested too deeply."""
    data = _by_orjson(value)
    return _by_library(value) if data is None else data


def dumps_whole(value: Json) -> tuple[bytes, int]:
    """Return compact UTF-8 with U+FFFD for each half of a pair of surrogates, and how many there were.

    They are no characters, and strict readers refuse a whole document for one. Raises ValueError as `dumps` does.
    """
    data = _by_orjson(value)  # which writes no halves
    return _without_halves(_by_library(value)) if data is None else (data, 0)


def _by_orjson(value: Json) -> bytes | None:
    """Return what orjson writes; None where there is no orjson, or where it is stricter than we are."""
    if orjson is None:  # pragma: no cover - as above
        return None
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return None


def _by_library(value: Json) -> bytes:
    try:
        text = json.dumps(_writable(value), ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return _dumps_deep(value)
    try:
        data = text.encode()
    except UnicodeEncodeError:  # half of a pair of surrogates has no UTF-8
        data = json.dumps(_writable(value), separators=(",", ":")).encode()
    return _PLACE.sub(rb"\1", data) if _MARK in data else data


_HALF = b"\\ud"
_ESCAPE = re.compile(rb"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)")
"""An escaped backslash, an escaped pair of surrogates, or half of one."""


def _without_halves(data: bytes) -> tuple[bytes, int]:
    if _HALF not in data:
        return data, 0
    count = 0

    def mend(found: re.Match[bytes]) -> bytes:
        nonlocal count
        count += found[1] is not None
        return found[0] if found[1] is None else b"\\ufffd"

    return _ESCAPE.sub(mend, data), count


def _dumps_deep(value: Json) -> bytes:
    """Return compact ASCII of what is nested too deeply to be looked through for what JSON lacks.

    Raises ValueError where it is nested too deeply to be written, too, or holds NaN or infinity.
    """
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


class LargeNumber(int):
    """A number with an exponent that is too large for a float: `1e400`. It is written again as it was read."""

    text: str

    def __new__(cls, text: str) -> "LargeNumber":
        """Return the number. Raises ValueError where it is too large for an integer as well."""
        digits, _, exponent = text.lower().partition("e")
        whole, _, fraction = digits.partition(".")
        places = int(exponent or 0) - len(fraction)
        if not 0 <= places <= MOST_DIGITS:
            raise ValueError(f"the number {text[:20]} is too large")
        number = super().__new__(cls, int(whole + fraction) * int(10**places))
        number.text = text
        return number

    def __reduce__(self) -> tuple[type["LargeNumber"], tuple[str]]:
        return LargeNumber, (self.text,)


MOST_DIGITS = 1000
"""Of a number with an exponent, which is a few bytes in a document and hundreds in memory."""


def number(text: str) -> float | int:
    """Return the number that is written so, with a point or an exponent."""
    value = float(text)
    return LargeNumber(text) if math.isinf(value) else value


_MARK = b"large-number-" + secrets.token_hex(8).encode() + b":"
_PLACE = re.compile(b'"' + _MARK + b'([^"]*)"')
"""Where a large number goes in a document that is being written."""


def _writable(value: Json) -> Json:
    """Return the value with null for NaN and infinity, as orjson writes them, and a text for each large number."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, LargeNumber):
        return _MARK.decode() + value.text
    if isinstance(value, dict):
        return {name: _writable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(item) for item in value]
    return value
