"""A recorded session -> the questions of an exam: the turns whose recorded answer a model can be compared with."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from replay.exam.grade import called_tools
from replay.request import TraceRef
from replay.run.schedule import ref_of
from replay.session import steps
from replay.session.steps import Step
from replay.session.turn import read_trace
from traces.content.answers import is_empty
from traces.dialects import DEFAULT, Dialect
from traces.errors import ToolkitError
from traces.sessions.model import Session

NO_TOOL = "(no tool)"
"""Stands for a turn in which the recording called nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """A recorded turn to ask models: `tools` are those that the recording called, one for each call."""

    step: Step
    ref: TraceRef
    dialect: Dialect
    tools: tuple[str, ...]

    @property
    def number(self) -> int:
        return self.step.number


@dataclass(frozen=True, slots=True)
class Paper:
    """The questions of an exam, of how many there are in the session, and why turns were left out, in words."""

    questions: Sequence[Question]
    of: int
    left_out: Sequence[str]


def paper(session: Session, most: int | None, seed: int) -> Paper:
    """Return the questions that a session holds, at most so many, chosen evenly by tool."""
    sent = steps.plan(session)
    asked = [step for step in sent if step.place.why != "side"]
    whole = [step for step in asked if step.turn.state == "complete" and step.turn.answer]
    chosen = sample(whole, most, seed)
    questions = [question for step in chosen if (question := _question(step))]
    unread = len(chosen) - len(questions)
    left_out = [
        *steps.describe_left_out(session),
        *_count(len(sent) - len(asked), "side request", "side requests"),
        *_count(len(asked) - len(whole) + unread, "turn without a whole answer", "turns without a whole answer"),
    ]
    return Paper(questions, len(whole) - unread, left_out)


def _count(number: int, one: str, many: str) -> list[str]:
    return [f"{number} {one if number == 1 else many}"] if number else []


def _question(step: Step) -> Question | None:
    """Read a turn's trace, and return its question; None where it holds no answer to compare with."""
    try:
        trace = read_trace(step)
    except ToolkitError:
        return None
    if trace.response is None or is_empty(trace.response.body):
        return None
    return Question(step, ref_of(trace), step.turn.dialect or DEFAULT, called_tools(trace.response.body))


def sample(of: Sequence[Step], most: int | None, seed: int) -> list[Step]:
    """Return at most so many steps, as many of each tool as there are, in turns; the order stays as recorded.

    A turn in which the recording called several tools counts as one of the tool that is called least of these.
    """
    if most is None or len(of) <= most:
        return list(of)
    times = Counter(tool for step in of for tool in set(step.turn.tools_used))
    groups: dict[str, list[Step]] = defaultdict(list)
    for step in of:
        groups[min(step.turn.tools_used, key=lambda tool: (times[tool], tool), default=NO_TOOL)].append(step)
    chance = random.Random(seed)
    names = sorted(groups)
    chance.shuffle(names)
    for name in names:
        chance.shuffle(groups[name])
    chosen: list[Step] = []
    while len(chosen) < most:
        chosen += [groups[name].pop() for name in names if groups[name]][: most - len(chosen)]
    return sorted(chosen, key=lambda step: step.number)
