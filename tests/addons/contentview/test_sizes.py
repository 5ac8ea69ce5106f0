"""How large the sections of a request are, and their shares of the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from addons.contentview.sizes import BEST, BYTES, Shares, shares
from traces.content.parts import Part

BODY = {
    "system": "Be brief.",
    "tools": [{"name": "Read", "description": "Reads a file.", "input_schema": {"type": "object"}}],
    "messages": [{"role": "user", "content": "Grüße"}],
}


def sized(system: int, tools: int, messages: int) -> Shares:
    return Shares(
        [
            (Part("system", "system", ""), system),
            (Part("tools", "tool", ""), tools),
            (Part("messages", "user", ""), messages),
        ]
    )


def test_bytes_are_those_of_utf_8() -> None:
    assert shares(BODY, BYTES).size("messages") == len("Grüße".encode())


def test_tokens_are_counted_where_the_tokenizer_is_installed() -> None:
    assert BEST.unit == "token"
    assert shares(BODY, BEST).size("system") == 3


def test_a_lone_surrogate_is_measured_like_the_question_mark_that_replaces_it() -> None:
    for sizer in (BEST, BYTES):
        assert sizer.sizes(["\ud800"]) == [1]


@pytest.mark.parametrize(
    ("sizes", "percents"),
    [
        ((15432, 12821, 1200), (52, 44, 4)),
        ((1, 1, 1), (34, 33, 33)),
        ((0, 0, 7), (0, 0, 100)),
        ((0, 0, 0), (0, 0, 0)),
    ],
)
def test_percentages_are_whole(sizes: tuple[int, int, int], percents: tuple[int, int, int]) -> None:
    assert tuple(sized(*sizes).percents.values()) == percents


@given(some.tuples(*[some.integers(0, 10**7)] * 3).filter(any))
def test_percentages_add_up_to_100_and_are_less_than_one_off(sizes: tuple[int, int, int]) -> None:
    percents = tuple(sized(*sizes).percents.values())
    assert sum(percents) == 100
    for percent, size in zip(percents, sizes, strict=True):
        assert abs(percent - 100 * size / sum(sizes)) < 1
