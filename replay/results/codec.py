"""A result as a JSON document, and back.

The document is the result's own shape: an object for each type, with the names of its fields. Arrivals of chunks are
rows, since there may be 50,000:

    {"schema_version": 1, "tool_version": …, "run": {"trace": {…}, "model": …, "round": …}, "target": {…}, …,
     "metrics": {"timing": {…}, …}, "chunks": [[seconds, kind, content, characters], …], "verdicts": […], "error": null}

Documents of older versions are brought up to this one, step by step. A field that is missing takes its default, one
that nobody knows is left out: files of a neighbouring version can be read. Knows nothing of where files lie.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from replay.errors import ResultError
from replay.result import ReplayResult
from replay.results import legacy
from traces import redact
from traces.model import Event, Json

VERSION = 1

UPGRADES: Mapping[int, Callable[[dict[str, Any], Path], dict[str, Any]]] = {0: legacy.upgraded}
"""From the version that is named to the next. Documents without a version are anyclaude's own: version 0."""

_NEVER_KEPT = ("key",)


def encode(result: ReplayResult, tool_version: str) -> dict[str, Any]:
    """The document, without secrets: neither the key itself, nor what looks like one, nor what stands in the URL."""
    document = {"schema_version": VERSION, "tool_version": tool_version, **_plain(result)}
    document["target"]["url"] = redact.url(result.target.url)
    key = result.target.key or ""
    cleaned = redact.cleaner(frozenset([key]) if len(key) >= 8 else frozenset()).value(document)
    assert isinstance(cleaned, dict)
    return cleaned


def decode(document: Json, source: Path) -> ReplayResult:
    """Raises ResultError, naming `source` and what is wrong in it."""
    if not isinstance(document, dict) or not ("schema_version" in document or legacy.is_result(document)):
        raise ResultError(f"{source}: Not a result of a replay.")
    version = document.get("schema_version", 0)
    while isinstance(version, int) and version in UPGRADES:
        document, version = UPGRADES[version](document, source), version + 1
    if version != VERSION:
        raise ResultError(
            f"{source}: Result format {version!r} is unknown here (this version reads up to {VERSION}). "
            "Update the toolkit."
        )
    try:
        result = _built(ReplayResult, document, "")
    except (TypeError, ValueError) as error:
        raise ResultError(f"{source}: {error}") from error
    assert isinstance(result, ReplayResult)
    return result


def _plain(value: object) -> Any:
    if isinstance(value, Event):
        return [value.at, value.kind, value.content, value.size]
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in _NEVER_KEPT}
    if hasattr(value, "_asdict"):  # a named tuple
        return {name: _plain(item) for name, item in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _built(kind: Any, raw: Any, where: str) -> Any:
    """A value of the type `kind` from what JSON holds. Raises TypeError or ValueError, naming the place."""
    origin = get_origin(kind)
    if kind is object:
        return raw
    if origin in (Union, UnionType):
        return _one_of(get_args(kind), raw, where)
    if origin is Literal:
        return _checked(raw in get_args(kind), raw, where, f"one of {', '.join(map(str, get_args(kind)))}")
    if origin is tuple:
        _checked(isinstance(raw, list), raw, where, "a list")
        return tuple(_built(get_args(kind)[0], item, f"{where}[{at}]") for at, item in enumerate(raw))
    if kind is Event:
        _checked(isinstance(raw, list) and len(raw) == 4, raw, where, "[seconds, kind, content, characters]")
        raw = dict(zip(_defaults(Event), raw, strict=True))
    if _defaults(kind):
        return _record(kind, _checked(isinstance(raw, dict), raw, where, "an object"), where)
    return _checked(_holds(kind, raw), raw, where, getattr(origin or kind, "__name__", str(kind)))


def _one_of(kinds: tuple[Any, ...], raw: Any, where: str) -> Any:
    if raw is None and NoneType in kinds:
        return None
    return _built(next(kind for kind in kinds if kind is not NoneType), raw, where)


def _record(kind: Any, raw: dict[str, Any], where: str) -> Any:
    hints, prefix = get_type_hints(kind), f"{where}." if where else ""
    missing = [name for name, default in _defaults(kind).items() if default is MISSING and name not in raw]
    if missing:
        raise ValueError(f"{prefix}{missing[0]} is missing.")
    known = [name for name in _defaults(kind) if name in raw and name not in _NEVER_KEPT]
    return kind(**{name: _built(hints[name], raw[name], f"{prefix}{name}") for name in known})


@cache
def _defaults(kind: Any) -> dict[str, object]:
    """The fields of a dataclass or a named tuple, each with its default or MISSING; nothing of other types."""
    if is_dataclass(kind):
        return {f.name: f.default if f.default_factory is MISSING else f.default_factory for f in fields(kind)}
    return {name: kind._field_defaults.get(name, MISSING) for name in getattr(kind, "_fields", ())}


def _holds(kind: Any, raw: Any) -> bool:
    if isinstance(raw, bool):
        return kind is bool
    if kind is float:
        return isinstance(raw, int | float) and raw == raw
    origin = get_origin(kind)
    return isinstance(raw, dict) if origin is not None and issubclass(origin, Mapping) else isinstance(raw, kind)


def _checked(fits: bool, raw: Any, where: str, expected: str) -> Any:
    if not fits:
        raise TypeError(f"{where or 'the document'}: expected {expected}, found {str(raw)[:40]!r}.")
    return raw
