"""Bodies as pieces: every body comes back as it was, and what is long is there once."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.page_texts import LONG, Texts
from tests.support.json_values import json_values
from tests.support.pages import expanded
from traces import jsonio

LETTER = "A long text that a session repeats in every one of its turns. "


def whole(texts: Texts, pieces: list[Any]) -> str:
    """What the page's script does."""
    return "".join(
        piece
        if isinstance(piece, str)
        else jsonio.dumps(texts.texts[piece]).decode()
        if isinstance(piece, int)
        else ",".join(whole(texts, texts.items[item]) for item in expanded(texts.lists.runs, piece[0]))
        for piece in pieces
    )


def parsed(text: str | bytes) -> Any:
    """JSON has no NaN: who writes a body writes null, or the word."""
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


def test_what_is_nested_too_deeply_is_said_to_be() -> None:
    deep: Any = "end"
    for _ in range(100_000):
        deep = [deep]
    texts = Texts()

    assert "nested too deeply" in whole(texts, texts.body({"deep": deep}))
