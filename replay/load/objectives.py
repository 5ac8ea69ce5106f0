"""What a user wants of every turn: `--slo ttft=5s,gap=100ms,turn=30s`. A new objective is one row in `MEASURES`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from replay.load.rows import Row
from replay.load.spans import parse_span, show_span


class Measure(NamedTuple):
    """What an objective can be of: a turn's seconds, and how an objective of it is worded."""

    value: Callable[[Row], float | None]
    words: str


MEASURES: Mapping[str, Measure] = {
    "ttft": Measure(lambda row: row.ttft, "first token within {}"),
    "answer": Measure(lambda row: row.first_answer, "answer begun within {}"),
    "gap": Measure(lambda row: row.gap_mean, "tokens at most {} apart on average"),
    "gap_p99": Measure(lambda row: row.gap_p99, "99% of gaps at most {}"),
    "action": Measure(lambda row: row.next_action, "next action within {}"),
    "turn": Measure(lambda row: row.total, "answer whole within {}"),
}


@dataclass(frozen=True, slots=True)
class Objective:
    """The most seconds that a measure may take in a turn."""

    measure: str
    most: float

    def __post_init__(self) -> None:
        """Raise ValueError where there is no such measure, or where the time isn't more than 0."""
        if self.measure not in MEASURES:
            raise ValueError(f"{self.measure!r} isn't one of {', '.join(MEASURES)}")
        if not self.most > 0:
            raise ValueError(f"{self.measure}: {self.most} is not a time of more than 0 seconds")

    def is_met(self, row: Row) -> bool:
        """Return whether a turn meets it. A measure that has no meaning there (a gap of one chunk) breaks nothing."""
        value = MEASURES[self.measure].value(row)
        return value is None or value <= self.most

    def __str__(self) -> str:
        """Return it in words."""
        return MEASURES[self.measure].words.format(show_span(self.most))


Objectives = tuple[Objective, ...]

DEFAULT = (Objective("ttft", 5.0),)


def parse(text: str) -> Objectives:
    """Read `ttft=5s,gap=100ms`. Raises ValueError, which says what is wrong."""
    found: dict[str, Objective] = {}
    for part in text.split(","):
        name, equals, span = part.strip().partition("=")
        if not equals:
            raise ValueError(f"{part.strip()!r}: an objective is written name=time, as in ttft=5s")
        if name in found:
            raise ValueError(f"{name!r} is named twice")
        found[name] = Objective(name, parse_span(span))
    return tuple(found.values())


def within(row: Row, objectives: Objectives) -> bool:
    """Return whether a turn was answered within all objectives. One that failed, or had no content, wasn't."""
    return row.ok and row.ttft is not None and all(each.is_met(row) for each in objectives)
