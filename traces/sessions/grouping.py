"""Turns -> sessions, in order: by the ids that the client gave, else by the longest shared conversation.

A conversation that is carried on under a new id (`--continue` in older clients, `--fork-session`) stays one session.
Where a server keeps the history (`previous_response_id`, `conversation`), a request holds only what is new: its turn
gets what the server puts before that. Where there are no ids, a history that was summed up goes on in the session whose
summary it begins with, and a request on the side belongs to the conversation that is nearest in time.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

from traces.sessions.agents import LONGEST_BACKOFF, ON_THE_SIDE, Agents, Standing, is_retry
from traces.sessions.conversation import Conversations, Shared, has_history
from traces.sessions.kept import whole
from traces.sessions.model import Agent as Agent
from traces.sessions.model import Marker as Marker
from traces.sessions.model import Place as Place
from traces.sessions.model import Session as Session
from traces.sessions.model import Turn as Turn
from traces.sessions.reader import TurnReader as TurnReader
from traces.storage.store import stem_of

_TAGGED = re.compile(r"<summary>(.*?)(?:</summary>|\Z)", re.DOTALL)

_SHORTEST_SUMMARY = 12
"""Characters: fewer stand in a request by chance."""


def sessions(turns: Iterable[Turn]) -> list[Session]:
    """Return the sessions that the turns belong to, oldest first."""
    found = _Sessions(list(whole(sorted(turns, key=lambda turn: turn.begun or 0))))
    return [one.finished(found.turns) for one in sorted(found.all, key=lambda one: min(one.standings))]


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
        self._keeps: dict[str, _Open] = {}  # sessions by the ids of answers that the server keeps
        self._summaries: dict[str, int] = {}  # what a history was summed up in, and in which turn
        self._aside: dict[str, list[int]] = {}  # by mode, the requests on the side of which nobody knows yet whose
        self._latest: dict[str, int] = {}  # by mode, the last turn of an unnamed session that wasn't one
        for number, turn in enumerate(turns):
            kept = self._keeps.get(turn.previous or "")
            if turn.ids.session:
                session: _Open | None = self._named(turn, turn.ids.session)
            else:
                session = kept if kept and kept.ids else None
            if session is not None:
                self._add(number, session)
            else:
                self._unnamed_turn(number, turn, kept)
        for mode in list(self._aside):
            self._settle(mode, None)

    def _add(self, number: int, session: _Open) -> None:
        turn = self.turns[number]
        session.standings[number] = session.agents.add(number, turn)
        if turn.answer_id:
            self._keeps[turn.answer_id] = session

    def _unnamed_turn(self, number: int, turn: Turn, kept: _Open | None) -> None:
        session = kept or self._by_conversation(turn)
        if session is None and turn.kind in ON_THE_SIDE:
            self._aside.setdefault(turn.mode, []).append(number)
            return
        session = session or self._open(self._unnamed_id(turn), Agents(self._unnamed))
        if turn.kind not in ON_THE_SIDE:
            self._settle(turn.mode, (number, session))
            self._latest[turn.mode] = number
        self._keep(number, session)

    def _keep(self, number: int, session: _Open) -> None:
        turn = self.turns[number]
        self._add(number, session)
        self._of[number] = session
        if turn.digest:
            self._tries[turn.digest] = number
        if turn.kind == "COMPACTION" and (summary := _summary(turn)):
            self._summaries[summary] = number

    def _settle(self, mode: str, following: tuple[int, _Open] | None) -> None:
        """Requests on the side go to the turn before or after them, whichever is nearer; far from both, they are alone.

        The one after them isn't added yet: a session's turns stay in their order.
        """
        before = self._latest.get(mode)
        for number in self._aside.pop(mode, ()):
            turn = self.turns[number]
            near = [(self._apart(before, number), self._of[before])] if before is not None else []
            near += [(self._apart(number, following[0]), following[1])] if following else []
            seconds, session = min(near, key=lambda one: one[0], default=(inf, None))
            if session is None or seconds > LONGEST_BACKOFF:
                session = self._open(self._unnamed_id(turn), Agents(self._unnamed))
            self._keep(number, session)

    def _apart(self, before: int, after: int) -> float:
        """Seconds from the end of one turn to the begin of another; where they overlap, none."""
        one, other = self.turns[before], self.turns[after]
        end = one.ended or one.begun
        return 0.0 if end is None or other.begun is None else max(other.begun - end, 0.0)

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

    def _by_conversation(self, turn: Turn) -> _Open | None:
        """The unnamed session that a turn repeats or carries on."""
        before = self._tries.get(turn.digest)
        if before is not None and is_retry(self.turns[before], turn):
            return self._of[before]
        shared = self._unnamed.find(turn)
        if shared.turn is not None and self._carries_on(shared):
            return self._of[shared.turn]
        begin = "" if has_history(turn) else "\n".join(part.text for part in turn.parts if part.section == "messages")
        summed_up = [number for summary, number in self._summaries.items() if summary in begin]
        return self._of[summed_up[-1]] if summed_up else None

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


def _summary(turn: Turn) -> str:
    """What a later request repeats of an answer to COMPACTION: the client takes it out of its tags."""
    said = "\n".join(part.text for part in turn.answer if part.kind == "assistant")
    found = _TAGGED.search(said)
    summary = (found[1] if found else said).strip()
    return summary if len(summary) >= _SHORTEST_SUMMARY else ""
