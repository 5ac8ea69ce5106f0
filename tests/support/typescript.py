"""TypeScript's types of JSON documents, found by looking at enough of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Any

MAP = "map of "
"""Before a name: the keys of these objects are data, and what they lead to has this name."""


@dataclass(frozen=True, slots=True)
class Names:
    """What can't be seen in documents: how their parts are called, by the name of the whole and the key in it.

    Lists are looked through: a key that leads to a list names the items. `MAP` alone stands for a map of what has no
    name. `types` are written as they are: tuples, above all.
    """

    parts: Mapping[tuple[str, str], str]
    types: Mapping[tuple[str, str], str] = field(default_factory=dict)


def interfaces(documents: Mapping[str, Sequence[Json]], names: Names) -> str:
    """Return the declarations for these documents, by the name of their kind."""
    found: dict[str, list[Json]] = {}
    for name, samples in documents.items():
        found.setdefault(name, []).extend(samples)
        for sample in samples:
            _collect(sample, name, names, found)
    return "\n".join(_interface(name, found[name], names) for name in sorted(found))


def _collect(value: Mapping[str, Json], owner: str, names: Names, found: dict[str, list[Json]]) -> None:
    for key, part in value.items():
        name = names.parts.get((owner, key), "")
        for item in _items(part):
            if not isinstance(item, dict) or (owner, key) in names.types:
                continue
            plain = name.removeprefix(MAP)
            for each in item.values() if name.startswith(MAP) else [item]:
                if not isinstance(each, dict):
                    continue
                if plain:
                    found.setdefault(plain, []).append(each)
                _collect(each, plain or f"{owner}.{key}", names, found)


def _items(value: Json) -> Iterable[Json]:
    """Return what lies in a list, however deep; or the value itself."""
    if not isinstance(value, list):
        return [value]
    return [item for each in value for item in _items(each)]


def _interface(name: str, samples: Sequence[Mapping[str, Json]], names: Names) -> str:
    return f"interface {name} {_object(samples, name, names, '')}\n"


def _object(samples: Sequence[Mapping[str, Json]], owner: str, names: Names, indent: str) -> str:
    keys = sorted({key for sample in samples for key in sample})
    lines = []
    for key in keys:
        values = [sample[key] for sample in samples if key in sample]
        optional = "?" if len(values) < len(samples) else ""
        word = key if key.isidentifier() else f'"{key}"'
        lines.append(f"{indent}  {word}{optional}: {_type(values, owner, key, names, indent + '  ')};\n")
    return f"{{\n{''.join(lines)}{indent}}}"


def _type(values: Sequence[Json], owner: str, key: str, names: Names, indent: str) -> str:
    if (owner, key) in names.types:
        return names.types[owner, key] + (" | null" if None in values else "")
    kinds: set[str] = set()
    lists = [value for value in values if isinstance(value, list)]
    objects = [value for value in values if isinstance(value, dict)]
    for value in values:
        match value:
            case None:
                kinds.add("null")
            case bool():
                kinds.add("boolean")
            case int() | float():
                kinds.add("number")
            case str():
                kinds.add("string")
    if lists:
        items = [item for value in lists for item in value]
        inner = _type(items, owner, key, names, indent) if items else "unknown"
        kinds.add(f"({inner})[]" if " | " in inner else f"{inner}[]")
    if objects:
        kinds.add(_named(objects, owner, key, names, indent))
    if kinds == {"null"}:
        return "unknown"  # it has a value at times, else nobody would ask for it
    return " | ".join(sorted(kinds, key=lambda kind: (kind == "null", kind)))


def _named(objects: Sequence[Mapping[str, Json]], owner: str, key: str, names: Names, indent: str) -> str:
    name = names.parts.get((owner, key), "")
    if not name.startswith(MAP):
        return name or _object(objects, f"{owner}.{key}", names, indent)
    plain = name.removeprefix(MAP)
    values = [value for each in objects for value in each.values()]
    return f"Record<string, {plain or (_type(values, f'{owner}.{key}', '*', names, indent) if values else 'unknown')}>"
