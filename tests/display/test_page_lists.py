"""Lists that repeat one another: each comes back as it was, and a session's growing history takes little room."""

import json

from hypothesis import given
from hypothesis import strategies as st

from display.page_lists import LEAST, RECENT, Lists
from tests.support.pages import expanded


def test_numbers_in_a_row_are_a_run() -> None:
    lists = Lists()

    assert lists.add([3, 4, 5, 9, 9, 10]) == 0
    assert lists.runs == [[[3, 6], [9, 10], [9, 11]]]


def test_the_same_list_is_kept_once() -> None:
    lists = Lists()

    assert [lists.add([1, 2]), lists.add([5]), lists.add([1, 2]), lists.add([])] == [0, 1, 0, 2]
    assert lists.runs == [[[1, 3]], [[5, 6]], []]


def test_what_an_earlier_list_has_is_pointed_to_around_what_is_new() -> None:
    lists = Lists()
    history = [*range(0, 40, 2)]
    lists.add(history)

    lists.add([*history[:9], 100, *history[9:], 200, 201])

    assert lists.runs[1] == [[0, 9, 0], [100, 101], [9, 20, 0], [200, 202]]


def test_too_little_in_common_is_said_again() -> None:
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
