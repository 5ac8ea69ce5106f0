"""One field of one event of a events_of stream has another shape than its API format promises.

Whatever it is: nothing is raised, the message can be written as JSON, and what other events say is in it.
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.streams import files
from traces.dialects import FORMATS, Dialect
from traces.dialects.base import Stream
from traces.dialects.sse import ServerEvent

Place = tuple[str | int, ...]
Events = list[Any]

OTHER_TYPES: tuple[Any, ...] = (True, 7, -1.5, "7", [], {}, ["a", 1], {"a": [None]}, 10**30)
WAYS = ("other type", "missing", "null", "renamed", "in a list", "in an object", "event twice", "events swapped")

WORDS = ("text", "thinking", "content", "reasoning_content", "refusal")
"""Fields of a delta that hold what the model says; in Responses, events of these types have it in `delta`."""

SPOKEN = ("response.output_text.delta", "response.reasoning_summary_text.delta", "response.refusal.delta")


def events_of(file: Path) -> Events:
    lines = [line.removeprefix("data: ") for line in file.read_text().splitlines() if line.startswith("data: {")]
    return [json.loads(line) for line in lines]


def read(dialect: Dialect, events: Events) -> Stream:
    stream = FORMATS[dialect].stream()
    for event in events:
        stream.feed(ServerEvent(None, json.dumps(event)), at=1.0)
    return stream


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*path, key)
        yield from places(value[key], (*path, key))


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


def texts_of(dialect: Dialect, event: Any) -> Iterator[str]:
    """Yield the texts that the model wrote in this event, without arguments of tools."""
    if dialect == "responses":
        if event.get("type") in SPOKEN:
            yield event["delta"]
        return
    choices = event.get("choices") or []
    deltas = [choice.get("delta", {}) for choice in choices] if dialect == "chat" else [event.get("delta", {})]
    yield from (delta[name] for delta in deltas for name in WORDS if isinstance(delta.get(name), str))


def repeats(event: Any) -> bool:
    """Return whether an event of Responses says once more what was streamed: what is odd in it still replaces that."""
    return str(event.get("type")).endswith((".done", ".completed", ".failed"))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(inner)


def lost_words(dialect: Dialect, events: Events, number: int, path: Place, way: str, other: Any) -> list[str]:
    """Return what other events say and the message of the perturb stream doesn't hold."""
    changed = perturb(events, number, path, way, other)
    stream = read(dialect, changed)
    message = stream.message()
    json.dumps(message, allow_nan=False)
    said = "\n".join(strings(message))
    touched = {number, number + 1} if way == "events swapped" else {number}
    return [
        words
        for place, event in enumerate(events)
        if place not in touched
        for words in texts_of(dialect, event)
        if words not in said
    ]


@pytest.mark.parametrize("dialect", FORMATS)
@given(data=st.data())
def test_an_odd_field_costs_nothing_else(dialect: Dialect, data: st.DataObject) -> None:
    events = events_of(data.draw(st.sampled_from(files(dialect)), label="file"))
    number = data.draw(st.sampled_from([at for at, event in enumerate(events) if not repeats(event)]), label="event")
    path = data.draw(st.sampled_from(list(places(events[number]))), label="path")
    way = data.draw(st.sampled_from(WAYS), label="way")
    other = data.draw(st.sampled_from(OTHER_TYPES), label="value")

    assert lost_words(dialect, events, number, path, way, other) == []
