"""Pieces of a field become the field, and a closing value is merged into it."""

import pytest

from traces.dialects.merge import Growing, merge_closing, pair_up
from traces.model import Json

GROWN: dict[str, tuple[list[Json], Json]] = {
    "texts": (["a", "b"], "ab"),
    "nothing": ([None, None], None),
    "a text after nothing": ([None, "a"], "a"),
    "lists": ([[1], [2]], [1, 2]),
    "objects": ([{"text": "a", "id": "x"}, {"text": "b", "id": "y"}], {"text": "ab", "id": "y"}),
    "numbered items": (
        [[{"index": 0, "text": "a"}], [{"index": 1, "text": "x"}, {"index": 0, "text": "b"}]],
        [{"index": 0, "text": "ab"}, {"index": 1, "text": "x"}],
    ),
    "signatures": ([{"signature": "a"}, {"signature": "b"}], {"signature": "b"}),
    "numbers": ([1, 2], 2),
    "another kind": (["a", {"b": 1}], {"b": 1}),
}


@pytest.mark.parametrize(("pieces", "value"), GROWN.values(), ids=GROWN)
def test_pieces_grow(pieces: list[Json], value: Json) -> None:
    growing = Growing(name="anything")
    for piece in pieces:
        growing.add(piece)
    assert growing.value() == value


COMPLETED: dict[str, tuple[Json, Json, Json]] = {
    "empty": ({"text": "abc"}, {"text": ""}, {"text": "abc"}),
    "shorter": ({"text": "abc"}, {"text": "ab"}, {"text": "abc"}),
    "longer": ({"text": "ab"}, {"text": "abc"}, {"text": "abc"}),
    "another status": ({"status": "in_progress"}, {"status": "done"}, {"status": "done"}),
    "more fields": ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
    "null": ({"a": [1]}, {"a": None}, {"a": [1]}),
    "a text that is a number": ({"text": "abc"}, {"text": 7}, {"text": "abc"}),
    "a text that is a list": ({"text": "abc"}, {"text": ["a", 1]}, {"text": "abc"}),
    "a list that is true": ({"summary": [{"text": "abc"}]}, {"summary": True}, {"summary": [{"text": "abc"}]}),
    "another number": ({"index": 1}, {"index": 2.0}, {"index": 2.0}),
    "arguments as an object": ({"arguments": '{"p": 1}'}, {"arguments": {"p": 1}}, {"arguments": '{"p": 1}'}),
    "an input that was cut off": ({"input": '{"p'}, {"input": {"p": 1}}, {"input": {"p": 1}}),
    "no list": ([{"type": "x"}], [], [{"type": "x"}]),
}


@pytest.mark.parametrize(("streamed", "closing", "value"), COMPLETED.values(), ids=COMPLETED)
def test_what_came_stays_and_the_closing_value_adds(streamed: Json, closing: Json, value: Json) -> None:
    assert merge_closing(streamed, closing) == value


def test_items_are_the_same_by_id_else_by_text_else_by_type() -> None:
    one: Json = {"type": "message", "id": "1", "text": "a"}
    two: Json = {"type": "message", "id": "2", "text": "b"}
    renamed: Json = {"type": "message", "id": "9", "text": "b"}
    assert pair_up([one, two], [two]) == [(one, None), (two, two)]
    assert pair_up([one, two], [renamed]) == [(one, None), (two, renamed)]
    assert pair_up([one], [one, two]) == [(one, one), (None, two)]
    call: Json = {"type": "function_call", "call_id": "x"}
    other: Json = {"type": "function_call", "call_id": "y"}
    assert pair_up([call], [other]) == [(None, other), (call, None)]
