"""The search finds the most agents that a server carries, with as few levels as it can."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.load.knee import MOST_RUNS, Ending, Goal, Knee, OutOfRequests, ServerGone, Tally, search


class Server:
    """Has a share of good turns for each number of agents, and counts who came."""

    def __init__(self, share: Callable[[int], float], turns: int = 200) -> None:
        self.share = share
        self.turns = turns
        self.played: list[int] = []
        self.tallies: dict[int, Tally] = {}

    def play(self, agents: int) -> Tally:
        self.played.append(agents)
        before = self.tallies.get(agents, Tally(0, 0, 0))
        good = round(self.share(agents) * self.turns)
        self.tallies[agents] = Tally(before.good + good, before.of + self.turns, before.runs + 1)
        return self.tallies[agents]


def carrying(most: int, turns: int = 200) -> Server:
    return Server(lambda agents: 0.98 if agents <= most else 0.5, turns)


@pytest.mark.parametrize("most", [1, 2, 3, 7, 8, 9, 31, 100])
def test_the_knee_is_between_two_neighbours(most: int) -> None:
    server = carrying(most)
    assert search(server.play, Goal()) == Knee(most, most + 1, decided=True, ended="found")
    assert len(server.played) <= 2 * most.bit_length() + 1


def test_a_server_that_carries_all_is_not_asked_for_more_than_allowed() -> None:
    server = carrying(1000)
    assert search(server.play, Goal(most_agents=24)) == Knee(24, None, decided=True, ended="agents")
    assert server.played == [1, 2, 4, 8, 16, 24]


def test_a_server_that_does_not_carry_one() -> None:
    assert search(carrying(0).play, Goal()) == Knee(None, 1, decided=True, ended="found")


def test_a_search_that_begins_above_the_knee_goes_down() -> None:
    assert search(carrying(3).play, Goal(start=16)) == Knee(3, 4, decided=True, ended="found")


def test_only_the_two_levels_at_the_knee_are_repeated_where_the_interval_does_not_decide() -> None:
    server = carrying(5, turns=10)  # 10 of 10 leaves 72% to 100%
    knee = search(server.play, Goal())
    assert (knee.carries, knee.breaks, knee.ended) == (5, 6, "found")
    counts = {agents: server.played.count(agents) for agents in server.played}
    assert counts.pop(5) == MOST_RUNS
    assert set(counts.values()) == {1}


def test_a_repeated_run_can_move_the_knee() -> None:
    """The first run of 4 agents was lucky."""
    shares = {1: [1.0], 2: [0.99] * 4, 4: [0.91, 0.6, 0.6, 0.6], 3: [0.5] * 4, 5: [0.5] * 4, 8: [0.1], 6: [0.2]}
    seen: dict[int, list[float]] = {}

    def play(agents: int) -> Tally:
        seen.setdefault(agents, []).append(shares[agents][len(seen.get(agents, []))])
        return Tally(round(sum(seen[agents]) * 60), 60 * len(seen[agents]), len(seen[agents]))

    assert search(play, Goal()) == Knee(2, 3, decided=True, ended="found")


@pytest.mark.parametrize(("error", "ended"), [(OutOfRequests, "requests"), (ServerGone, "server")])
def test_what_was_found_before_a_search_ends_counts(error: type[Exception], ended: Ending) -> None:
    server = carrying(50)

    def play(agents: int) -> Tally:
        if len(server.played) == 3:
            raise error
        return server.play(agents)

    assert search(play, Goal()) == Knee(4, None, decided=True, ended=ended)


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(5, 80))
def test_a_search_ends_whatever_the_server_does(seed: int, most: int, turns: int) -> None:
    chance = random.Random(seed)
    server = Server(lambda agents: chance.random(), turns)
    knee = search(server.play, Goal(most_agents=most))
    assert max(server.played.count(agents) for agents in server.played) <= MOST_RUNS
    assert knee.carries is None or knee.breaks is None or knee.breaks == knee.carries + 1


@pytest.mark.parametrize(
    "given", [{"share": 0.0}, {"share": 1.0}, {"start": 0}, {"start": 9, "most_agents": 8}, {"most_requests": 0}]
)
def test_a_goal_that_makes_no_sense(given: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"goal|begins|request"):
        Goal(**given)  # type: ignore[arg-type]
