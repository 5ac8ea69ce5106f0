"""An agent's turns as the steps of its conversation: what was new in each request, and what was answered."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from analysis.prefix_cache.cache import was_served
from traces.content.parts import Part
from traces.sessions.model import Agent, Place, Session, Turn

Key = tuple[object, ...]
"""What two equal parts have in common, wherever they stand."""

_BY_CLIENT = ("reminder", "claude_md")
"""Kinds of parts that the client writes by itself: they don't tell whether the same was asked."""


class Step(NamedTuple):
    """A turn that a model was given.

    asked      what was new in its messages; of a conversation that another session began, all of its history
    answered   the answer
    """

    turn: Turn
    place: Place
    asked: tuple[Part, ...]
    answered: tuple[Part, ...]

    @property
    def question(self) -> tuple[Key, ...]:
        """What the user or a tool said, without what the client added; all where it said nothing else."""
        keys = tuple(key(part) for part in self.asked if part.kind not in _BY_CLIENT)
        return keys or tuple(map(key, self.asked))

    @property
    def answer(self) -> tuple[Key, ...]:
        """What was said and called, without the thinking before it."""
        return tuple(key(part) for part in self.answered if part.kind != "thinking")

    @property
    def shape(self) -> tuple[Key, ...]:
        """Of which kinds the question is, and of which tools."""
        return tuple((kind, name) for kind, name, *_ in self.question)


def key(part: Part) -> Key:
    return part.kind, part.name, part.text, part.media


def steps(session: Session, agent: Agent) -> list[Step]:
    """Return the steps of one agent, without side requests and without those that the server refused."""
    found = []
    for number in agent.turns:
        turn, place = session.turns[number - 1], session.places[number - 1]
        if place.why != "side" and was_served(turn):
            found.append(Step(turn, place, tuple(_new(turn, _before(session, place))), turn.answer))
    return found


def _before(session: Session, place: Place) -> Turn | None:
    """Return the turn that this one continues, leaving out those that the server refused."""
    follows = place.follows
    while follows is not None:
        if was_served(turn := session.turns[follows - 1]):
            return turn
        follows = session.places[follows - 1].follows
    return None


def _new(turn: Turn, before: Turn | None) -> Iterator[Part]:
    """Yield the parts of the messages that the turn before neither sent nor answered; a repeated one is new."""
    known = Counter(map(key, _messages(before) if before else ()))
    for part in turn.parts:
        if part.section == "messages":
            if known[key(part)]:
                known[key(part)] -= 1
            else:
                yield part


def _messages(turn: Turn) -> Sequence[Part]:
    return [part for part in (*turn.parts, *turn.answer) if part.section == "messages"]
