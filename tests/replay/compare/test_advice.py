"""Which model is recommended, and why."""

import pytest

from replay.compare.advice import advice
from replay.compare.compare import compare
from replay.result import ReplayResult
from tests.support import replays


def given(results: list[ReplayResult]) -> list[str]:
    (comparison,) = compare(results)
    return advice(comparison)


SLOW = replays.result("slow", ttft=60.23, generation=25.18, decode=16.9)
FAST = replays.result("fast", ttft=2.41, generation=6.71, decode=65.3)
KEEN = replays.result("keen", ttft=1.0, generation=20.0, decode=20.0)


def test_each_title_goes_to_the_best_with_what_it_feels_like() -> None:
    assert given([SLOW, FAST, KEEN]) == [
        "Fastest to answer: keen (first token after 1.00 s, doesn't break the flow of thought)",
        "Fastest to write: fast (65.3 tokens/s, faster than people read)",
        "Best overall: fast (the whole answer in 9.12 s, the shortest)",
    ]


def test_the_shortest_of_answers_of_different_length_is_called_that() -> None:
    brief = replays.result("brief", ttft=1.0, generation=1.0, tokens=12)
    assert (
        "Best overall: brief (the whole answer in 2.00 s, the shortest, though of answers of different"
        in given([FAST, brief])[-1]
    )


def test_the_only_correct_model_is_called_that() -> None:
    wrong = replays.result("wrong", ttft=1.0, tokens=12, verdicts=replays.wrong())
    assert "Best overall: fast (the whole answer in 9.12 s, the only one that was correct)" in given([FAST, wrong])


def test_a_slow_best_is_called_slow() -> None:
    slower = replays.result("slower", ttft=80.0, generation=30.0, decode=10.0)
    assert given([SLOW, slower])[:2] == [
        "Fastest to answer: slow (first token after 60.23 s, long enough to turn to something else)",
        "Fastest to write: slow (16.9 tokens/s, faster than people read)",
    ]


@pytest.mark.parametrize(
    ("seconds", "feel"),
    [
        (0.1, "feels instant"),
        (0.11, "doesn't break the flow of thought"),
        (3.8, "a noticeable wait"),
        (10.01, "long enough to turn to something else"),
    ],
)
def test_a_wait_is_called_what_it_feels_like(seconds: float, feel: str) -> None:
    assert f"first token after {seconds:.2f} s, {feel})" in given([SLOW, replays.result("b", ttft=seconds)])[0]


@pytest.mark.parametrize(
    ("speed", "compared"),
    [(3.8, "slower than people read"), (5.0, "about as fast as people read"), (6.8, "faster than people read")],
)
def test_writing_is_compared_with_reading(speed: float, compared: str) -> None:
    both = [replays.result(name, ttft=1.0, decode=speed) for name in ("a", "b")]
    assert f"({speed} tokens/s, {compared}" in given(both)[1]


def test_an_agent_can_act_only_when_a_tool_call_is_whole() -> None:
    late, soon = replays.result("late", ttft=1.0, tool=9.0), replays.result("soon", ttft=2.0, tool=3.0)
    assert "Fastest to act: soon (first tool call whole after 3.00 s)" in given([late, soon])


def test_a_fast_model_whose_answers_are_wrong_is_not_recommended() -> None:
    fast = replays.result("fast", ttft=1.0, verdicts=replays.wrong())
    lines = given([SLOW, fast])
    assert lines[-1] == "Faster, but wrong: fast (in 1 of 1)"
    assert not [line for line in lines[:-1] if "fast (" in line]


def test_a_wrong_model_that_is_slower_than_a_correct_one_is_not_called_faster() -> None:
    wrong = [
        replays.result(name, ttft=ttft, verdicts=replays.wrong()) for name, ttft in (("fast", 1.0), ("late", 99.0))
    ]
    assert [line for line in given([SLOW, FAST, *wrong]) if "wrong" in line] == ["Faster, but wrong: fast (in 1 of 1)"]


def test_the_advice_says_how_often_the_model_was_correct() -> None:
    fast = [
        replays.result("fast", number, verdicts=replays.wrong() if number == 2 else replays.RIGHT)
        for number in range(1, 4)
    ]
    assert "correct in 2 of 3" in given([SLOW, *fast])[0]


def test_where_all_are_wrong_none_is_recommended() -> None:
    results = [replays.result(model, verdicts=replays.wrong()) for model in "ab"]
    assert given(results) == ["No model was correct in most of its answers: see the details."]


def test_a_title_is_shared_where_no_difference_was_shown() -> None:
    results = [*replays.runs("a", [2.4, 2.5, 2.6, 2.4, 2.5, 2.6]), *replays.runs("b", [2.5, 2.4, 2.4, 2.6, 2.6, 2.5])]
    assert "; no difference shown to b" in given(results)[0]


def test_a_single_model_is_not_recommended() -> None:
    assert given([FAST]) == []
    assert given([FAST, replays.failed()]) == []
