"""A recorded session -> the requests to send again, and which answers each of them waits for.

What had been answered before a request was sent is answered before it is sent again: turns that followed one another
still do, and agents that overlapped still overlap.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from traces.sessions.model import Place, Session, Turn, short_ids

LEFT_OUT = {
    "retry": ("retry of the client", "retries of the client"),
    "count": ("token count", "token counts"),
    "bodiless": ("request whose body isn't recorded", "requests whose bodies aren't recorded"),
    "partial": ("request that isn't recorded whole", "requests that aren't recorded whole"),
}
"""Why a turn isn't sent: each reason with its singular and plural for people."""


@dataclass(frozen=True, slots=True)
class Step:
    """One turn to send.

    offset   seconds from the session's first request to this one, as recorded
    after    the turns that must have been answered before, by number: the one it continues, and the latest of others
    pause    seconds from the last of the answers before it to this request: what tools and the person took; None where
             it isn't known when those answers ended, or where there are none
    """

    turn: Turn
    place: Place
    offset: float
    after: tuple[int, ...]
    pause: float | None = None

    @property
    def number(self) -> int:
        return self.place.number


def join(sessions: Sequence[Session]) -> Session:
    """Return several sessions as one, with their turns in the order they were sent: a server has one cache for all.

    An agent is named by its session and its own key.
    """
    if len(sessions) == 1:
        return sessions[0]
    names = short_ids(sessions)
    sent = sorted(
        (
            (turn, place, session)
            for session in sessions
            for turn, place in zip(session.turns, session.places, strict=True)
        ),
        key=lambda each: each[0].timestamp,
    )
    numbers = {(session.id, place.number): number for number, (_, place, session) in enumerate(sent, 1)}
    places = [
        replace(
            place,
            number=number,
            agent=f"{names[session.id]} {place.agent}",
            follows=None if place.follows is None else numbers[session.id, place.follows],
        )
        for number, (_, place, session) in enumerate(sent, 1)
    ]
    agents = [
        replace(
            agent,
            key=f"{names[session.id]} {agent.key}",
            parent=None if agent.parent is None else f"{names[session.id]} {agent.parent}",
            turns=tuple(numbers[session.id, number] for number in agent.turns),
        )
        for session in sessions
        for agent in session.agents
    ]
    return Session(
        id=f"{names[sessions[0].id]} and {len(sessions) - 1} more",
        has_client_id=False,
        ids=tuple(id for session in sessions for id in session.ids),
        turns=tuple(turn for turn, _, _ in sent),
        places=tuple(places),
        agents=tuple(agents),
    )


def _any(place: Place, earlier: Place) -> bool:
    """Return that a turn waits for whatever had been answered before it."""
    return True


def plan(session: Session, waits_for: Callable[[Place, Place], bool] = _any) -> list[Step]:
    """Return a step for each turn to send, oldest first. `waits_for` says whether a turn can wait for an earlier one.

    With all of them, a server's cache sees the requests in the recorded order.
    """
    spans = list(_spans(session.turns))
    sent = [place for turn, place in zip(session.turns, session.places, strict=True) if _why_not(turn, place) is None]
    first = spans[sent[0].number - 1][0] if sent else 0.0
    steps: list[Step] = []
    for place in sent:
        begun = spans[place.number - 1][0]
        before = [step for step in steps if waits_for(place, step.place)]
        over = {step.number: spans[step.number - 1] for step in before if spans[step.number - 1][1] <= begun}
        latest = max((start for start, _ in over.values()), default=0.0)
        after = {number for number, (_, end) in over.items() if end >= latest}
        if (followed := _sent_turn(place.follows, session)) is not None:
            after.add(followed)
        pause = _pause(place, [one for one in session.places[: place.number - 1] if waits_for(place, one)], session)
        steps.append(Step(session.turns[place.number - 1], place, begun - first, tuple(sorted(after)), pause))
    return steps


def _pause(place: Place, before: Sequence[Place], session: Session) -> float | None:
    """Return the seconds from the last answer before a turn to the turn. Retries, which aren't sent, count as well."""
    begun, earlier = session.turns[place.number - 1].started_at, [session.turns[one.number - 1] for one in before]
    if place.follows is not None and session.turns[place.follows - 1].timing.total is None:
        return None
    ends = [turn.ended_at for turn in earlier if turn.timing.total is not None and turn.ended_at is not None]
    over = [end for end in ends if begun is not None and end <= begun]
    return begun - max(over) if begun is not None and over else None


def describe_left_out(session: Session) -> list[str]:
    """Return how many turns aren't sent, for each reason, in words."""
    reasons = Counter(map(_why_not, session.turns, session.places))
    return [f"{count} {LEFT_OUT[reason][count > 1]}" for reason in LEFT_OUT if (count := reasons[reason])]


def _why_not(turn: Turn, place: Place) -> str | None:
    if turn.kind == "COUNT_TOKENS":
        return "count"
    if place.why == "retry":
        return "retry"
    if turn.unknown:
        return "partial"
    return None if turn.digest and turn.file else "bodiless"


def _sent_turn(number: int | None, session: Session) -> int | None:
    """Return the turn that is sent for this one: for a retry, the turn it repeats."""
    while number is not None and _why_not(session.turns[number - 1], session.places[number - 1]):
        number = session.places[number - 1].follows
    return number


def _spans(turns: Sequence[Turn]) -> Iterator[tuple[float, float]]:
    """Yield when each turn was sent and answered. Without recorded times, it counts as answered before the next one."""
    begun = 0.0
    for turn in turns:
        begun = begun if turn.started_at is None else turn.started_at
        yield begun, begun if turn.ended_at is None else turn.ended_at
