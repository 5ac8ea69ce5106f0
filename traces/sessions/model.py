"""An exchange without its bodies, and its place in a session. Types only.

`traces.sessions.reader` interns parts: equal parts of two turns of one reader are the same object. So a session of a
thousand turns holds its history once, and parts can be compared with `is`.
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
from traces.money.billed import UNSEEN, Billed


class Marker(NamedTuple):
    """A `cache_control`: the place in `Turn.parts` of the last part before it, and its time to live in seconds."""

    part: int
    ttl: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange between a client and a model server: what sessions, prefixes and reports need of it.

    file, place    where it was read from, and which of that file's exchanges it is, from 1 (a .flow file has many)
    timestamp      as in `Trace`: UTC, ISO 8601
    dialect        the request's API format; None where it isn't known
    kind           see `traces.content.answers`
    agent_type     the subagent's type, where the client names it (CLAUDE_CODE_GATEWAY_HINT_HEADERS=1)
    status         of HTTP; None where no response began
    parts          of the request: tools, system, messages (`traces.content.parts`)
    answer         of the answer, as a later request would repeat it; their index is the next message's
    markers        where `cache_control` is, in order
    tools_used     the tools that the answer calls, one for each call
    digest         of the request, the same within one run of the program for equal requests; empty where the body
                   isn't recorded, or not all of it, or its texts were removed
    client         who sent it: a name in `traces.clients.CLIENTS`, or ""
    program        the program that sent it and its version, by its user-agent: `claude-cli/2.1.330`
    answer_id      by which a later request can continue this answer, where the server keeps it
    previous       the id of the answer that this request continues
    conversation   the id of the conversation that it continues: the server keeps that, the request holds what is new
    odd_events     how many events of the answer couldn't be read as its API format promises
    unknown        the sections of the request that aren't in the record, or not whole
    times_unknown  whether the record doesn't hold the times of the answer's parts
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
    program: str | None = None
    answer_id: str | None = None
    previous: str | None = None
    conversation: str | None = None
    odd_events: int = 0
    billed: Billed = UNSEEN
    unknown: frozenset[str] = frozenset()
    times_unknown: bool = False

    @property
    def started_at(self) -> float | None:
        """When the request had arrived in the proxy, in seconds since the epoch; None where that isn't known."""
        with suppress(ValueError):
            moment = datetime.fromisoformat(self.timestamp)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return None

    @property
    def ended_at(self) -> float | None:
        """When the answer ended_at, in seconds since the epoch; None where that isn't known."""
        started_at, total = self.started_at, self.timing.total
        return None if started_at is None or total is None else started_at + total


Why = Literal[
    "first",  # it begins a conversation
    "continued",  # it continues a conversation: its history, the answer, and what is new
    "retry",  # the same bytes again, within seconds
    "edited",  # it continues a conversation, with a history that was changed
    "compacted",  # the same agent's history restarts
    "side",  # a side request: no turn of an agent's conversation
]


@dataclass(frozen=True, slots=True)
class Place:
    """A turn's place in its session.

    number     from 1: `session.turns[number - 1]`
    agent      the key of the agent whose turn it is
    follows    the number of the turn whose conversation it continues, repeats or replaces; None where it begins one
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

    id              the client's own, else one made of its first turn's time
    has_client_id   whether the client gave the id; otherwise its turns were found by the longest shared conversation
    ids             all of its session ids: a conversation that is continued may get a new one
    places          one for each turn
    agents          the main agent first, each followed by those that it started
    """

    id: str
    has_client_id: bool
    ids: tuple[str, ...]
    turns: tuple[Turn, ...]
    places: tuple[Place, ...]
    agents: tuple[Agent, ...]

    @property
    def short_id(self) -> str:
        """Its first characters, or all of an id made of a time: those begin alike."""
        return self.id[:_SHORT] if self.has_client_id else self.id


_SHORT = 8
"""Characters of an id that are mostly unique."""


def agent_names(sessions: Sequence[Session]) -> dict[str, str]:
    """Return a short name for each agent, by its key: its first characters.

    Where others begin alike, as ids made of a time do, its last characters; where others end alike too, the whole key.
    """
    keys = {agent.key for session in sessions for agent in session.agents}
    ids = [*keys, *(session.id for session in sessions)]
    begins, ends = Counter(id[:_SHORT] for id in ids), Counter(id[-_SHORT:] for id in ids)
    return {
        key: key[:_SHORT] if begins[key[:_SHORT]] == 1 else key[-_SHORT:] if ends[key[-_SHORT:]] == 1 else key
        for key in keys
    }


def short_ids(sessions: Sequence[Session]) -> dict[str, str]:
    """Return a short name for each session, by its id, so that no two have the same."""
    alike = Counter(session.short_id for session in sessions)
    return {session.id: session.short_id if alike[session.short_id] == 1 else session.id for session in sessions}
