"""The measures of an exchange, each against its definition.

Whole percentages.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.streams import message
from traces.metrics import (
    SHORTEST,
    InputUsage,
    chunk_gaps,
    decode_speed,
    end_to_end_speed,
    input_usage,
    measure,
    output_tokens,
    percentile,
    prefill_speed,
    sum_known,
    whole_percentages,
)
from traces.model import Content, Event, Timing


def event(at: float | None, content: Content | None = None, size: int = 0) -> Event:
    return Event(at, "any", content, size)


ANSWER = (
    event(0.1),  # message_start
    event(0.9),  # a ping
    event(1.0, "thinking", 8),
    event(2.0, "text", 2),
    event(3.0, "tool", 4),
    event(4.0, "tool", 6),
    event(4.5, "tool_end"),
    event(5.0, "tool", 4),
    event(5.5, "tool_end"),
    event(6.0),  # message_stop
)


def test_each_measure_is_taken_at_its_own_event() -> None:
    timing = measure(ANSWER, headers=0.05, total=6.25)
    assert timing == Timing(headers=0.05, ttft=1.0, first_answer=2.0, first_tool_call=4.5, last_content=5.0, total=6.25)
    assert timing.generation == 5.25


def test_the_first_token_is_neither_the_headers_nor_an_event_without_content() -> None:
    assert measure(ANSWER[:2], headers=0.05, total=1.0) == Timing(headers=0.05, total=1.0)


def test_a_tool_call_alone_is_an_answer_and_one_that_was_cut_is_no_call() -> None:
    timing = measure(ANSWER[4:6], headers=None, total=None)
    assert (timing.ttft, timing.first_answer, timing.first_tool_call) == (3.0, 3.0, None)


def test_an_answer_that_wasnt_streamed_has_only_headers_and_a_total() -> None:
    assert measure((), headers=0.5, total=2.0) == Timing(headers=0.5, total=2.0)


def test_events_without_times_measure_nothing() -> None:
    untimed = [event(None, each.content, each.size) for each in ANSWER]
    assert measure(untimed, headers=None, total=2.0) == Timing(total=2.0)
    assert decode_speed(untimed, output=10).tokens_per_second is None


def test_decode_speed_leaves_out_the_first_chunk_and_the_wait_for_it() -> None:
    chunks = [event(2.0, "text", 4), event(3.0, "text", 4), event(4.0, "text", 4), event(9.0)]
    assert decode_speed(chunks, output=9, in_first_chunk=1) == (4.0, False)


def test_decode_speed_is_an_estimate_by_the_first_chunks_share_of_the_text() -> None:
    chunks = [event(2.0, "text", 6), event(3.0, "text", 1), event(4.0, "text", 1)]
    assert decode_speed(chunks, output=8) == (1.0, True)


def test_chunks_that_arrived_together_count_as_one() -> None:
    chunks = [event(2.0, "thinking", 2), event(2.0, "text", 2), event(4.0, "text", 4)]
    assert decode_speed(chunks, output=8) == (2.0, True)


UNDEFINED = {
    "one chunk": ([event(2.0, "text", 9)], 9),
    "all at once": ([event(2.0, "text", 4), event(2.0, "text", 5)], 9),
    "no content": ([event(2.0)], 9),
    "nothing": ([], 9),
    "no count": ([event(2.0, "text", 4), event(3.0, "text", 5)], None),
    "a burst": ([event(2.0, "text", 4), event(2.0005, "text", 4), event(2.001, "text", 4)], 300),
    "a clock that ran backwards": ([event(2.0, "text", 4), event(1.0, "text", 5)], 9),
}


@pytest.mark.parametrize(("events", "output"), UNDEFINED.values(), ids=UNDEFINED)
def test_where_decode_speed_has_no_meaning_it_is_none(events: list[Event], output: int | None) -> None:
    assert decode_speed(events, output).tokens_per_second is None
    assert decode_speed(events, output, in_first_chunk=1).tokens_per_second is None


def test_an_answer_of_five_tokens_at_two_hundred_a_second_is_slow_enough_to_be_measured() -> None:
    chunks = [event(3.0 + n * 0.005, "text", 4) for n in range(5)]
    assert decode_speed(chunks, output=5, in_first_chunk=1).tokens_per_second == pytest.approx(200)


@given(
    gaps=st.lists(st.floats(2 * SHORTEST, 10), min_size=1),
    speed=st.integers(1, 10_000),
    wait=st.floats(0, 1000),
)
def test_decode_speed_is_that_of_the_server_whatever_the_wait(gaps: list[float], speed: int, wait: float) -> None:
    at, chunks = wait, [event(wait, "text", speed)]
    for gap in gaps:
        at += gap
        chunks.append(event(at, "text", round(gap * 1000) or 1))
    output = 1 + round((at - wait) * speed)
    found = decode_speed(chunks, output, in_first_chunk=1).tokens_per_second
    assert found is not None
    assert found * (at - wait) == pytest.approx(output - 1)


def test_end_to_end_speed_counts_the_wait() -> None:
    assert end_to_end_speed(30, 6.0) == 5.0
    assert end_to_end_speed(0, 6.0) == 0.0
    assert end_to_end_speed(None, 6.0) is None
    assert end_to_end_speed(30, None) is None
    assert end_to_end_speed(30, 0.0) is None


def test_prefill_speed_leaves_out_what_the_cache_had() -> None:
    assert prefill_speed(InputUsage(60, 400, 50), 0.5) == 220.0  # what is kept in the cache had to be read as well


@pytest.mark.parametrize(
    ("usage", "ttft"),
    [
        (None, 0.5),
        (InputUsage(60, 400, 50), None),
        (InputUsage(60, 400, 50), 0.0),
        (InputUsage(1000, None, None), 0.5),
        (InputUsage(15, 1015, None), 0.2),
        (InputUsage(0, 1000, None), 0.5),
    ],
    ids=["no count", "no time", "no time passed", "nothing known of the cache", "little was read", "nothing was read"],
)
def test_prefill_speed_is_unknown_where_it_is_not_known_what_was_read(
    usage: InputUsage | None, ttft: float | None
) -> None:
    assert prefill_speed(usage, ttft) is None


def test_of_a_cache_that_a_marker_kept_out_nothing_need_be_known() -> None:
    assert prefill_speed(InputUsage(1000, None, None), 0.5, cold=True) == 2000


def test_gaps_are_between_chunks_and_what_arrives_at_one_moment_is_one_chunk() -> None:
    chunks = [event(at, "text", 1) for at in (1.0, 1.0, 1.5, 3.0)]
    assert chunk_gaps([*chunks, event(9.0), event(None, "text")]) == [0.5, 1.5]


@pytest.mark.parametrize(
    ("values", "percent", "found"),
    [([], 50, None), ([3.0], 50, 3.0), ([1.0, 2.0], 50, 1.5), ([1.0, 2.0, 4.0], 75, 3.0), ([1.0, 2.0], 100, 2.0)],
)
def test_a_percentile_lies_between_values_as_numpys_does(values: list[float], percent: int, found: float) -> None:
    assert percentile(values, percent) == found


OUTPUT = {
    "anthropic-text": 9,
    "anthropic-llamacpp-tool": 57,
    "anthropic-cut-in-tool": None,  # its first count means nothing yet
    "chat-text": 6,
    "chat-llamacpp-tool": 57,
    "chat-llamacpp-text": 7,  # by its timings: it sends no usage unasked
    "chat-tools": None,
    "responses-tool": 20,
    "responses-cut-in-tool": None,
}


@pytest.mark.parametrize(("name", "tokens"), OUTPUT.items())
def test_output_tokens_are_those_that_the_server_reports(name: str, tokens: int | None) -> None:
    assert output_tokens(message(name)) == tokens


INPUT = {
    "anthropic-text": InputUsage(uncached=3, cache_read=12000, cache_written=120),
    "anthropic-llamacpp-text": InputUsage(uncached=19, cache_read=9, cache_written=None),
    "anthropic-late-usage": InputUsage(uncached=50, cache_read=950, cache_written=None),
    "anthropic-cut-in-tool": InputUsage(uncached=25, cache_read=None, cache_written=None),
    "chat-text": InputUsage(uncached=6, cache_read=24, cache_written=None),
    "chat-llamacpp-text": InputUsage(uncached=1, cache_read=27, cache_written=None),
    "chat-four-tokens": InputUsage(uncached=30, cache_read=None, cache_written=None),
    "chat-tools": None,
    "responses-tool": InputUsage(uncached=6, cache_read=24, cache_written=None),
    "responses-llamacpp-tool": InputUsage(uncached=10, cache_read=178, cache_written=None),
    "responses-cut-in-tool": None,
}


@pytest.mark.parametrize(("name", "usage"), INPUT.items())
def test_input_tokens_are_split_by_the_cache_in_every_api_format(name: str, usage: InputUsage | None) -> None:
    assert input_usage(message(name)) == usage


def test_the_details_of_the_input_add_up() -> None:
    assert InputUsage(3, 12000, 120).total == 12123
    assert InputUsage(3, None, None).total == 3


ODD: list[Any] = [
    None,
    "text",
    [],
    {},
    {"usage": None},
    {"usage": {"input_tokens": None, "output_tokens": "nine"}},
    {"usage": {"input_tokens": True, "output_tokens": False}},
    {"usage": {"input_tokens": -1, "output_tokens": -1}},
    {"choices": [], "usage": {"prompt_tokens": 1.5, "prompt_tokens_details": 7}, "timings": 3},
]


@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_count_is_no_usage(odd: Any) -> None:
    assert output_tokens(odd) is None
    assert input_usage(odd) is None


def test_zeros_that_stand_for_a_count_to_come_are_no_usage() -> None:
    zeros = {"type": "message", "usage": {"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 0}}
    assert input_usage(zeros) is None


@pytest.mark.parametrize(
    ("counts", "total", "expected"),
    [
        ([15_432, 12_821, 1_200], 100, [52, 44, 4]),
        ([1, 1, 1], 100, [34, 33, 33]),
        ([1, 0, 0], 100, [100, 0, 0]),
        ([0, 0], 100, [0, 0]),
        ([], 100, []),
        ([1, 1, 1], 2, [1, 1, 0]),
    ],
)
def test_the_largest_remainders_are_rounded_up(counts: list[int], total: int, expected: list[int]) -> None:
    assert whole_percentages(counts, total) == expected


@given(st.lists(st.integers(0, 10**9)), st.integers(0, 100))
def test_they_add_up_and_are_off_by_less_than_one(counts: list[int], total: int) -> None:
    found = whole_percentages(counts, total)
    everything = sum(counts)
    assert sum(found) == (total if everything else 0)
    for count, percent in zip(counts, found, strict=True):
        assert abs(percent * everything - count * total) < max(everything, 1)


@pytest.mark.parametrize(
    ("figures", "total"),
    [([1, 2], (3, 0)), ([1, None], (1, 1)), ([None, None], (None, 2)), ([], (0, 0)), ([0, None], (0, 1))],
)
def test_a_sum_knows_what_it_does_not_know(figures: list[float | None], total: object) -> None:
    assert sum_known(figures) == total
