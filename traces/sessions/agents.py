"""The agents of a session: which agent each turn belongs to, which turn it continues, and why it was sent.

The client's ids name the agent. Older clients give a session's id but no agent's: then an agent is recognised by the
conversation that the turn continues. Without any ids, a subagent's conversation is one that a call of a tool began.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from traces.model import Ids
from traces.sessions.conversation import Conversations, Shared
from traces.sessions.model import Agent, Turn, Why

MAIN = "main"

ON_THE_SIDE = frozenset(
    ("COUNT_TOKENS", "WEB_SEARCH", "WEB_FETCH", "TITLE", "QUOTA_CHECK", "SUGGESTION", "COMPACTION", "SIDE_REQUEST")
)
"""Kinds of side requests (`traces.content.answers`): no turns of an agent's conversation."""

LONGEST_BACKOFF = 60.0
"""Seconds from the end of a try to the next one. Claude Code waits up to 40."""

_STABLE_START = 40
"""Characters at the start of a system block that stay the same: later there may be a date, or a repository's state."""


_RetryKey = tuple[Ids, bool, bytes]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Like `Place`, but `follows` is a number that a turn was added with."""

    agent: str
    follows: int | None
    why: Why


@dataclass(slots=True)
class _AgentState:
    """One agent, as far as it is known.

    conversations   those of its turns
    last            its last turn that wasn't a side request
    prompt          the beginnings of its system blocks in that turn
    is_summed_up    whether a summary of its history was made since that turn
    """

    key: str
    id: str | None
    parent: str
    conversations: Conversations
    type: str | None = None
    turns: list[int] = field(default_factory=list)
    last: int | None = None
    prompt: tuple[str, ...] = ()
    is_summed_up: bool = False


class Agents:
    """The agents of one session.

    `conversations` are those of all sessions without an id; None for a session that has one.
    """

    def __init__(self, conversations: Conversations | None = None) -> None:
        self.main = conversations or Conversations()
        self._has_id = conversations is None
        self._agents = {MAIN: _AgentState(MAIN, None, MAIN, self.main)}
        self._agent_at: dict[int, str] = {}  # the number of a turn -> the key of its agent
        self._tried: dict[_RetryKey, tuple[int, Turn, str]] = {}

    def add(self, number: int, turn: Turn, called_by: int | None = None) -> Assignment:
        """Add a turn and return its place. `number` grows from turn to turn.

        `called_by` is the number of the turn whose answer called for this one, which begins a subagent's conversation.
        """
        agent, shared = self._agent_of(turn)
        if called_by is None:
            assigned = self._assign(turn, agent, shared)
        else:
            assigned = Assignment(self._new_agent(self._agent_at[called_by]).key, None, "first")
        if assigned.agent != agent.key:
            agent = self._agents[assigned.agent]
            shared = agent.conversations.find(turn)
        agent.turns.append(number)
        agent.type = agent.type or turn.agent_type
        if assigned.why != "side":
            agent.conversations.add(number, turn, shared)
            agent.last, agent.prompt, agent.is_summed_up = number, _prompt_starts(turn), False
        elif turn.kind == "COMPACTION" and turn.state == "complete":
            agent.is_summed_up = True
        self._agent_at[number] = agent.key
        if turn.digest:
            self._tried[_retry_key(turn)] = number, turn, assigned.agent
        return assigned

    def _assign(self, turn: Turn, agent: _AgentState, shared: Shared) -> Assignment:
        before = self._tried.get(_retry_key(turn))
        carried_on = shared.turn if shared.turn in self._agent_at else None
        if before and is_retry(before[1], turn):
            return Assignment(before[2], before[0], "retry")
        if turn.kind in ON_THE_SIDE:
            return Assignment(agent.key, carried_on, "side")
        if carried_on is not None:
            if agent.is_summed_up and (shared.edited or carried_on != agent.last):
                return Assignment(agent.key, agent.last, "compacted")  # Codex keeps the user's words before a summary
            return Assignment(agent.key, carried_on, "edited" if shared.edited else "continued")
        if turn.ids.agent or not self._has_id or self._is_main_agents(turn):
            return Assignment(agent.key, agent.last, "first" if agent.last is None else "compacted")
        if turn.kind == "SUBAGENT" or any(part.section == "tools" for part in turn.parts):
            return Assignment(self._new_agent().key, None, "first")
        return Assignment(MAIN, None, "side")  # a side request of an unknown kind

    def _agent_of(self, turn: Turn) -> tuple[_AgentState, Shared]:
        """Return the agent that the client names, else the unnamed one that shares most of the turn's conversation."""
        if not self._has_id:
            shared = self.main.find(turn)
            return self._agents[MAIN if shared.turn is None else self._agent_at.get(shared.turn, MAIN)], shared
        if turn.ids.agent:
            agents = [self._named_agent(turn.ids.agent, turn.ids.parent_agent or MAIN)]
        else:
            agents = [agent for agent in self._agents.values() if agent.id is None]
        return max(((agent, agent.conversations.find(turn)) for agent in agents), key=lambda found: found[1].steps)

    def _named_agent(self, id: str, parent: str) -> _AgentState:
        return self._agents.setdefault(id, _AgentState(id, id, parent, Conversations()))

    def _new_agent(self, parent: str = MAIN) -> _AgentState:
        """Return a new agent, which the client doesn't name."""
        key = f"agent-{len(self._agents)}"
        conversations = Conversations() if self._has_id else self.main
        self._agents[key] = _AgentState(key, None, parent, conversations)
        return self._agents[key]

    def _is_main_agents(self, turn: Turn) -> bool:
        """Return whether a conversation that begins anew is the main agent's: its first, or one after a compaction."""
        main = self._agents[MAIN]
        return turn.kind != "SUBAGENT" and (main.last is None or main.prompt == _prompt_starts(turn))

    def build(self, number_of: dict[int, int]) -> tuple[Agent, ...]:
        """Return the agents, the main one first, each followed by those that it started."""
        return tuple(self._tree(MAIN, None, 0, number_of))

    def _tree(self, key: str, parent: str | None, depth: int, number_of: dict[int, int]) -> Iterator[Agent]:
        agent = self._agents[key]
        yield Agent(key, agent.id, parent, depth, agent.type, tuple(number_of[turn] for turn in agent.turns))
        for other in self._agents.values():
            if other.key != MAIN and self._parent(other) == key:
                yield from self._tree(other.key, key, depth + 1, number_of)

    def _parent(self, agent: _AgentState) -> str:
        """Return the agent that started it; the main one where that agent is unknown, or descends from this one."""
        seen, above = {agent.key}, agent.parent
        while above in self._agents and above != MAIN:
            if above in seen:
                return MAIN
            seen.add(above)
            above = self._agents[above].parent
        return agent.parent if agent.parent in self._agents else MAIN


def _retry_key(turn: Turn) -> _RetryKey:
    """Return what is equal in a retry: more than the digest, as two subagents may send the same."""
    return turn.ids, turn.kind in ON_THE_SIDE, turn.digest


def is_retry(before: Turn, turn: Turn) -> bool:
    """Return whether a turn repeats an equal one within seconds, as clients do after a failure."""
    since = before.ended_at or before.started_at
    return turn.started_at is not None and since is not None and turn.started_at - since <= LONGEST_BACKOFF


def _prompt_starts(turn: Turn) -> tuple[str, ...]:
    """Return the beginnings of the system blocks, which stay the same from day to day."""
    return tuple(part.text[:_STABLE_START] for part in turn.parts if part.section == "system")
