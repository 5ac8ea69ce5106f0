"""Made-up sessions of which only the times matter: who sent which turn when, and how long its answer took."""

from pathlib import Path
from typing import Any, NamedTuple

from tests.support.factories import stamp
from traces.metrics import Speed
from traces.model import Ids, Timing
from traces.sessions.model import Agent, Place, Session, Turn, Why


class Sent(NamedTuple):
    """A turn: seconds after the session's begin, seconds until it was answered, whose it is, what it carries on."""

    at: float
    took: float | None
    agent: str = "main"
    follows: int | None = None
    why: Why = "continued"
    kind: str = "TEXT_GENERATION"
    digest: bytes = b"body"


def session(*sent: Sent) -> Session:
    turns = tuple(_turn(one) for one in sent)
    places = tuple(Place(number, one.agent, one.follows, one.why) for number, one in enumerate(sent, 1))
    keys = dict.fromkeys(one.agent for one in sent)
    agents = tuple(
        Agent(key, None, None, 0, None, tuple(place.number for place in places if place.agent == key)) for key in keys
    )
    return Session("5e551011", True, ("5e551011",), turns, places, agents)


def _turn(sent: Sent) -> Turn:
    made: dict[str, Any] = dict.fromkeys(Turn.__dataclass_fields__, ())
    known = {
        "file": Path("/traces/any.json"),
        "place": 1,
        "timestamp": stamp(sent.at),
        "mode": "llamacpp",
        "model": "m",
        "kind": sent.kind,
        "ids": Ids(),
        "state": "complete",
        "timing": Timing(total=sent.took),
        "decode": Speed(None, estimated=False),
        "digest": sent.digest,
    }
    return Turn(**(made | known))
