"""Turns -> sessions, in order: by the ids that the client gave, else by the longest shared conversation.

A conversation that continues under a new id (`--continue` in older clients, `--fork-session`) stays one session. Where
a server keeps the history (`previous_response_id`, `conversation`), a request holds only what is new: its turn gets the
history that the server puts before it. Where there are no ids, a compacted history continues the session whose summary
it begins with, a subagent belongs to the session in which a call of a tool says its first words, and a side request to
the conversation that is nearest in time.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf

from traces.content.tools import texts_in_call
from traces.sessions.agents import LONGEST_BACKOFF, ON_THE_SIDE, Agents, Assignment, is_retry
from traces.sessions.conversation import Conversations, Shared, has_history
from traces.sessions.model import Agent as Agent
from traces.sessions.model import Marker as Marker
from traces.sessions.model import Place as Place
from traces.sessions.model import Session as Session
from traces.sessions.model import Turn as Turn
from traces.sessions.reader import TurnReader as TurnReader
from traces.sessions.server_history import with_history
from traces.storage.store import stem_of

_TAGGED = re.compile(r"<summary>(.*?)(?:</summary>|\Z)", re.DOTALL)

_SHORTEST_SUMMARY = 12
"""Characters: a shorter text may be in a request by chance."""


def sessions(turns: Iterable[Turn]) -> list[Session]:
    """Return the sessions that the turns belong to, oldest first."""
    found = _Sessions(list(with_history(sorted(turns, key=lambda turn: turn.started_at or 0))))
    return [one.build(found.turns) for one in sorted(found.all, key=lambda one: min(one.assigned))]


@dataclass(slots=True)
class _OpenSession:
    """A session to which turns are still added. The keys of `assigned` are their numbers among all turns."""

    id: str
    ids: list[str]
    agents: Agents
    assigned: dict[int, Assignment] = field(default_factory=dict)

    def build(self, turns: list[Turn]) -> Session:
        """Return the session, with its turns numbered from 1."""
        number_of = {turn: number for number, turn in enumerate(self.assigned, 1)}
        places = [
            Place(number_of[turn], one.agent, None if one.follows is None else number_of[one.follows], one.why)
            for turn, one in self.assigned.items()
        ]
        return Session(
            id=self.id,
            has_client_id=bool(self.ids),
            ids=tuple(self.ids),
            turns=tuple(turns[turn] for turn in self.assigned),
            places=tuple(places),
            agents=self.agents.build(number_of),
        )


class _Sessions:
    """All the sessions of some turns."""

    def __init__(self, turns: list[Turn]) -> None:
        self.turns = turns
        self.all: list[_OpenSession] = []
        self._by_id: dict[str, _OpenSession] = {}
        self._by_agent: dict[str, _OpenSession] = {}  # a client may name the agent that started another as its session
        self._unnamed = Conversations()
        self._session_of: dict[int, _OpenSession] = {}  # the unnamed sessions, by the numbers of their turns
        self._tries: dict[bytes, int] = {}
        self._ids_given: Counter[str] = Counter()
        self._by_answer_id: dict[str, _OpenSession] = {}  # sessions by the ids of answers that the server keeps
        self._asked_for: dict[tuple[str, int], int] = {}  # mode and hash of a text that a call holds -> its turn
        self._summaries: dict[str, int] = {}  # the summary of a compaction -> its turn
        self._side_requests: dict[str, list[int]] = {}  # by mode, the side requests whose session isn't known yet
        self._latest: dict[str, int] = {}  # by mode, the last turn of an unnamed session that wasn't a side request
        for number, turn in enumerate(turns):
            keeper = self._by_answer_id.get(turn.previous or "")
            if turn.ids.session:
                session: _OpenSession | None = self._session_named(turn, turn.ids.session)
            else:
                session = keeper if keeper and keeper.ids else None
            if session is not None:
                self._add(number, session)
            else:
                self._unnamed_turn(number, turn, keeper)
        for mode in list(self._side_requests):
            self._settle(mode, None)

    def _add(self, number: int, session: _OpenSession, called_by: int | None = None) -> None:
        turn = self.turns[number]
        session.assigned[number] = session.agents.add(number, turn, called_by)
        if turn.ids.agent:
            self._by_agent[turn.ids.agent] = session
        if turn.answer_id:
            self._by_answer_id[turn.answer_id] = session

    def _unnamed_turn(self, number: int, turn: Turn, keeper: _OpenSession | None) -> None:
        session = keeper or self._by_conversation(turn)
        if session is None and turn.kind in ON_THE_SIDE:
            self._side_requests.setdefault(turn.mode, []).append(number)
            return
        called_by = None if session else self._caller(turn)
        if called_by is not None:
            session = self._session_of[called_by]
        session = session or self._new_session(self._unnamed_id(turn), Agents(self._unnamed))
        if turn.kind not in ON_THE_SIDE:
            self._settle(turn.mode, (number, session))
            self._latest[turn.mode] = number
        self._add_unnamed(number, session, called_by)

    def _caller(self, turn: Turn) -> int | None:
        """Return the turn whose answer called for a subagent with the words that this conversation begins with."""
        if turn.kind != "SUBAGENT" or has_history(turn):
            return None
        said = [part.text for part in turn.parts if part.section == "messages" and part.kind == "user"]
        found = (self._asked_for.get((turn.mode, hash(text.strip()))) for text in reversed(said))
        return next((number for number in found if number is not None), None)

    def _add_unnamed(self, number: int, session: _OpenSession, called_by: int | None = None) -> None:
        turn = self.turns[number]
        self._add(number, session, called_by)
        self._session_of[number] = session
        for text in _texts_of_calls(turn):
            self._asked_for[turn.mode, hash(text)] = number
        if turn.digest:
            self._tries[turn.digest] = number
        if turn.kind == "COMPACTION" and (summary := _summary(turn)):
            self._summaries[summary] = number

    def _settle(self, mode: str, following: tuple[int, _OpenSession] | None) -> None:
        """Add side requests to the session of the turn before or after them, whichever is nearer, else to a new one.

        The turn after them isn't added yet: a session's turns stay in their order.
        """
        before = self._latest.get(mode)
        for number in self._side_requests.pop(mode, ()):
            turn = self.turns[number]
            near = [(self._seconds_between(before, number), self._session_of[before])] if before is not None else []
            near += [(self._seconds_between(number, following[0]), following[1])] if following else []
            seconds, session = min(near, key=lambda one: one[0], default=(inf, None))
            if session is None or seconds > LONGEST_BACKOFF:
                session = self._new_session(self._unnamed_id(turn), Agents(self._unnamed))
            self._add_unnamed(number, session)

    def _seconds_between(self, before: int, after: int) -> float:
        """Return the seconds from the end of one turn to the start of another; 0 where they overlap."""
        one, other = self.turns[before], self.turns[after]
        end = one.ended_at or one.started_at
        return 0.0 if end is None or other.started_at is None else max(other.started_at - end, 0.0)

    def _session_named(self, turn: Turn, id: str) -> _OpenSession:
        session = self._by_id.get(id) or (self._by_agent.get(id) if turn.ids.agent else None)
        if session is None:
            session = self._continued_session(turn) or self._new_session(id, Agents())
            session.ids.append(id)
            self._by_id[id] = session
        return session

    def _continued_session(self, turn: Turn) -> _OpenSession | None:
        """Return the session whose conversation the first turn of a new one continues."""
        if turn.ids.agent or not has_history(turn):
            return None
        found = [(one, one.agents.main.find(turn)) for one in self.all if one.ids]
        shared = [(one, what.steps) for one, what in found if what.answered]
        return max(shared, key=lambda pair: pair[1])[0] if shared else None

    def _by_conversation(self, turn: Turn) -> _OpenSession | None:
        """Return the unnamed session that a turn repeats or continues."""
        before = self._tries.get(turn.digest)
        if before is not None and is_retry(self.turns[before], turn):
            return self._session_of[before]
        shared = self._unnamed.find(turn)
        if shared.turn is not None and self._is_continued(shared):
            return self._session_of[shared.turn]
        begin = "" if has_history(turn) else "\n".join(part.text for part in turn.parts if part.section == "messages")
        summed_up = [number for summary, number in self._summaries.items() if summary in begin]
        return self._session_of[summed_up[-1]] if summed_up else None

    def _is_continued(self, shared: Shared) -> bool:
        """Return whether it is the same conversation: an answer is shared, or a question that had no answer."""
        unanswered = shared.turn is not None and not shared.edited and not self.turns[shared.turn].answer
        return shared.answered or unanswered

    def _new_session(self, id: str, agents: Agents) -> _OpenSession:
        session = _OpenSession(id, [], agents)
        self.all.append(session)
        return session

    def _unnamed_id(self, turn: Turn) -> str:
        """Return an id like the trace's name, numbered where a .flow file holds several of the same millisecond."""
        id = stem_of(turn.timestamp) or "unnamed"
        self._ids_given[id] += 1
        return id if self._ids_given[id] == 1 else f"{id}-{self._ids_given[id]}"


def _texts_of_calls(turn: Turn) -> Iterator[str]:
    """Yield the texts among the arguments of the tools that an answer calls, without white space at their ends."""
    for part in turn.answer:
        if part.kind == "tool_input":
            yield from texts_in_call(part.text)


def _summary(turn: Turn) -> str:
    """Return the part of an answer to COMPACTION that later requests repeat: the client takes it out of its tags."""
    answer = "\n".join(part.text for part in turn.answer if part.kind == "assistant")
    found = _TAGGED.search(answer)
    summary = (found[1] if found else answer).strip()
    return summary if len(summary) >= _SHORTEST_SUMMARY else ""
