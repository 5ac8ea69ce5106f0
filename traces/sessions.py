"""Turns -> sessions, in order: by the ids that the client gave, else by the longest shared conversation.

A conversation that is carried on under a new id (`--continue` in older clients, `--fork-session`) stays one session.
Knows nothing of files, of tokens and of how a session is shown.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from traces.agents import Agents, Standing, is_retry
from traces.conversation import Conversations, Shared, has_history
from traces.ids import ids_of as ids_of
from traces.store import stem_of
from traces.turn import Agent as Agent
from traces.turn import Marker as Marker
from traces.turn import Place as Place
from traces.turn import Session as Session
from traces.turn import Turn as Turn
from traces.turns import TurnReader as TurnReader


def sessions(turns: Iterable[Turn]) -> list[Session]:
    """The sessions that the turns belong to, oldest first."""
    found = _Sessions(sorted(turns, key=lambda turn: turn.begun or 0))
    return [open_.finished(found.turns) for open_ in found.all]


@dataclass(slots=True)
class _Open:
    """A session that is being found; `standings` by the numbers of its turns among all."""

    id: str
    ids: list[str]
    agents: Agents
    standings: dict[int, Standing] = field(default_factory=dict)

    def finished(self, turns: list[Turn]) -> Session:
        number_of = {turn: number for number, turn in enumerate(self.standings, 1)}
        places = [
            Place(number_of[turn], one.agent, None if one.follows is None else number_of[one.follows], one.why)
            for turn, one in self.standings.items()
        ]
        return Session(
            id=self.id,
            given=bool(self.ids),
            ids=tuple(self.ids),
            turns=tuple(turns[turn] for turn in self.standings),
            places=tuple(places),
            agents=self.agents.finished(number_of),
        )


class _Sessions:
    """All the sessions of some turns."""

    def __init__(self, turns: list[Turn]) -> None:
        self.turns = turns
        self.all: list[_Open] = []
        self._by_id: dict[str, _Open] = {}
        self._unnamed = Conversations()
        self._of: dict[int, _Open] = {}  # the unnamed sessions, by the numbers of their turns
        self._tries: dict[bytes, int] = {}
        self._names: Counter[str] = Counter()
        for number, turn in enumerate(turns):
            session = self._named(turn, turn.ids.session) if turn.ids.session else self._by_conversation(number, turn)
            session.standings[number] = session.agents.add(number, turn)

    def _named(self, turn: Turn, id: str) -> _Open:
        session = self._by_id.get(id)
        if session is None:
            session = self._begun_before(turn) or self._open(id, Agents())
            session.ids.append(id)
            self._by_id[id] = session
        return session

    def _begun_before(self, turn: Turn) -> _Open | None:
        """The session whose conversation the first turn of another one carries on."""
        if turn.ids.agent or not has_history(turn):
            return None
        found = [(one, one.agents.main.find(turn)) for one in self.all if one.ids]
        shared = [(one, what.steps) for one, what in found if what.answered]
        return max(shared, key=lambda pair: pair[1])[0] if shared else None

    def _by_conversation(self, number: int, turn: Turn) -> _Open:
        before = self._tries.get(turn.digest)
        shared = self._unnamed.find(turn)
        if before is not None and is_retry(self.turns[before], turn):
            session = self._of[before]
        elif shared.turn is not None and self._carries_on(shared):
            session = self._of[shared.turn]
        else:
            session = self._open(self._unnamed_id(turn), Agents(self._unnamed))
        self._of[number] = session
        if turn.digest:
            self._tries[turn.digest] = number
        return session

    def _carries_on(self, shared: Shared) -> bool:
        """The same question alone doesn't make it the same conversation, unless nobody answered it before."""
        unanswered = shared.turn is not None and not shared.edited and not self.turns[shared.turn].answer
        return shared.answered or unanswered

    def _open(self, id: str, agents: Agents) -> _Open:
        session = _Open(id, [], agents)
        self.all.append(session)
        return session

    def _unnamed_id(self, turn: Turn) -> str:
        """As the trace is called; a .flow file can hold several of the same millisecond."""
        id = stem_of(turn.timestamp) or "unnamed"
        self._names[id] += 1
        return id if self._names[id] == 1 else f"{id}-{self._names[id]}"
