"""What a user asks of a load, checked at birth. All of it can be pickled, for other processes and other machines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from replay.load.knee import Goal
from replay.load.objectives import DEFAULT, Objectives
from traces.model import Json

Clock = Literal["poisson", "constant"]
"""How sessions begin in an open loop: at random, independently of one another, or evenly."""

Answers = Literal["recorded", "live"]
"""Whose answers a turn's history holds: those of the recording, so that all runs send the same, or the model's own."""

Shared = Literal["prefix", "nothing", "all"]
"""What the copies of a session have in common, as a server's cache sees it.

prefix     the tools and the system prompt, as agents of one team have; their first message differs
nothing    they differ from the first word on
all        they are the same to the last word
"""


@dataclass(frozen=True, slots=True)
class Agents:
    """A closed loop: so many agents at work at once. Who has finished a session begins the next."""

    count: int

    def __post_init__(self) -> None:
        """Raise ValueError where there is nobody."""
        if self.count < 1:
            raise ValueError("there is at least 1 agent")

    @property
    def name(self) -> str:
        return f"{self.count} agent{'s' if self.count > 1 else ''}"

    @property
    def load(self) -> float:
        return float(self.count)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """An open loop: so many sessions begin a minute, however many are still at work."""

    per_minute: float
    clock: Clock = "poisson"

    def __post_init__(self) -> None:
        """Raise ValueError where none begins, or where there is no such clock."""
        if not 0 < self.per_minute < float("inf"):
            raise ValueError("the rate of sessions is more than 0")
        _check_word("clock", self.clock, Clock)

    @property
    def name(self) -> str:
        return f"{self.per_minute:g}/min"

    @property
    def load(self) -> float:
        return self.per_minute


Level = Agents | Arrivals


@dataclass(frozen=True, slots=True)
class Think:
    """How long tools and the person take before a turn: a multiple of the recorded time, 0 for no time at all.

    longest   seconds of the longest pause: a person who went to lunch needn't be waited for
    """

    factor: float = 1.0
    longest: float = 60.0

    def __post_init__(self) -> None:
        """Raise ValueError where a time would be negative or without end."""
        for name, value in (("factor", self.factor), ("longest", self.longest)):
            if not 0 <= value < float("inf"):
                raise ValueError(f"think.{name} is 0 or more, not {value}")

    def pause(self, recorded: float) -> float:
        """Return the pause to make where the recording has this one."""
        return min(recorded * self.factor, self.longest)


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What every level of a load has in common; times are seconds.

    levels          in the order in which they are played, each `repeats` times
    duration        no turn is sent later than this after a level's begin; those under way are waited for
    warmup          turns sent before this don't count
    ramp            in a closed loop, the agents begin within this time, evenly
    seed            of the order of sessions, and of a Poisson clock: the same seed sends the same
    objectives      what a turn must meet to be counted as good
    timeout         to the first content; `stall_timeout` between two bytes after it
    max_tokens      the longest answer; None: as recorded
    max_requests    the most requests of a level; None: no limit
    settings        fields of every request to set
    fixes           fixes for prefix breaks (`traces.clients.claude_code.fixes`) that every request gets
    keep_stamps     whether rows hold the time of every content chunk
    knee            what to look for, in place of playing the levels
    """

    levels: tuple[Level, ...] = (Agents(8),)
    repeats: int = 1
    duration: float = 60.0
    warmup: float = 0.0
    ramp: float = 0.0
    think: Think = Think()
    answers: Answers = "recorded"
    shared: Shared = "prefix"
    seed: int = 0
    objectives: Objectives = DEFAULT
    timeout: float = 600.0
    stall_timeout: float = 300.0
    max_tokens: int | None = None
    max_requests: int | None = None
    settings: Mapping[str, Json] = field(default_factory=dict)
    fixes: tuple[str, ...] = ()
    keep_stamps: bool = False
    knee: Goal | None = None

    def __post_init__(self) -> None:
        """Raise ValueError where the plan makes no sense: callers of the API make one, too."""
        _check_word("answers", self.answers, Answers)
        _check_word("shared", self.shared, Shared)
        if not self.levels:
            raise ValueError("levels: there is at least 1")
        for name in ("duration", "timeout", "stall_timeout"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ValueError(f"{name} is more than 0 seconds")
        for name in ("warmup", "ramp"):
            if not 0 <= getattr(self, name) < self.duration:
                raise ValueError(f"{name} must be shorter than the duration, {self.duration:g} s")
        for name in ("repeats", "max_tokens", "max_requests"):
            if (most := getattr(self, name)) is not None and most < 1:
                raise ValueError(f"{name} is at least 1")


def _check_word(name: str, word: str, words: object) -> None:
    if word not in get_args(words):
        raise ValueError(f"{name} is one of {', '.join(get_args(words))}, not {word!r}")
