"""Servers that count cached tokens twice."""

import pytest

from replay.run import double_counting
from tests.support import replays
from traces import metrics
from traces.metrics import InputUsage


@pytest.mark.parametrize(
    ("usage", "uncached"),
    [
        (InputUsage(4000, 3990, 0), 10),
        (InputUsage(4000, 4000, 0), 0),
        (InputUsage(3000, 2900, None), 100),  # another tokenizer
        (InputUsage(10, 3990, 0), 10),
        (InputUsage(2000, 2000, 0), 2000),
        (InputUsage(4000, 0, 0), 4000),
        (InputUsage(4000, None, None), 4000),
        (InputUsage(9000, 8990, 0), 9000),  # as many as nobody expects: who knows
    ],
)
def test_cached_tokens_are_counted_once_where_the_prompt_is_known_to_be_no_longer(
    usage: InputUsage, uncached: int
) -> None:
    found = metrics.count_cached_once(usage, 4000, 1.4)
    assert found == usage._replace(uncached=uncached)


def test_runs_of_one_request_are_corrected_by_those_that_leave_no_doubt() -> None:
    twice = replays.result("twice", usage=InputUsage(4000, 3990, None))
    honest = replays.result("honest", usage=InputUsage(10, 3990, None))
    found, same = double_counting.correct_all([twice, honest])
    assert (found.metrics.input, found.notes) == (InputUsage(10, 3990, None), (double_counting.NOTE,))
    assert same is honest
    assert double_counting.correct_all([found, same]) == [found, same]


def test_a_servers_own_first_run_shows_how_long_the_prompt_is() -> None:
    cold = replays.result("twice", 1, usage=InputUsage(4000, 0, None))
    warm = replays.result("twice", 2, usage=InputUsage(4000, 3990, None))
    assert [run.metrics.input.total for run in double_counting.correct_all([cold, warm]) if run.metrics.input] == [
        4000,
        4000,
    ]


def test_where_all_may_count_so_nothing_is_changed() -> None:
    runs = [replays.result(model, usage=InputUsage(4000, 3990, None)) for model in "ab"]
    assert double_counting.correct_all(runs) == runs
