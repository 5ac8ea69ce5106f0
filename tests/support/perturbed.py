"""Recorded streams in which one field of one event has another shape, or an event is said twice or too early."""

import copy
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.streams import files
from traces.dialects import FORMATS, Dialect
from traces.dialects.base import Stream
from traces.dialects.sse import ServerEvent

Place = tuple[str | int, ...]
Events = list[Any]

OTHER_TYPES: tuple[Any, ...] = (True, 7, -1.5, "7", [], {}, ["a", 1], {"a": [None]}, 10**30)
WAYS = ("other type", "missing", "null", "renamed", "in a list", "in an object", "event twice", "events swapped")
ORDER = ("event twice", "events swapped")


def events_of(file: Path) -> Events:
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


def dotted_path(path: Place) -> str:
    """Return a path with its keys between points; a place in a list is `#`."""
    return ".".join("#" if isinstance(key, int) else key for key in path)


def value_at(value: Any, path: Place) -> Any:
    for key in path:
        value = value[key]
    return value


def perturb(events: Events, number: int, path: Place, way: str, other: Any) -> Events:
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


@dataclass(frozen=True, slots=True)
class Case:
    """A perturbation: of the field at `path` of the event with this number, in this way, perhaps into `other`."""

    dialect: Dialect
    events: Events
    number: int
    path: Place
    way: str
    other: Any = None

    @property
    def event_type(self) -> str:
        return str(self.events[self.number].get("type", "")) if self.dialect not in ("chat", "gemini") else "chunk"

    @property
    def field(self) -> str:
        return dotted_path(self.path)

    @property
    def last(self) -> str:
        return self.field.rpartition(".")[2]

    @property
    def before(self) -> Any:
        return value_at(self.events[self.number], self.path)

    @property
    def changed(self) -> Events:
        return perturb(self.events, self.number, self.path, self.way, self.other)

    @property
    def touched(self) -> set[int]:
        return {self.number, self.number + 1} if self.way == "events swapped" else {self.number}


def all_cases() -> Iterator[Case]:
    """Yield every perturbation of the recorded streams."""
    for dialect in FORMATS:
        for file in files(dialect):
            events = events_of(file)
            for number, event in enumerate(events):
                for path in places(event):
                    yield from (
                        Case(dialect, events, number, path, way, other)
                        for way in WAYS
                        for other in (OTHER_TYPES if way == "other type" else (None,))
                    )


def sample(dialects: Sequence[Dialect], number: int) -> list[Case]:
    """Return some of these API formats' perturbations, always the same ones; all where there are no more."""
    found = [
        case for case in all_cases() if case.dialect in dialects and (case.way not in ORDER or len(case.path) == 1)
    ]
    random.Random(0).shuffle(found)
    return found[:number]


WRITTEN = (
    *("text", "thinking", "content", "refusal", "arguments", "reasoning_content", "reasoning"),
    *("name", "input", "citations", "code"),
)
"""The fields of a message that hold what a model wrote."""


def texts_by_model(value: Any, name: str = "") -> Iterator[str]:
    """Yield the texts in a message that a model wrote."""
    if isinstance(value, str) and name in WRITTEN:
        yield value
    elif isinstance(value, dict):
        for key, held in value.items():
            yield from texts_by_model(held, name if name == "input" else key)
    elif isinstance(value, list):
        for held in value:
            yield from texts_by_model(held, name)


def unread_texts(case: Case, theirs: Any) -> list[str]:
    """Return the texts of a perturbed stream that are in another reader's message, and not in ours."""
    ours = read_events(case.dialect, case.changed).message()
    here, there = "\n".join((*strings(ours), json.dumps(ours))), "\n".join(texts_by_model(theirs))
    return [text for text in strings(case.changed) if text in there and text not in here]
