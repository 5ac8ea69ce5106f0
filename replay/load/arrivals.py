"""When each agent begins, and which sessions it plays, drawn by the seed: the same plan begins the same anywhere.

Lanes are dealt out to processes one by one, so a plan is the same load on one process and on many.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from replay.load.plan import Agents, Arrivals, LoadPlan
from replay.transport.door import SPACING


@dataclass(frozen=True, slots=True)
class Share:
    """One of several equal parts of a load, from 0."""

    index: int = 0
    of: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError where there is no such part."""
        if not 0 <= self.index < self.of:
            raise ValueError(f"there is no part {self.index} of {self.of}")

    def holds(self, lane: int) -> bool:
        """Return whether a lane is in this part. Lanes count from 1."""
        return (lane - 1) % self.of == self.index

    def part_of(self, whole: int) -> int:
        """Return how many of so many things are in this part."""
        return whole // self.of + (self.index < whole % self.of)


@dataclass(frozen=True, slots=True)
class Start:
    """A lane that begins: its number from 1, when (seconds), and whether it plays one session or one after another."""

    lane: int
    at: float
    once: bool


def starts(plan: LoadPlan, level: Agents | Arrivals, run: int) -> Iterator[Start]:
    """Yield each lane in the order in which they begin, up to the plan's duration."""
    if isinstance(level, Agents):
        between = max(plan.ramp / level.count, SPACING)
        yield from (Start(lane, between * (lane - 1), False) for lane in range(1, level.count + 1))
        return
    drawn = random.Random(f"{plan.seed} {run} arrivals")
    between = 60 / level.per_minute
    at = 0.0
    for lane in count(1):
        at = between * (lane - 1) if level.clock == "constant" else at + drawn.expovariate(1 / between)
        if at >= plan.duration:
            return
        yield Start(lane, at, True)


def sessions(plan: LoadPlan, run: int, lane: int, of: int) -> Iterator[int]:
    """Yield the sessions a lane plays, by their places among `of`: all, in an order drawn by the seed, over and over.

    Each lane begins one session further on than the lane before it, so that at any time all are played alike.
    """
    order = list(range(of))
    random.Random(f"{plan.seed} {run} sessions").shuffle(order)
    return (order[(lane - 1 + visit) % of] for visit in count())
