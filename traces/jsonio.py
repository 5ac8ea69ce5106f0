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


def loads(data: bytes) -> Json:
    """Return the value. Raises ValueError, which says what is wrong and at which line and column."""
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
    if orjson is not None:
        try:
            return orjson.dumps(value)
        except orjson.JSONEncodeError:
            pass
    try:
        text = json.dumps(_writable(value), ensure_ascii=False, separators=(",", ":"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    try:
        data = text.encode()
    except UnicodeEncodeError:  # half of a pair of surrogates has no UTF-8
        data = json.dumps(_writable(value), separators=(",", ":")).encode()
    return _PLACE.sub(rb"\1", data) if _MARK in data else data


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


MOST_DIGITS = 4000
"""Of a number. Python refuses to write out much longer ones."""


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
