"""Histories cut and grown: calls stay with their results, in every API format."""

from typing import Any

import pytest

from replay.variants import history
from replay.variants.history import Item
from tests.support import talks


def anthropic() -> list[Item]:
    return [
        talks.user("first"),
        talks.called("Read", "a"),
        talks.result("a", "x"),
        talks.called("Read", "b"),
        talks.result("b", "x"),
        talks.said("done"),
        talks.user("second"),
        talks.called("Read", "c"),
        talks.result("c", "x"),
    ]


def chat() -> list[Item]:
    def call(id: str) -> Item:
        return {"role": "assistant", "tool_calls": [{"id": id, "type": "function", "function": {"name": "Read"}}]}

    return [
        {"role": "system", "content": "Careful."},
        {"role": "user", "content": "first"},
        call("a"),
        {"role": "tool", "tool_call_id": "a", "content": "x"},
        {"role": "assistant", "content": "done"},
        {"role": "user", "content": "second"},
        call("c"),
        {"role": "tool", "tool_call_id": "c", "content": "x"},
    ]


def responses() -> list[Item]:
    def call(id: str) -> list[Item]:
        return [
            {"type": "reasoning", "summary": []},
            {"type": "function_call", "call_id": id, "name": "shell"},
            {"type": "function_call_output", "call_id": id, "output": "x"},
        ]

    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "first"}]}
    return [message, *call("a"), *call("b"), *call("c")]


def gemini() -> list[Item]:
    def call(name: str) -> list[Item]:
        return [
            {"role": "model", "parts": [{"functionCall": {"name": name}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": name}}]},
        ]

    return [{"role": "user", "parts": [{"text": "first"}]}, *call("read"), *call("write"), *call("read")]


ALL = pytest.mark.parametrize(
    "items", [anthropic(), chat(), responses(), gemini()], ids=["anthropic", "chat", "responses", "gemini"]
)


def ids(items: list[Item], of: Any) -> set[str]:
    return {id for item in items for id in of(item)}


@ALL
def test_every_cut_keeps_pairs_whole_and_ends_as_before(items: list[Item]) -> None:
    found = list(history.cuts(items))
    assert found
    lengths = [len(each) for each in found]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] < len(items)
    for each in found:
        assert each[-1] is items[-1]
        assert ids(each, history._results) <= ids(each, history._calls)
        first = next(item for item in each if item.get("role") != "system")
        assert first.get("role") == "user"
        assert not history._results(first)
        assert [item for item in each if item.get("role") == "system"] == [
            i for i in items if i.get("role") == "system"
        ]


def test_in_the_middle_of_a_task_the_words_that_began_it_stay() -> None:
    items = anthropic()[:5]
    assert list(history.cuts(items)) == [[items[0], *items[3:]]]
    assert list(history.cuts(anthropic()))[-1] == anthropic()[6:]


@ALL
def test_what_stands_before_another_history_is_whole(items: list[Item]) -> None:
    for each in history.openings(items):
        assert ids(each, history._results) == ids(each, history._calls)
        whole = history.joined(each, items)
        assert whole[-1] is items[-1]
        assert len(whole) >= len(items)
        assert [item for item in whole if item.get("role") == "system"] == [
            i for i in items if i.get("role") == "system"
        ]


def test_an_agent_s_steps_can_be_put_into_a_task() -> None:
    steps = list(history.steps_in([talks.result("z", "x"), *anthropic()[1:5]]))
    assert [len(each) for each in steps] == [2, 4]
    grown = history.inserted(steps[-1], anthropic()[:3])
    assert [item["role"] for item in grown] == ["user", "assistant", "user", "assistant", "user", "assistant", "user"]
    assert grown[-1] == anthropic()[2]


def test_two_messages_of_the_user_in_a_row_become_one() -> None:
    joined = history.joined([*anthropic()[:3]], [{"role": "user", "content": "next"}])
    assert [item["role"] for item in joined] == ["user", "assistant", "user"]
    assert joined[-1]["content"][-1] == {"type": "text", "text": "next"}
