"""The API formats, and which of them a path or an answer is in. A new format is one class and one row in `FORMATS`."""

from functools import lru_cache

from traces.dialects.format import ApiFormat
from traces.dialects.format_anthropic import AnthropicMessages
from traces.dialects.format_chat import ChatCompletions
from traces.dialects.format_gemini import GeminiContent
from traces.dialects.format_responses import Responses
from traces.dialects.usage import Usage
from traces.model import Json

Dialect = str
"""The name of an API format, as it is written in options and in files."""

_ALL: tuple[ApiFormat, ...] = (AnthropicMessages(), ChatCompletions(), Responses(), GeminiContent())

FORMATS: dict[Dialect, ApiFormat] = {each.name: each for each in _ALL}
"""Every format by its name. The first is preferred, and the default where the format isn't known."""

DEFAULT = next(iter(FORMATS))


def dialect_of(path: str) -> Dialect | None:
    """Return the format at this path of a URL, under any prefix and with any query; None where it is unknown."""
    return _dialect_at(path.partition("?")[0].rstrip("/"))


@lru_cache(maxsize=1024)
def _dialect_at(place: str) -> Dialect | None:
    return next((each.name for each in FORMATS.values() if each.is_at(place)), None)


def endpoints() -> list[str]:
    """Return the paths of all formats."""
    return [path for each in FORMATS.values() for path in (each.path, each.counting_path) if path]


def asks_for_an_answer(path: str) -> bool:
    """Return whether a request to this path asks a model for an answer, not only for a count."""
    place = path.partition("?")[0].rstrip("/")
    dialect = dialect_of(place)
    return dialect is not None and not FORMATS[dialect].asks_no_answer(place)


def format_of(message: Json) -> ApiFormat | None:
    """Return the format of an assembled answer, by its shape; None where it is no answer."""
    if not isinstance(message, dict):
        return None
    return next((each for each in reversed(FORMATS.values()) if each.is_answer(message)), None)


def model_of(message: Json) -> str | None:
    """Return the model that answered, as the server calls it."""
    if not isinstance(message, dict):
        return None
    return (format_of(message) or FORMATS[DEFAULT]).model_of(message)


def usage_of(message: Json) -> Usage:
    """Return the counts that an assembled answer of any format reports."""
    if not isinstance(message, dict):
        return Usage()
    return (format_of(message) or FORMATS[DEFAULT]).usage(message)


def readable(body: Json) -> Json:
    """Return a request in a shape that `traces.content` reads; in most formats that is the request itself."""
    if not isinstance(body, dict):
        return body
    views = (each.readable(body) for each in FORMATS.values())
    return next((view for view in views if view is not None), body)


def limits_in(body: Json) -> dict[str, int]:
    """Return the limits of an answer's length in a request of any format, by field; `a.b` is the field b of a."""
    names = dict.fromkeys(name for each in FORMATS.values() for name in each.limits)
    found = {name: _field(body, name) for name in names}
    return {name: value for name, value in found.items() if isinstance(value, int) and not isinstance(value, bool)}


def _field(body: Json, name: str) -> Json:
    if isinstance(body, dict) and name in body:
        return body[name]  # also as `--set a.b=1` names it
    first, dot, rest = name.partition(".")
    held = body.get(first) if isinstance(body, dict) else None
    return _field(held, rest) if dot else held


def is_cut_off(reason: str | None) -> bool:
    """Return whether an answer that stopped for this reason is unfinished."""
    return any(reason in each.cut_off for each in FORMATS.values())


def counting_format() -> ApiFormat:
    """Return the format that has an endpoint for counting_format a request's tokens."""
    return next(each for each in FORMATS.values() if each.counting_path)


__all__ = ["DEFAULT", "FORMATS", "ApiFormat", "Dialect", "Usage", "dialect_of", "format_of", "usage_of"]
