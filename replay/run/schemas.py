"""Schemas of tools, however odd, in a form that a validator can read.

Tools come with schemas of every draft, of OpenAPI, and with mistakes. Each keyword is read as its author meant it (the
boolean `exclusiveMinimum` of draft 4, OpenAPI's `nullable`), and written as in draft 2020-12. One that can't be read is
left out and named in its place, so that all others can still be judged by. Nothing is ever fetched.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from replay.run import patterns

Fields = dict[str, Any]

LEFT_OUT = "left-out"
"""The keyword of a readable schema that names, in words, the rules that were left out at this place."""

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_OLD_DRAFTS = ("draft-03", "draft-04", "draft-05", "draft-06", "draft-07")
"""In these, keywords beside a `$ref` are ignored."""

_COMBINED = ("allOf", "anyOf", "oneOf", "not", "if", "const")

_STRICTER_WITH_LESS = ("not", "if", "oneOf", "contains", "unevaluatedItems", "unevaluatedProperties")
"""Without a rule within them, these refuse more, not less: where one can't be read, the whole keyword is left out."""


_HOLDS_BY_NAME = ("properties", "patternProperties", "dependentSchemas")
_HOLDS_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
_HOLDS_ONE = (
    *("items", "contains", "unevaluatedItems", "additionalProperties", "unevaluatedProperties"),
    *("propertyNames", "not", "if", "then", "else"),
)
"""The keywords whose values are schemas."""


def readable(schema: Any, references: bool = True) -> Any:
    """Return the schema in draft 2020-12, without anything that a validator fails at.

    Without `references`, those are left out too, since some lead to themselves. Raises RecursionError where the schema
    is nested too deeply.
    """
    reader = _Reader(schema, references)
    read = reader.schema(schema)
    sound = _drop_unsound(read, reader.referred)
    if isinstance(sound, dict) and reader.referred:
        sound["$defs"] = {name: _drop_unsound(each, reader.referred) for name, each in reader.referred.items()}
    return sound


def has_rules(schema: Any) -> bool:
    """Return whether a readable schema contains any rule."""
    if not isinstance(schema, dict):
        return schema is False
    schemas = [schema, *schema.get("$defs", {}).values()]
    return any(name not in (LEFT_OUT, "$ref", "$defs") for each in schemas if isinstance(each, dict) for name in each)


class _Unreadable(Exception):
    """The value of a keyword isn't what it must be."""


class _Reader:
    """Reads a schema, and into `referred` those that it refers to, by their names in `$defs`."""

    def __init__(self, root: Any, references: bool) -> None:
        self._root = root
        self._references = references
        self._names: dict[str, str] = {}
        self.referred: dict[str, Any] = {}

    def schema(self, given: Any) -> Any:
        """Return what can be read of a schema; what isn't one at all allows everything."""
        if isinstance(given, bool):
            return given
        if not isinstance(given, dict):
            return {LEFT_OUT: [f"a schema that reads {_short(given)}"]}
        read: Fields = {}
        for keyword, value in _as_meant(given).items():
            try:
                read |= self._keyword(keyword, value)
            except _Unreadable:
                _leave_out(read, f"{keyword}: {_short(value)}")
        return read

    def _keyword(self, keyword: str, value: Any) -> Fields:
        """Return a keyword as it was read; empty where it is unknown or only a note for people."""
        if keyword in _REFERENCES:
            return {"$ref": f"#/$defs/{self._name(value)}"}
        return {keyword: _KEYWORDS[keyword](self, value)} if keyword in _KEYWORDS else {}

    def _name(self, reference: Any) -> str:
        """Return the name in `$defs` of the schema that is referred to, which must be within the root."""
        if not isinstance(reference, str) or not self._references:
            raise _Unreadable
        if reference not in self._names:
            target = _target(self._root, reference)
            name = self._names[reference] = str(len(self._names))
            self.referred[name] = self.schema(target)
        return self._names[reference]

    def one(self, value: Any) -> Any:
        return self.schema(value)

    def several(self, value: Any) -> Any:
        return [self.schema(each) for each in _require(isinstance(value, list) and len(value) > 0, value)]

    def by_name(self, value: Any) -> Any:
        return {name: self.schema(each) for name, each in _require(isinstance(value, dict), value).items()}


def _target(root: Any, reference: str) -> Any:
    own, _, _ = str(root.get("$id", root.get("id"))).partition("#")
    base, _, fragment = reference.partition("#")
    if base and base != own:
        raise _Unreadable
    place = unquote(fragment)
    if place and not place.startswith("/"):
        anchored = (each for each in _within(root) if place in (each.get("$anchor"), each.get("$dynamicAnchor")))
        target = next(anchored, None)
        return _require(target is not None, target)
    target = root
    for step in place.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        try:
            target = target[int(step)] if isinstance(target, list) else target[step]
        except (KeyError, IndexError, TypeError, ValueError):
            raise _Unreadable from None
    return target


def _within(schema: Any) -> Iterator[Fields]:
    if isinstance(schema, dict):
        yield schema
        for each in schema.values():
            yield from _within(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _within(each)


def _as_meant(given: Fields) -> Fields:
    """Return the schema with keywords of older drafts and OpenAPI written as in draft 2020-12."""
    if any(name in given for name in _REFERENCES) and any(old in str(given.get("$schema")) for old in _OLD_DRAFTS):
        given = {name: value for name, value in given.items() if name in (*_REFERENCES, "nullable")}
    meant = dict(given)
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(meant.get(exclusive), bool) and meant.pop(exclusive) and bound in meant:
            meant[exclusive] = meant.pop(bound)
    if isinstance(meant.get("items"), list):
        first, rest = meant.pop("items"), meant.pop("additionalItems", True)
        meant |= ({"prefixItems": first} if first else {}) | {"items": rest}
    if isinstance(needs := meant.get("dependencies"), dict):
        meant["dependentRequired"] = {name: each for name, each in needs.items() if isinstance(each, list)}
        meant["dependentSchemas"] = {name: each for name, each in needs.items() if not isinstance(each, list)}
    if isinstance(meant.get("required"), bool):
        del meant["required"]  # it is of the object that this is a property of
    if isinstance(properties := meant.get("properties"), dict):
        meant["required"] = _required_names(meant.get("required", []), properties)
    return _nullable(meant) if given.get("nullable") is True else meant


def _required_names(given: Any, properties: Fields) -> Any:
    """Return the required names, with those that are marked within the property, as in draft 3."""
    within = [name for name, each in properties.items() if isinstance(each, dict) and each.get("required") is True]
    return [*given, *(name for name in within if name not in given)] if isinstance(given, list) else given


def _nullable(meant: Fields) -> Fields:
    rest = {name: value for name, value in meant.items() if name != "nullable"}
    if not isinstance(rest.get("type"), str) or any(name in rest for name in (*_REFERENCES, *_COMBINED)):
        return {"anyOf": [rest, {"type": "null"}]}
    allowed = {"enum": [*rest["enum"], None]} if isinstance(rest.get("enum"), list) else {}
    return rest | {"type": [rest["type"], "null"]} | allowed


def _map_schemas(schema: Fields, change: Callable[[Any], Any]) -> Fields:
    """Return the schema with each of the schemas in it changed."""
    new = dict(schema)
    for keyword, value in schema.items():
        if keyword in _HOLDS_ONE:
            new[keyword] = change(value)
        elif keyword in _HOLDS_SEVERAL:
            new[keyword] = [change(each) for each in value]
        elif keyword in _HOLDS_BY_NAME:
            new[keyword] = {name: change(each) for name, each in value.items()}
    return new


def _drop_unsound(read: Any, referred: Mapping[str, Any]) -> Any:
    """Return the schema without rules that would be wrong because something within them couldn't be read."""
    if not isinstance(read, dict):
        return read
    sound = dict(read)
    for keyword in _STRICTER_WITH_LESS:
        if keyword in sound and any(_lacks(each, referred) for each in _as_list(sound[keyword])):
            value = sound.pop(keyword)
            _leave_out(sound, keyword)
            if keyword == "oneOf":
                sound.setdefault("anyOf", value)
    if "if" not in sound:
        sound = {keyword: value for keyword, value in sound.items() if keyword not in ("then", "else")}
    sound = _map_schemas(sound, lambda each: _drop_unsound(each, referred))
    _drop_unsound_properties(sound, referred)
    return sound


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _drop_unsound_properties(sound: Fields, referred: Mapping[str, Any]) -> None:
    """Drop rules on additional properties where the patterns that would make them known ones can't be read."""
    given = sound.get("patternProperties", {})
    unread = [name for name in given if not patterns.is_readable(name)]
    for name in unread:
        _leave_out(sound, f"patternProperties: {_short(name)}")
    if unread:
        sound["patternProperties"] = {name: each for name, each in given.items() if name not in unread}
    if unread and sound.pop("additionalProperties", True) is not True:
        _leave_out(sound, "additionalProperties")
    if "unevaluatedProperties" in sound and (_lacks(sound, referred) or "patternProperties" in str((sound, referred))):
        del sound["unevaluatedProperties"]
        _leave_out(sound, "unevaluatedProperties")


def _lacks(read: Any, referred: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> bool:
    """Return whether something was left out of the schema, or of those that it refers to."""
    if not isinstance(read, dict):
        return False
    reference = read.get("$ref", "")
    if reference and reference not in seen:
        seen |= {reference}
        if _lacks(referred.get(reference.rpartition("/")[2]), referred, seen):
            return True
    found = [LEFT_OUT in read]
    _map_schemas(read, lambda each: found.append(_lacks(each, referred, seen)))
    return any(found)


def _leave_out(read: Fields, what: str) -> None:
    read[LEFT_OUT] = [*read.get(LEFT_OUT, []), what]


def _short(value: Any) -> str:
    words = str(value)
    return words if len(words) <= 60 else words[:59] + "…"


def _require(is_valid: bool, value: Any) -> Any:
    if not is_valid:
        raise _Unreadable
    return value


def _types(_: _Reader, value: Any) -> Any:
    """Return the type's names: Gemini's are in capitals, and a null in a list of names means the type `null`."""
    given = value if isinstance(value, list) else [value]
    names = ["null" if name is None else str(name).lower() for name in given]
    return _require(bool(names) and all(name in TYPES for name in names), list(dict.fromkeys(names)))


def _pattern(_: _Reader, value: Any) -> Any:
    return _require(isinstance(value, str) and patterns.is_readable(value), value)


def _names(_: _Reader, value: Any) -> Any:
    return _require(isinstance(value, list) and all(isinstance(each, str) for each in value), value)


def _names_by_name(reader: _Reader, value: Any) -> Any:
    return {name: _names(reader, each) for name, each in _require(isinstance(value, dict), value).items()}


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_Read = Callable[[_Reader, Any], Any]
_number: _Read = lambda _, value: _require(is_number(value), value)  # noqa: E731
_count: _Read = lambda _, value: _require(is_number(value) and value >= 0, value)  # noqa: E731
_step: _Read = lambda _, value: _require(is_number(value) and value > 0, value)  # noqa: E731
_list: _Read = lambda _, value: _require(isinstance(value, list), value)  # noqa: E731
_yes_or_no: _Read = lambda _, value: _require(isinstance(value, bool), value)  # noqa: E731
_anything: _Read = lambda _, value: value  # noqa: E731

_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")

_KEYWORDS: Mapping[str, _Read] = {
    "type": _types,
    "enum": _list,
    "const": _anything,
    "pattern": _pattern,
    "multipleOf": _step,
    "uniqueItems": _yes_or_no,
    "required": _names,
    "dependentRequired": _names_by_name,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _number),
    **dict.fromkeys((*_COUNTS, "minContains", "maxContains"), _count),
    **dict.fromkeys(_HOLDS_BY_NAME, _Reader.by_name),
    **dict.fromkeys(_HOLDS_SEVERAL, _Reader.several),
    **dict.fromkeys(_HOLDS_ONE, _Reader.one),
}
"""The keywords of draft 2020-12 that are rules, each with what reads its value. `format` is only a note."""
