"""The search for the most agents that a server carries within the objectives: its knee.

Agents are doubled until too few turns are good, and the gap is then halved. Only the two levels that are left are
played again where their interval doesn't decide: a level in between needn't be known well.
"""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from replay.compare.stats import wilson

MOST_RUNS = 4
"""How often a level is played at most: with more runs, it is the server that changed."""

Ending = Literal["found", "requests", "agents", "server"]
"""The knee was found; no request, or no further agent, was allowed; the server was gone."""

Play = Callable[[int], "Tally"]
"""Plays so many agents once, and returns what all runs of that level so far have shown."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a level must meet, and how long to look for it.

    share          of the turns that must be good
    start          agents of the first level
    most_agents    no level has more
    most_requests  no request is sent after so many in all; None: no limit
    """

    share: float = 0.9
    start: int = 1
    most_agents: int = 256
    most_requests: int | None = None

    def __post_init__(self) -> None:
        """Raise ValueError where nothing could be found."""
        if not 0 < self.share < 1:
            raise ValueError("the goal is a share of turns between 0% and 100%")
        if not 1 <= self.start <= self.most_agents:
            raise ValueError(f"a search begins with 1 agent or more, and with at most {self.most_agents}")
        if self.most_requests is not None and self.most_requests < 1:
            raise ValueError("a search takes at least 1 request")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many turns of a level were good, of how many, in so many runs."""

    good: int
    of: int
    runs: int = 1

    def meets(self, share: float) -> bool:
        return self.of > 0 and self.good / self.of >= share

    def is_decided(self, share: float) -> bool:
        """Return whether the interval of the share of good turns leaves no doubt."""
        low, high = wilson(self.good, self.of) if self.of else (0.0, 1.0)
        return low >= share or high < share


@dataclass(frozen=True, slots=True)
class Knee:
    """What a search found.

    carries    the most agents that meet the goal; None where not even the first level did
    breaks     the fewest that don't; None where none was found
    decided    whether the intervals of both levels leave no doubt
    ended      why the search ended
    """

    carries: int | None
    breaks: int | None
    decided: bool
    ended: Ending


class OutOfRequests(Exception):
    """Nothing may be sent any more."""


class ServerGone(Exception):
    """The server doesn't answer any more."""


def search(play: Play, goal: Goal) -> Knee:
    """Find the knee. `play` raises OutOfRequests or ServerGone to end the search; what was found until then counts."""
    return _Search(play, goal).run()


class _Search:
    def __init__(self, play: Play, goal: Goal) -> None:
        self._play = play
        self._goal = goal
        self._tallies: dict[int, Tally] = {}
        self._levels: list[int] = []

    def run(self) -> Knee:
        try:
            while (level := self._next()) is not None:
                tally = self._play(level)
                if level not in self._tallies:
                    insort(self._levels, level)
                self._tallies[level] = tally
        except OutOfRequests:
            return self._knee("requests")
        except ServerGone:
            return self._knee("server")
        return self._knee("found" if self._bracket()[1] is not None else "agents")

    def _next(self) -> int | None:
        """Return the level to play next; None once the knee is found, or as many agents as there may be are carried."""
        carries, breaks = self._bracket()
        if breaks is None:
            if carries is None:
                return self._goal.start
            if carries < self._goal.most_agents:
                return min(2 * carries, self._goal.most_agents)
        elif breaks - (carries or 0) > 1:
            return ((carries or 0) + breaks) // 2
        return next((level for level in (carries, breaks) if level and self._is_open(level)), None)

    def _bracket(self) -> tuple[int | None, int | None]:
        """Return the fewest agents that break the goal, and before them the most that are carried."""
        breaks = next((level for level in self._levels if not self._tallies[level].meets(self._goal.share)), None)
        carried = [level for level in self._levels if breaks is None or level < breaks]
        return max(carried, default=None), breaks

    def _is_open(self, level: int) -> bool:
        tally = self._tallies[level]
        return not tally.is_decided(self._goal.share) and tally.runs < MOST_RUNS

    def _knee(self, ended: Ending) -> Knee:
        carries, breaks = self._bracket()
        decided = all(self._tallies[level].is_decided(self._goal.share) for level in (carries, breaks) if level)
        return Knee(carries, breaks, decided, ended)
