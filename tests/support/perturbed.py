"""Recorded streams in which one field of one event has another shape, or an event is said twice or too early."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from traces.dialects import FORMATS, Dialect
from traces.dialects.base import Stream
from traces.dialects.sse import ServerEvent

Place = tuple[str | int, ...]
Events = list[Any]

OTHER_TYPES: tuple[Any, ...] = (True, 7, -1.5, "7", [], {}, ["a", 1], {"a": [None]}, 10**30)
WAYS = ("other type", "missing", "null", "renamed", "in a list", "in an object", "event twice", "events swapped")


def recorded(file: Path) -> Events:
    lines = [line.removeprefix("data: ") for line in file.read_text().splitlines() if line.startswith("data: {")]
    return [json.loads(line) for line in lines]


def read_events(dialect: Dialect, events: Events) -> Stream:
    stream = FORMATS[dialect].stream()
    for event in events:
        stream.feed(ServerEvent(None, json.dumps(event)), at=1.0)
    return stream


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*path, key)
        yield from places(value[key], (*path, key))


def dotted(path: Place) -> str:
    """Return a path with its keys between points; a place in a list is `#`."""
    return ".".join("#" if isinstance(key, int) else key for key in path)


def value_at(value: Any, path: Place) -> Any:
    for key in path:
        value = value[key]
    return value


def perturbed(events: Events, number: int, path: Place, way: str, other: Any) -> Events:
    changed = copy.deepcopy(events)
    if way == "event twice":
        return [*changed[: number + 1], copy.deepcopy(changed[number]), *changed[number + 1 :]]
    if way == "events swapped":
        return [*changed[:number], *reversed(changed[number : number + 2]), *changed[number + 2 :]]
    holder = changed[number]
    for key in path[:-1]:
        holder = holder[key]
    key, value = path[-1], holder[path[-1]]
    match way:
        case "missing":
            del holder[key]
        case "renamed" if isinstance(holder, dict):
            holder[f"x_{key}"] = holder.pop(key)
        case "null":
            holder[key] = None
        case "in a list":
            holder[key] = [value]
        case "in an object":
            holder[key] = {"value": value}
        case _ if json_type(other) != json_type(value):
            holder[key] = other
    return changed


def json_type(value: Any) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(inner)
