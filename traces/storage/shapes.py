"""Dataclasses and named tuples as JSON, and back: the same rules and messages for traces and results.

A missing field takes its default, and an unknown one is ignored, so that files of other versions can be read. An
`Event` is a row, since there may be 50,000 of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from traces.model import Content, Event, Json

LEFT_OUT = ("key", "source")
"""Fields that are never written: a server's key, and where a trace was read from."""

_CONTENTS = (None, *get_args(Content))

_NAMES = {
    dict: "an object",
    list: "a list",
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


class ShapeError(ValueError):
    """A value doesn't have the type that its place needs. The message names the place and what was found there."""

    def __init__(self, where: str, expected: str, raw: Json) -> None:
        super().__init__(f"{where or 'the document'}: expected {expected}, found {name_of(type(raw))}.")


def name_of(kind: Any) -> str:
    """Return the name of a type in JSON, for messages."""
    return _NAMES.get(kind, "null")


def to_json(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if isinstance(value, Event):
        return [value.at, value.kind, value.content, value.size]
    if is_dataclass(value):
        return {f.name: to_json(getattr(value, f.name)) for f in fields(value) if f.name not in LEFT_OUT}
    if hasattr(value, "_asdict"):  # a named tuple
        return {name: to_json(item) for name, item in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    return value


Builder = Callable[[Json, str], Any]
"""Returns the value that JSON holds at a place. Raises ShapeError, or ValueError where a field is missing."""


def build(kind: Any, raw: Json, where: str = "") -> Any:
    """Return a value of the type `kind`, built from JSON. Raises ShapeError, or ValueError where a field is missing."""
    return _builder(kind)(raw, where)


@cache  # looking at a type takes longer than building most values of it
def _builder(kind: Any) -> Builder:
    origin, inner = get_origin(kind), get_args(kind)
    if kind is object:
        return lambda raw, where: raw
    if kind is str:
        return lambda raw, where: raw if type(raw) is str else check(str, raw, where)
    if origin in (Union, UnionType):
        of = _builder(next(one for one in inner if one is not NoneType))
        return (lambda raw, where: None if raw is None else of(raw, where)) if NoneType in inner else of
    if origin is Literal:
        return lambda raw, where: one_of(inner, raw, where)
    if kind is Event:
        return event
    if origin is tuple:
        return _list_of(_builder(inner[0]))
    if is_record(kind):
        return lambda raw, where: _record(kind, check(dict, raw, where), where)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_of(_builder(inner[1]))
    return lambda raw, where: check(kind, raw, where)


def _list_of(item: Builder) -> Builder:
    return lambda raw, where: tuple(item(each, f"{where}[{at}]") for at, each in enumerate(check(list, raw, where)))


def _mapping_of(value: Builder) -> Builder:
    return lambda raw, where: {name: value(each, f"{where}.{name}") for name, each in check(dict, raw, where).items()}


def event(raw: Json, where: str) -> Event:
    """Return the event in a row. Raises ShapeError."""
    if not (isinstance(raw, list) and len(raw) == 4):
        raise ShapeError(where, "[seconds, kind, content, characters]", raw)
    at, kind, content, size = raw
    if type(at) is not float and at is not None:
        at = check(float, at, where)
    if type(kind) is not str or type(size) is not int or content not in _CONTENTS:
        check(str, kind, where)
        one_of(_CONTENTS, content, where)
        check(int, size, where)
    return Event(at, kind, content, size)


def events(rows: Sequence[Json], where: str) -> tuple[Event, ...]:
    """Return the events in rows. Raises ValueError, which names the row."""
    try:
        return tuple([event(row, where) for row in rows])  # a place for each takes as long as the event itself
    except ValueError:
        return tuple([event(row, f"{where}[{number}]") for number, row in enumerate(rows)])


def check(kind: Any, raw: Json, where: str) -> Any:
    """Return the value if it has this type, where a whole number may be a float, but a boolean is no number."""
    if kind is float and isinstance(raw, int | float) and not isinstance(raw, bool):
        return _as_float(raw, where)
    if isinstance(raw, kind) and (kind is bool or not isinstance(raw, bool)):
        return raw
    raise ShapeError(where, name_of(kind), raw)


def one_of(allowed: tuple[Any, ...], raw: Json, where: str) -> Any:
    """Return the value if it is one of these, else raise ShapeError."""
    if not isinstance(raw, str | None) or raw not in allowed:
        raise ShapeError(where, "one of " + ", ".join(str(value) for value in allowed if value), raw)
    return raw


def is_record(kind: Any) -> bool:
    """Return whether a type has fields."""
    return bool(_defaults(kind))


def _as_float(number: float, where: str) -> float:
    try:
        return float(number)
    except OverflowError:
        raise ValueError(f"{where}: the number is too large.") from None


def _record(kind: Any, raw: Mapping[str, Any], where: str) -> Any:
    prefix = f"{where}." if where else ""
    values = {}
    for name, needed, build_field in _builders(kind):
        if name in raw:
            values[name] = build_field(raw[name], prefix + name)
        elif needed:
            raise ValueError(f"{prefix}{name} is missing.")
    return kind(**values)


@cache
def _builders(kind: Any) -> Sequence[tuple[str, bool, Builder]]:
    """Return the fields of a type: their names, whether they must be there, and what builds them.

    A field that is never written must still be there where it has no default.
    """
    hints, defaults = get_type_hints(kind), _defaults(kind)
    return [
        (name, default is MISSING, _builder(hints[name]))
        for name, default in defaults.items()
        if name not in LEFT_OUT or default is MISSING
    ]


@cache
def _defaults(kind: Any) -> dict[str, object]:
    """Return the fields of a dataclass or a named tuple, each with its default or MISSING; none for other types."""
    if is_dataclass(kind):
        return {f.name: f.default if f.default_factory is MISSING else f.default_factory for f in fields(kind)}
    return {name: kind._field_defaults.get(name, MISSING) for name in getattr(kind, "_fields", ())}
