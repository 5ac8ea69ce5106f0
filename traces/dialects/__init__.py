"""The API formats, and which one a path or an answer is in. A new format is one class and one row in `FORMATS`."""

from traces.dialects.format import ApiFormat
from traces.dialects.format_anthropic import AnthropicMessages
from traces.dialects.format_chat import ChatCompletions
from traces.dialects.format_responses import Responses
from traces.dialects.usage import Usage
from traces.model import Json

Dialect = str
"""The name of an API format, as it is written in options and in files."""

FORMATS: dict[Dialect, ApiFormat] = {each.name: each for each in (AnthropicMessages(), ChatCompletions(), Responses())}
"""Every format by its name. The first is asked for first, and taken where nothing tells."""

DEFAULT = next(iter(FORMATS))


def dialect_of(path: str) -> Dialect | None:
    """The format spoken at this path of a URL, under any prefix and with any query; None where it is none of ours."""
    place = path.partition("?")[0].rstrip("/")
    return next((each.name for each in FORMATS.values() if place.endswith(tuple(endpoints(each)))), None)


def endpoints(*formats: ApiFormat) -> list[str]:
    """The paths of these formats; of all where none is named."""
    chosen = formats or FORMATS.values()
    return [path for each in chosen for path in (each.path, each.counting_path) if path]


def asks_for_an_answer(path: str) -> bool:
    """Whether a request to this path asks a model for an answer, and not only for a count."""
    place = path.partition("?")[0].rstrip("/")
    counted = tuple(each.counting_path for each in FORMATS.values() if each.counting_path)
    return dialect_of(path) is not None and not place.endswith(counted)


def format_of(message: Json) -> ApiFormat | None:
    """The format that an assembled answer is in, by its shape; None where it is no answer."""
    if not isinstance(message, dict):
        return None
    return next((each for each in reversed(FORMATS.values()) if each.is_answer(message)), None)


def usage_of(message: Json) -> Usage:
    """The counts that an assembled answer reports, whichever format it is in."""
    if not isinstance(message, dict):
        return Usage()
    return (format_of(message) or FORMATS[DEFAULT]).usage(message)


def readable(body: Json) -> Json:
    """A request in a shape that `traces.content` reads: of most formats as it is."""
    if not isinstance(body, dict):
        return body
    views = (each.readable(body) for each in FORMATS.values())
    return next((view for view in views if view is not None), body)


def limits() -> tuple[str, ...]:
    """The fields that say how long an answer may become, in all formats."""
    return tuple(dict.fromkeys(name for each in FORMATS.values() for name in each.limits))


def is_cut_off(reason: str | None) -> bool:
    """Whether an answer that stopped for this reason is unfinished."""
    return any(reason in each.cut_off for each in FORMATS.values())


def counting() -> ApiFormat:
    """The format in which a server's own tokenizer is asked."""
    return next(each for each in FORMATS.values() if each.counting_path)


__all__ = ["DEFAULT", "FORMATS", "ApiFormat", "Dialect", "Usage", "dialect_of", "format_of", "usage_of"]
