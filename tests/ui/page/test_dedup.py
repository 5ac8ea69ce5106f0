"""Lists and bodies come back as they were, and take little room where they repeat one another."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.json_values import json_values
from tests.support.pages import expanded
from traces import jsonio
from ui.page.dedup import LEAST, LONG, RECENT, Lists, Texts


def test_numbers_in_a_row_are_a_run() -> None:
    lists = Lists()

    assert lists.add([3, 4, 5, 9, 9, 10]) == 0
    assert lists.runs == [[[3, 6], [9, 10], [9, 11]]]


def test_the_same_list_is_kept_once() -> None:
    lists = Lists()

    assert [lists.add([1, 2]), lists.add([5]), lists.add([1, 2]), lists.add([])] == [0, 1, 0, 2]
    assert lists.runs == [[[1, 3]], [[5, 6]], []]


def test_a_list_refers_to_an_earlier_one_around_what_is_new() -> None:
    lists = Lists()
    history = [*range(0, 40, 2)]
    lists.add(history)

    lists.add([*history[:9], 100, *history[9:], 200, 201])

    assert lists.runs[1] == [[0, 9, 0], [100, 101], [9, 20, 0], [200, 202]]


def test_a_short_common_stretch_is_repeated() -> None:
    lists = Lists()
    lists.add(range(LEAST - 1))

    lists.add([*range(LEAST - 1), 100])

    assert lists.runs[1] == [[0, LEAST - 1], [100, 101]]


def test_a_thousand_growing_lists_that_differ_near_the_front_take_little_room() -> None:
    lists = Lists()
    for turn in range(1000):
        lists.add([0, 1, 5000 + turn, *range(2, 400 + 2 * turn)])

    assert len(json.dumps(lists.runs)) < 60 * 1000


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=5).map(
            lambda runs: [number for begin, length in runs for number in range(begin, begin + length)]
        ),
        max_size=RECENT + 3,
    )
)
def test_every_list_comes_back_as_it_was(given: list[list[int]]) -> None:
    lists = Lists()

    places = [lists.add(numbers) for numbers in given]

    assert [expanded(lists.runs, place) for place in places] == given


LETTER = "A long text that a session repeats in every one of its turns. "


def whole(texts: Texts, pieces: list[Any]) -> str:
    """Return the body as the page's script reads it."""
    return "".join(
        piece
        if isinstance(piece, str)
        else jsonio.dumps(texts.texts[piece]).decode()
        if isinstance(piece, int)
        else ",".join(whole(texts, texts.items[item]) for item in expanded(texts.lists.runs, piece[0]))
        for piece in pieces
    )


def parsed(text: str | bytes) -> Any:
    """Return the value with NaN as None: JSON has no NaN."""
    return json.loads(text, parse_constant=lambda _: None)


@pytest.mark.parametrize(
    "body",
    [
        None,
        "no JSON, but text",
        LETTER,
        [],
        {},
        {"messages": []},
        {"model": "m", "messages": [{"role": "user", "content": LETTER}], "stream": True},
        {"messages": [{"a": 1}, {"b": 2}, {"a": 1}, {"a": 1}], "system": LETTER},
        {"system": [{"text": LETTER * 2}], "tools": [{"name": "Read", "description": LETTER}]},
        {"a key \ud83d": "half of a pair \ud83d" * LONG, "1.0": 1.0, "huge": 12345678901234567890},
    ],
)
def test_a_body_comes_back_as_it_was(body: Any) -> None:
    texts = Texts()

    assert json.loads(whole(texts, texts.body(body))) == body


@given(json_values(st.sampled_from(["messages", "tools", "text", LETTER])))
def test_any_body_comes_back_as_it_was(body: Any) -> None:
    texts = Texts()
    message = {"messages": [body, body], "more": body}

    assert parsed(whole(texts, texts.body(message))) == parsed(jsonio.dumps(message))


def test_a_text_is_kept_once_however_often_it_comes() -> None:
    texts = Texts()
    place = texts.place(LETTER)

    texts.body({"system": LETTER, "messages": [{"content": LETTER}, {"content": [{"text": LETTER}]}]})

    assert texts.texts == [LETTER]
    assert place == 0


def test_the_next_turn_adds_only_what_is_new() -> None:
    texts = Texts()
    said = [{"role": "user", "content": f"{number}: {LETTER}"} for number in range(4)]

    first, second = (texts.body({"messages": said[:turns]}) for turns in (3, 4))

    assert first == ['{"messages":[', [0], "]}"]
    assert second == ['{"messages":[', [1], "]}"]
    assert texts.lists.runs == [[[0, 3]], [[0, 4]]]
    assert len(texts.items) == 4


def test_a_body_nested_too_deeply_says_so() -> None:
    deep: Any = "end"
    for _ in range(100_000):
        deep = [deep]
    texts = Texts()

    assert "nested too deeply" in whole(texts, texts.body({"deep": deep}))
