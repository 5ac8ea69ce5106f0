"""Where a session's time went: each moment counts once, for one activity.

Agents work at the same time. A moment counts as writing where any agent received tokens, else as waiting where any
agent waited for its first token, else by what an agent sent next: the results of tools, another try, or a prompt of the
user.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from traces.content.parts import Part
from traces.sessions.model import Place, Session, Turn

Activity = Literal["writing", "waiting", "tools", "retries", "person", "unknown"]

_PRECEDENCE: Sequence[Activity] = ("writing", "waiting", "tools", "retries", "person")
"""Of activities at the same time, the first counts."""


class Span(NamedTuple):
    """One activity of an agent, during a turn or before it, from `start` to `end` in seconds since the epoch."""

    start: float
    end: float
    activity: Activity
    agent: str
    turn: int


def seconds_by_activity(session: Session) -> Mapping[Activity, float]:
    """Return the seconds of each activity, which add up to the time from the first request to the last answer.

    `unknown` is the time of requests whose end, or first token, wasn't measured, and before those that aren't recorded.
    """
    found = list(spans(session))
    begun = [turn.started_at for turn in session.turns if turn.started_at is not None]
    edges = sorted({*begun, *(edge for span in found for edge in (span.start, span.end))})
    seconds: dict[Activity, float] = dict.fromkeys((*_PRECEDENCE, "unknown"), 0.0)
    starts = [(span.start, 1, span.activity) for span in found]
    ends = [(span.end, -1, span.activity) for span in found]
    changes = sorted(starts + ends)
    active: dict[Activity, int] = dict.fromkeys(_PRECEDENCE, 0)
    done = 0
    for edge, following in pairwise(edges):
        while done < len(changes) and changes[done][0] <= edge:
            _, change, activity = changes[done]
            active[activity] += change
            done += 1
        now: Activity = next((activity for activity in _PRECEDENCE if active[activity]), "unknown")
        seconds[now] += following - edge
    return seconds


def spans(session: Session) -> Iterator[Span]:
    """Yield every activity that took time, agent by agent."""
    return (span for span in _spans(session) if span.start < span.end)


def _spans(session: Session) -> Iterator[Span]:
    for turn, place in zip(session.turns, session.places, strict=True):
        yield from _answering(turn, place)
    for agent in session.agents:
        own = [(session.turns[number - 1], session.places[number - 1]) for number in agent.turns]
        for (before, _), (turn, place) in pairwise(own):
            activity = _activity_before(turn, place)
            if before.ended_at is not None and turn.started_at is not None and activity is not None:
                yield Span(before.ended_at, turn.started_at, activity, agent.key, place.number)


def _answering(turn: Turn, place: Place) -> Iterator[Span]:
    begun, ended = turn.started_at, turn.ended_at
    if begun is None or ended is None:
        return
    if turn.timing.ttft is None and turn.times_unknown:
        return  # waiting and writing can't be told apart
    first = ended if turn.timing.ttft is None else begun + turn.timing.ttft
    yield Span(begun, first, "waiting", place.agent, place.number)
    yield Span(first, ended, "writing", place.agent, place.number)


def _activity_before(turn: Turn, place: Place) -> Activity | None:
    """Return what an agent did before a turn: run tools, wait for another try, or wait for the user.

    None where that isn't known, since what the turn sent isn't recorded.
    """
    if place.why == "retry":
        return "retries"
    if not turn.digest:
        return None
    return "tools" if any(part.kind == "tool_result" for part in _newest(turn)) else "person"


def _newest(turn: Turn) -> Iterator[Part]:
    """Yield the parts of the request after the model's last answer, the last one first."""
    for part in reversed(turn.parts):
        if part.section != "messages" or part.kind in ("assistant", "thinking", "tool_input"):
            return
        yield part
