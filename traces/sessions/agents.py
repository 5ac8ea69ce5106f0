"""How a turn stands among the agents of its session: whose it is, which turn it carries on, and why it was sent.

The client's ids say whose it is. Older clients give a session's id but no agent's: then an agent is told by the
conversation that it carries on. Knows nothing of files and of how a session is found.
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
"""Kinds of requests (`traces.content.answers`) that are no turn of an agent's conversation."""

LONGEST_BACKOFF = 60.0
"""Seconds from the end of a try to the next one. Claude Code waits up to 40."""

_ALIKE = 40
"""Characters at the start of a system block: later there may be a date, or the state of a repository."""


_Asked = tuple[Ids, bool, bytes]


@dataclass(frozen=True, slots=True)
class Standing:
    """What `Place` tells, with `follows` in the numbers that turns were added with."""

    agent: str
    follows: int | None
    why: Why


@dataclass(slots=True)
class _Line:
    """One agent as far as it is known.

    talks     the conversations of its turns
    last      the last of them that wasn't on the side
    prompt    how its system prompt looked then
    """

    key: str
    id: str | None
    parent: str
    talks: Conversations
    type: str | None = None
    turns: list[int] = field(default_factory=list)
    last: int | None = None
    prompt: tuple[str, ...] = ()


class Agents:
    """The agents of one session.

    A session without an id is one conversation, so it has one agent; `talks` are those of all such sessions.
    """

    def __init__(self, talks: Conversations | None = None) -> None:
        self.main = talks or Conversations()
        self._has_id = talks is None
        self._lines = {MAIN: _Line(MAIN, None, MAIN, self.main)}
        self._numbers: set[int] = set()
        self._tries: dict[_Asked, tuple[int, Turn, str]] = {}

    def add(self, number: int, turn: Turn) -> Standing:
        """`number` grows from turn to turn."""
        line, shared = self._carried_on(turn)
        standing = self._standing(turn, line, shared)
        if standing.agent != line.key:
            line = self._lines[standing.agent]
            shared = line.talks.find(turn)
        line.turns.append(number)
        line.type = line.type or turn.agent_type
        if standing.why != "side":
            line.talks.add(number, turn, shared)
            line.last, line.prompt = number, _prompt(turn)
        self._numbers.add(number)
        if turn.digest:
            self._tries[_asked(turn)] = number, turn, standing.agent
        return standing

    def _standing(self, turn: Turn, line: _Line, shared: Shared) -> Standing:
        before = self._tries.get(_asked(turn))
        carried_on = shared.turn if shared.turn in self._numbers else None
        if before and is_retry(before[1], turn):
            return Standing(before[2], before[0], "retry")
        if turn.kind in ON_THE_SIDE:
            return Standing(line.key, carried_on, "side")
        if carried_on is not None:
            return Standing(line.key, carried_on, "edited" if shared.edited else "continued")
        if turn.ids.agent or not self._has_id or self._is_mains(turn):
            return Standing(line.key, line.last, "first" if line.last is None else "compacted")
        if turn.kind == "SUBAGENT" or any(part.section == "tools" for part in turn.parts):
            return Standing(self._found().key, None, "first")
        return Standing(MAIN, None, "side")  # a small question to the model, of a kind that nobody knows

    def _carried_on(self, turn: Turn) -> tuple[_Line, Shared]:
        """The agent that the client names; else the one whose conversation it is most likely, be it the main one."""
        if turn.ids.agent:
            lines = [self._given(turn.ids.agent, turn.ids.parent_agent or MAIN)]
        else:
            lines = [line for line in self._lines.values() if line.id is None]
        return max(((line, line.talks.find(turn)) for line in lines), key=lambda found: found[1].steps)

    def _given(self, id: str, parent: str) -> _Line:
        return self._lines.setdefault(id, _Line(id, id, parent, Conversations()))

    def _found(self) -> _Line:
        """An agent that the client doesn't name."""
        key = f"agent-{len(self._lines)}"
        self._lines[key] = _Line(key, None, MAIN, Conversations())
        return self._lines[key]

    def _is_mains(self, turn: Turn) -> bool:
        """Whether a conversation that begins anew is the main agent's: its first one, or after a compaction."""
        main = self._lines[MAIN]
        return turn.kind != "SUBAGENT" and (main.last is None or main.prompt == _prompt(turn))

    def finished(self, number_of: dict[int, int]) -> tuple[Agent, ...]:
        """The main agent, each followed by those that it started."""
        return tuple(self._tree(MAIN, None, 0, number_of))

    def _tree(self, key: str, parent: str | None, depth: int, number_of: dict[int, int]) -> Iterator[Agent]:
        line = self._lines[key]
        yield Agent(key, line.id, parent, depth, line.type, tuple(number_of[turn] for turn in line.turns))
        for other in self._lines.values():
            if other.key != MAIN and self._parent(other) == key:
                yield from self._tree(other.key, key, depth + 1, number_of)

    def _parent(self, line: _Line) -> str:
        """The agent that started it; the main one where that agent is unknown, or descends from this one itself."""
        seen, above = {line.key}, line.parent
        while above in self._lines and above != MAIN:
            if above in seen:
                return MAIN
            seen.add(above)
            above = self._lines[above].parent
        return line.parent if line.parent in self._lines else MAIN


def _asked(turn: Turn) -> _Asked:
    """What is equal in a retry: two subagents may be asked the same, and the tokens of a request may be counted."""
    return turn.ids, turn.kind in ON_THE_SIDE, turn.digest


def is_retry(before: Turn, turn: Turn) -> bool:
    """Whether an equal request before was tried only seconds ago."""
    since = before.ended or before.begun
    return turn.begun is not None and since is not None and turn.begun - since <= LONGEST_BACKOFF


def _prompt(turn: Turn) -> tuple[str, ...]:
    """How the system prompt looks, whatever changes in it from day to day."""
    return tuple(part.text[:_ALIKE] for part in turn.parts if part.section == "system")
