"""What a server told over a level: gauges on average, counters by how much they grew."""

from replay.load import told
from replay.load.monitor import Sample

SAMPLES = [
    Sample(0.0, {"waiting": 9.0, "preemptions": 5.0}),
    Sample(1.0, {"waiting": 0.0, "preemptions": 5.0}),
    Sample(2.0, {"waiting": 4.0, "preemptions": 6.0}),
    Sample(3.0, {"waiting": 9.0, "preemptions": 8.0}),
]


def test_a_gauge_is_averaged_within_the_level_and_a_counter_grows_around_it() -> None:
    assert told.over(SAMPLES, 0.5, 2.5) == {"waiting": 2.0, "preemptions": 3.0}


def test_a_counter_that_was_set_back_is_unknown() -> None:
    samples = [*SAMPLES, Sample(4.0, {"preemptions": 0.0})]
    assert told.over(samples, 0.5, 3.5) == {"waiting": 13 / 3}


def test_nothing_was_told() -> None:
    assert told.over([], 0.0, 9.0) == {}


def test_two_levels_side_by_side() -> None:
    assert told.averages({"waiting": 1.0}, {"kv_usage": 0.5}) == {"waiting": (1.0, None), "kv_usage": (None, 0.5)}
