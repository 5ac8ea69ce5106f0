"""Counts of tokens of any type, under any name: nothing raises, and what is no count is neither taken nor wipes one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.perturbed import events_of, read_events
from tests.support.streams import FOLDER
from traces.dialects import FORMATS, Dialect, usage_of
from traces.dialects.usage import NAMES, Usage, count, update
from traces.model import Json

NO_COUNT: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        False,
        -1,
        -1.5,
        0.5,
        float("nan"),
        float("inf"),
        10**400,
        "",
        "many",
        "-3",
        "1e3",
        [],
        [5],
        {},
        {"a": 5},
    ]
)
COUNTS: st.SearchStrategy[Any] = st.integers(1, 10**9) | st.integers(1, 10**6).map(float) | st.integers(1, 99).map(str)
NAME = st.sampled_from([name for names in NAMES.values() for name in names])
HOLDERS = ("usage", "x_groq", "timings", "metrics")


def nested(counts: dict[str, Any]) -> dict[str, Any]:
    """Return counts of dotted names within objects."""
    usage: dict[str, Any] = {}
    for name, value in counts.items():
        holder, dot, field = name.rpartition(".")
        if dot and isinstance(usage.setdefault(holder, {}), dict):
            usage[holder][field] = value
        elif not dot:
            usage.setdefault(name, value)
    return usage


def counts_in(value: Json, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], int]:
    if isinstance(value, dict):
        return {place: n for key, held in value.items() for place, n in counts_in(held, (*path, key)).items()}
    found = count(value)
    return {path: found} if found else {}


@given(
    st.dictionaries(NAME, NO_COUNT, max_size=6),
    st.sampled_from(HOLDERS),
    st.sampled_from(["content", "choices", "output"]),
)
def test_what_is_no_count_is_not_taken(counts: dict[str, Any], holder: str, kind: str) -> None:
    message = {kind: [], holder: nested(counts)}
    assert usage_of(message) == Usage()


@given(st.dictionaries(NAME, NO_COUNT | COUNTS, max_size=8), st.sampled_from(HOLDERS))
def test_a_count_is_a_whole_number_or_unknown(counts: dict[str, Any], holder: str) -> None:
    for kind in ("content", "choices", "output"):
        found = usage_of({kind: [], holder: nested(counts)})
        for each in (found.uncached, found.cache_read, found.cache_written, found.output, found.reasoning, found.total):
            assert each is None or (type(each) is int and each >= 0)


@given(st.dictionaries(NAME, COUNTS, max_size=6), st.dictionaries(NAME, NO_COUNT | COUNTS, max_size=6))
def test_no_known_count_is_wiped(before: dict[str, Any], after: dict[str, Any]) -> None:
    known = counts_in(nested(before))
    assert known.keys() <= counts_in(update(nested(before), nested(after))).keys()


STREAMS: dict[Dialect, str] = {
    "anthropic": "anthropic-text",
    "chat": "chat-llamacpp-tool",
    "responses": "responses-llamacpp-text",
    "gemini": "gemini-tool",
}


@pytest.mark.parametrize("dialect", FORMATS)
@given(data=st.data())
def test_a_streams_last_report_wipes_no_count(dialect: Dialect, data: st.DataObject) -> None:
    events = events_of(FOLDER / f"{STREAMS[dialect]}.sse")
    known: Any = read_events(dialect, events).message()
    held = "usageMetadata" if dialect == "gemini" else "usage"
    odd = nested(data.draw(st.dictionaries(st.sampled_from(sorted(known[held])), NO_COUNT)))
    odd = json.loads(json.dumps(odd).replace("NaN", "null").replace("Infinity", "-1"))
    last: Any = {
        "anthropic": {"type": "message_delta", "delta": {}, "usage": odd},
        "chat": {"choices": [], "usage": odd},
        "responses": {"type": "response.completed", "response": {"usage": odd}},
        "gemini": {"candidates": [], "usageMetadata": odd},
    }[dialect]
    message: Any = read_events(dialect, [*events, last]).message()
    assert counts_in(known[held]).items() <= counts_in(message[held]).items()
