"""One exchange without its bodies, and how it stands in a session. Types only.

Parts are interned by who reads them (`traces.sessions.reader`): equal parts of two turns of one reader are the same
object, so a session of a thousand turns holds its history once, and `is` compares.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from traces.content.parts import Part
from traces.dialects import Dialect
from traces.metrics import InputUsage, Speed
from traces.model import Ids, State, Timing


class Marker(NamedTuple):
    """A `cache_control`: the place in `Turn.parts` of the last part before it, and how many seconds it asks for."""

    part: int
    ttl: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange between a client and a model server: what a session, its prefix and its report need of it.

    file, place    where it was read from, and which of that file's exchanges it is, from 1 (a .flow file has many)
    timestamp      as in `Trace`: UTC, ISO 8601
    dialect        in which the server was asked; None where that can't be told
    kind           see `traces.content.answers`
    agent_type     the subagent's type, where the client says it (CLAUDE_CODE_GATEWAY_HINT_HEADERS=1)
    status         of HTTP; None where no response began
    parts          of the request: tools, system, messages (`traces.content.parts`)
    answer         of the answer, as a later request would carry it back; their index is the next message's
    markers        where `cache_control` stands, in order
    tools_used     the tools that the answer calls, one for each call
    digest         of the request, in one run of the program: where it is equal, the same was sent twice; empty where
                   the request's body isn't recorded
    client         who sent it: a name in `traces.clients.CLIENTS`, or ""
    answer_id      by which a later request can have this one carried on, where the server keeps it
    previous       the answer that this request carries on, or
    conversation   the conversation that it carries on: the server keeps it, and the request holds only what is new
    """

    file: Path | None
    place: int
    timestamp: str
    mode: str
    model: str | None
    dialect: Dialect | None
    kind: str
    ids: Ids
    agent_type: str | None
    state: State
    status: int | None
    parts: tuple[Part, ...]
    answer: tuple[Part, ...]
    markers: tuple[Marker, ...]
    tools_used: tuple[str, ...]
    timing: Timing
    usage: InputUsage | None
    output_tokens: int | None
    decode: Speed
    digest: bytes
    client: str = ""
    answer_id: str | None = None
    previous: str | None = None
    conversation: str | None = None

    @property
    def begun(self) -> float | None:
        """When the request had arrived in the proxy, in seconds since the epoch; None where the trace doesn't say."""
        with suppress(ValueError):
            moment = datetime.fromisoformat(self.timestamp)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return None

    @property
    def ended(self) -> float | None:
        """When the answer was over, in seconds since the epoch; None where nobody measured."""
        begun, total = self.begun, self.timing.total
        return None if begun is None or total is None else begun + total


Why = Literal[
    "first",  # it begins a conversation
    "continued",  # it carries on a conversation: its history, the answer, and what is new
    "retry",  # the same bytes again, within seconds
    "edited",  # it carries on a conversation whose history isn't quite what it was
    "compacted",  # the same agent's history restarts
    "side",  # a request made on the side: no turn of an agent's conversation
]


@dataclass(frozen=True, slots=True)
class Place:
    """How a turn stands in its session.

    number     from 1, as a person counts: `session.turns[number - 1]`
    agent      the key of the agent whose turn it is
    follows    the number of the turn whose conversation it carries on, repeats or replaces; None where it begins one
    """

    number: int
    agent: str
    follows: int | None
    why: Why


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent of a session: the main one, or a subagent that another one started.

    key       unique within its session; the main agent's is "main"
    id        the client's own id for it; None for the main agent, and where there are no ids
    parent    the key of the agent that started it; None for the main agent
    depth     0 for the main agent, 1 for its subagents, and so on
    type      the subagent's type, where it is known
    turns     the numbers of its turns, in order; side requests are among them
    """

    key: str
    id: str | None
    parent: str | None
    depth: int
    type: str | None
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """Turns that belong together, oldest first.

    id        the client's own, or one made of its first turn's time where the client gives none
    given     False: there were no ids, so it was found by the longest shared conversation
    ids       all the session ids in it: a conversation that is continued may get a new one
    places    one for each turn
    agents    the main agent first, each followed by those that it started
    """

    id: str
    given: bool
    ids: tuple[str, ...]
    turns: tuple[Turn, ...]
    places: tuple[Place, ...]
    agents: tuple[Agent, ...]

    @property
    def short_id(self) -> str:
        """Enough to know it by. One that was made of a time has nothing of its own in its first characters."""
        return self.id[:_SHORT] if self.given else self.id


_SHORT = 8
"""Characters of an id that most often tell which one it is."""


def agent_names(sessions: Sequence[Session]) -> dict[str, str]:
    """Return how each agent is called, by its key: an id by its first characters.

    By its last ones where others begin alike, as ids do that are made of a time; and whole where others end alike too.
    """
    keys = {agent.key for session in sessions for agent in session.agents}
    ids = [*keys, *(session.id for session in sessions)]
    begins, ends = Counter(id[:_SHORT] for id in ids), Counter(id[-_SHORT:] for id in ids)
    return {
        key: key[:_SHORT] if begins[key[:_SHORT]] == 1 else key[-_SHORT:] if ends[key[-_SHORT:]] == 1 else key
        for key in keys
    }


def short_ids(sessions: Sequence[Session]) -> dict[str, str]:
    """By their ids: how each of several sessions is called, so that no two are called the same."""
    alike = Counter(session.short_id for session in sessions)
    return {session.id: session.short_id if alike[session.short_id] == 1 else session.id for session in sessions}
