"""Where a session's time went: every moment of it counts once, for what was going on then.

Agents work at the same time. A moment counts as writing if any of them was being written to, else as waiting if any of
them waited for its first token, else by what they were about to bring: results of tools, another try, or words of the
person. Pure; knows nothing of how it is shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from traces.content.parts import Part
from traces.sessions.model import Place, Session, Turn

Doing = Literal["writing", "waiting", "tools", "retries", "person", "unknown"]

_PRECEDENCE: Sequence[Doing] = ("writing", "waiting", "tools", "retries", "person")


class Span(NamedTuple):
    """What went on with an agent from `start` to `end`, in seconds since the epoch: in that turn, or before it."""

    start: float
    end: float
    doing: Doing
    agent: str
    turn: int


def spent(session: Session) -> Mapping[Doing, float]:
    """Seconds of each; together they are the time from the first request to the last answer.

    `unknown` is where a request's end wasn't measured.
    """
    found = list(spans(session))
    begun = [turn.started_at for turn in session.turns if turn.started_at is not None]
    edges = sorted({*begun, *(edge for span in found for edge in (span.start, span.end))})
    seconds: dict[Doing, float] = dict.fromkeys((*_PRECEDENCE, "unknown"), 0.0)
    changes = sorted([(span.start, 1, span.doing) for span in found] + [(span.end, -1, span.doing) for span in found])
    active: dict[Doing, int] = dict.fromkeys(_PRECEDENCE, 0)
    done = 0
    for edge, following in pairwise(edges):
        while done < len(changes) and changes[done][0] <= edge:
            _, change, doing = changes[done]
            active[doing] += change
            done += 1
        now: Doing = next((doing for doing in _PRECEDENCE if active[doing]), "unknown")
        seconds[now] += following - edge
    return seconds


def spans(session: Session) -> Iterator[Span]:
    """Everything that went on and took time, agent by agent."""
    return (span for span in _spans(session) if span.start < span.end)


def _spans(session: Session) -> Iterator[Span]:
    for turn, place in zip(session.turns, session.places, strict=True):
        yield from _answering(turn, place)
    for agent in session.agents:
        stood = [(session.turns[number - 1], session.places[number - 1]) for number in agent.turns]
        for (before, _), (turn, place) in pairwise(stood):
            if before.ended_at is not None and turn.started_at is not None:
                yield Span(before.ended_at, turn.started_at, _brought(turn, place), agent.key, place.number)


def _answering(turn: Turn, place: Place) -> Iterator[Span]:
    begun, ended = turn.started_at, turn.ended_at
    if begun is None or ended is None:
        return
    first = ended if turn.timing.ttft is None else begun + turn.timing.ttft
    yield Span(begun, first, "waiting", place.agent, place.number)
    yield Span(first, ended, "writing", place.agent, place.number)


def _brought(turn: Turn, place: Place) -> Doing:
    """What a turn's agent did before it: run tools, wait for another try, or wait for the person."""
    if place.why == "retry":
        return "retries"
    return "tools" if any(part.kind == "tool_result" for part in _newest(turn)) else "person"


def _newest(turn: Turn) -> Iterator[Part]:
    """What stands in the request behind the model's last answer."""
    for part in reversed(turn.parts):
        if part.section != "messages" or part.kind in ("assistant", "thinking", "tool_input"):
            return
        yield part
