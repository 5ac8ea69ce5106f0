import statistics
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replay.load.arrivals import Share, Start, sessions, starts
from replay.load.plan import Agents, Arrivals, LoadPlan

PLAN = LoadPlan(duration=600.0, ramp=8.0, seed=7)


def test_agents_begin_evenly_within_the_ramp_and_go_on() -> None:
    assert list(starts(PLAN, Agents(4), 1)) == [Start(lane, 2.0 * (lane - 1), False) for lane in (1, 2, 3, 4)]


def test_a_constant_clock_begins_a_session_at_even_times() -> None:
    found = list(starts(PLAN, Arrivals(2.0, "constant"), 1))
    assert [(start.lane, start.at) for start in found[:3]] == [(1, 0.0), (2, 30.0), (3, 60.0)]
    assert len(found) == 20
    assert all(start.once for start in found)


def test_a_poisson_clock_begins_as_many_on_average_with_as_much_spread() -> None:
    begins = [start.at for start in starts(LoadPlan(duration=36_000.0), Arrivals(60.0), 1)]
    gaps = [later - earlier for earlier, later in pairwise(begins)]
    assert statistics.fmean(gaps) == pytest.approx(1.0, rel=0.02)
    assert statistics.stdev(gaps) == pytest.approx(1.0, rel=0.03)


def test_the_same_seed_begins_at_the_same_times_and_another_run_does_not() -> None:
    def begins(seed: int, run: int) -> list[Start]:
        return list(starts(LoadPlan(duration=600.0, seed=seed), Arrivals(6.0), run))

    assert begins(1, 1) == begins(1, 1)
    assert begins(1, 1) != begins(2, 1)
    assert begins(1, 1) != begins(1, 2)


@settings(max_examples=25)
@given(st.integers(1, 9), st.integers(0, 3), st.integers(1, 40))
def test_each_lane_plays_all_sessions_and_at_any_time_all_are_played_alike(of: int, seed: int, lane: int) -> None:
    plan = LoadPlan(seed=seed)
    assert sorted(islice(sessions(plan, 1, lane, of), of)) == list(range(of))
    firsts = [next(sessions(plan, 1, each, of)) for each in range(lane, lane + of)]
    assert sorted(firsts) == list(range(of))


@settings(max_examples=25)
@given(st.integers(1, 9), st.integers(0, 100))
def test_parts_hold_each_lane_once_and_all_requests(of: int, whole: int) -> None:
    parts = [Share(index, of) for index in range(of)]
    assert all(sum(part.holds(lane) for part in parts) == 1 for lane in range(1, 30))
    assert sum(part.part_of(whole) for part in parts) == whole


def test_there_is_no_part_beyond_the_last() -> None:
    with pytest.raises(ValueError, match="no part 2 of 2"):
        Share(2, 2)


def test_no_two_agents_begin_within_the_same_millisecond() -> None:
    begins = [start.at for start in starts(LoadPlan(), Agents(50), 1)]
    assert min(later - earlier for earlier, later in pairwise(begins)) >= 0.000999
