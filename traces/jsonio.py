"""JSON bytes to values and back, with orjson where it can be imported.

The standard library stands in where orjson is missing (a mitmproxy of its own) and where orjson is stricter than what
servers send (NaN, lone surrogates). Knows nothing of traces.
"""

import json

from traces.model import Json

try:
    import orjson
except ImportError:  # pragma: no cover - a mitmproxy that was installed on its own
    orjson = None  # type: ignore[assignment]


def loads(data: bytes) -> Json:
    """The value; ValueError says what is wrong and at which line and column."""
    if orjson is not None:
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass  # the standard library reads more, and its errors name line and column
    try:
        return json.loads(data)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def dumps(value: Json) -> bytes:
    """Compact UTF-8; ValueError where a value is nested too deeply."""
    if orjson is not None:
        try:
            return orjson.dumps(value)
        except orjson.JSONEncodeError:
            pass
    try:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
