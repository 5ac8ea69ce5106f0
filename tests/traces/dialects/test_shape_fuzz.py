"""One field of one event of a recorded stream has another shape than its API format promises.

Whatever it is: nothing is raised, the message can be written as JSON, what other events say is in it, and it is the
same message unless the exchange is marked. ANYCLAUDE_TEST_EXAMPLES sets the number of examples (see conftest.py).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.perturbed import (
    ORDER,
    OTHER_TYPES,
    WAYS,
    Case,
    all_cases,
    events_of,
    places,
    read_events,
    strings,
)
from tests.support.streams import files
from traces.dialects import FORMATS, Dialect

WORDS = ("text", "thinking", "content", "reasoning_content", "refusal")
"""Fields of a delta that hold what the model says; in Responses, events of these types have it in `delta`."""

SPOKEN = ("response.output_text.delta", "response.reasoning_summary_text.delta", "response.refusal.delta")


@st.composite
def cases(draw: st.DrawFn, dialect: Dialect) -> Case:
    events = events_of(draw(st.sampled_from(files(dialect)), label="file"))
    number = draw(st.integers(0, len(events) - 1), label="event")
    path = draw(st.sampled_from(list(places(events[number]))), label="path")
    way = draw(st.sampled_from(WAYS), label="way")
    other = draw(st.sampled_from(OTHER_TYPES), label="value") if way == "other type" else None
    return Case(dialect, events, number, path, way, other)


def texts_of(dialect: Dialect, event: Any) -> Iterator[str]:
    """What the model says in this event, arguments of tools aside."""
    if dialect == "responses":
        if event.get("type") in SPOKEN:
            yield event["delta"]
        return
    if dialect == "gemini":
        for candidate in event.get("candidates") or []:
            yield from (part["text"] for part in candidate["content"]["parts"] if "text" in part)
        return
    choices = event.get("choices") or []
    deltas = [choice.get("delta", {}) for choice in choices] if dialect == "chat" else [event.get("delta", {})]
    yield from (delta[name] for delta in deltas for name in WORDS if isinstance(delta.get(name), str))


def lost_words(case: Case) -> list[str]:
    """Return what other events say and the message of the perturbed stream doesn't hold."""
    message = read_events(case.dialect, case.changed).message()
    json.dumps(message, allow_nan=False)
    said = "\n".join(strings(message))
    return [
        words
        for place, event in enumerate(case.events)
        if place not in case.touched
        for words in texts_of(case.dialect, event)
        if words not in said
    ]


@pytest.mark.parametrize("dialect", FORMATS)
@given(data=st.data())
def test_an_odd_field_costs_nothing_else(dialect: Dialect, data: st.DataObject) -> None:
    assert lost_words(data.draw(cases(dialect))) == []


NEEDED: Mapping[Dialect, str] = {
    "anthropic": r"type|index|message|content_block|delta|error|message\.(type|role)|error\.message"
    r"|content_block\.(type|id|name|text|thinking)|delta\.(type|text|thinking|partial_json|stop_reason)",
    "chat": r"error|error\.message|choices\.#\.(index|delta)"
    r"|choices\.#\.delta\.tool_calls\.#\.(id|function|function\.name)",
    "gemini": r"error|error\.message|candidates\.#\.content\.parts\.#\.functionCall\.name",
    "responses": r"type|item|item\.type|item_id|part|delta|text|arguments|response|response\.error\.message",
}
"""The fields without which no client reads an event: one that lacks them is marked."""

IDENTIFIERS = ("id", "call_id", "system_fingerprint")

OF_ANY_NAME = ("timings", "input_tokens_details", "prompt_tokens_details")
"""Objects in which servers have counts of their own."""

UNKNOWN = ("seed", "shiny_new_tokens")
"""Fields of the recordings that no format lists."""

UNMARKED: Mapping[str, Callable[[Case], bool]] = {
    "a piece that comes twice, or in another order, is as good as any": lambda case: (
        case.way in ORDER and (case.event_type == "chunk" or case.event_type.endswith(("_delta", ".delta")))
    ),
    "servers leave fields out, write null in them, and add fields of their own": lambda case: (
        case.way in ("missing", "null", "renamed") and not re.fullmatch(NEEDED[case.dialect], case.field)
    ),
    "servers number what others name": lambda case: (
        case.last in IDENTIFIERS and isinstance(case.other, int) and not isinstance(case.other, bool)
    ),
    "a text may be where null was": lambda case: case.before is None and isinstance(case.other, str),
    "counts of none are no less than null": lambda case: case.field == "response.usage" and case.other == {},
    "an empty error is none": lambda case: case.field == "response.error" and case.other in ([], {}),
    "an input has the fields that its tool wants, and may begin as a text": lambda case: (
        case.field == "content_block.input" and (case.way == "in an object" or isinstance(case.other, str))
    ),
    "a function's arguments are what its schema wants": lambda case: "functionCall.args" in case.field,
    "a tool's result is a text, a list or an object": lambda case: (
        case.field == "content_block.content" and (case.other == {} or isinstance(case.other, str))
    ),
    "servers have counts of their own": lambda case: case.way == "in an object" and case.last in OF_ANY_NAME,
    "nothing is promised of a field that isn't known": lambda case: case.last in UNKNOWN,
}
"""Why a perturbed stream may say something else and be right all the same."""


def is_same_or_marked(case: Case) -> bool:
    """Return whether the perturbed stream makes the same message, or is marked more than it was, or is an error."""
    plain, odd = (read_events(case.dialect, events) for events in (case.events, case.changed))
    marks, more = (stream.odd.count if stream.odd else 0 for stream in (plain, odd))
    return odd.message() == plain.message() or more > marks or odd.error != plain.error or is_odd_already(case)


def is_odd_already(case: Case) -> bool:
    """Return whether the event is marked as it was recorded; it is counted once."""
    until = [read_events(case.dialect, case.events[:end]).odd for end in (case.number, case.number + 1)]
    return until[0] != until[1]


@pytest.mark.parametrize("dialect", FORMATS)
@given(data=st.data())
def test_an_odd_field_changes_no_message_unmarked(dialect: Dialect, data: st.DataObject) -> None:
    case = data.draw(cases(dialect))
    reasons = [why for why, holds in UNMARKED.items() if holds(case)]
    assert is_same_or_marked(case) or reasons


@pytest.mark.parametrize("why", UNMARKED)
def test_each_exception_is_needed(why: str) -> None:
    """Some stream is unmarked and says something else for this reason, and for no other."""
    alone = (case for case in all_cases() if [name for name, holds in UNMARKED.items() if holds(case)] == [why])
    assert any(not is_same_or_marked(case) for case in alone)


ENDS_EARLY = ("responses-failed",)
"""Recordings in which something is odd: the answer fails, and its last event has nothing of what was streamed."""


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_nothing_is_odd_in_what_servers_send(file: Path) -> None:
    dialect: Any = file.stem.partition("-")[0]
    assert (read_events(dialect, events_of(file)).odd is not None) == (file.stem in ENDS_EARLY)
