"""The report of two sessions: their sums, what their clients sent, their turns in pairs, and where they part ways."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.diff import prompts
from analysis.diff.alignment import Pair, align
from analysis.diff.prompts import PartChange
from analysis.diff.steps import Step, steps
from analysis.prefix_cache.prompts import Prompts, part_counter
from analysis.prefix_cache.templates import ORDERS
from analysis.session import report as session_report
from analysis.session.report import SessionReport, TurnRow
from analysis.tokens.cache import CountCache
from analysis.tokens.counters import DEFAULT, counter
from analysis.tokens.models import most_used_model
from traces.sessions.model import Session


@dataclass(frozen=True, slots=True)
class Row:
    """A pair of turns, with the name of the agent on each side, and its row in the session's own report.

    shared   tokens at the beginning of both prompts that are the same, as we count them
    """

    pair: Pair
    agent: str
    left: TurnRow | None
    right: TurnRow | None
    shared: int | None


@dataclass(frozen=True, slots=True)
class DiffReport:
    """All there is to show of two sessions.

    first      the first turns that correspond, whose prompts are compared; the first ones where none do
    parts      what the clients wrote into these
    reordered  whether the tools that both have come in another order
    shared     tokens at the beginning of both prompts that are the same
    """

    left: SessionReport
    right: SessionReport
    counter: str
    first: tuple[Step, Step] | None
    parts: Sequence[PartChange]
    reordered: bool
    shared: int | None
    rows: Sequence[Row]

    @property
    def divergence(self) -> Row | None:
        """The first row that isn't the same on both sides; None where the sessions are the same throughout."""
        return next((row for row in self.rows if not row.pair.is_same), None)


def report(left: Session, right: Session, tokenizer: str = DEFAULT) -> DiffReport:
    """Return the report of two sessions."""
    overview = session_report.view([left, right], tokenizer)
    ours, theirs = overview.reports
    pairs = list(_pairs(ours, theirs))
    first = _first(pairs)
    model = most_used_model(turn.model for session in (left, right) for turn in session.turns)
    with CountCache() as cache:
        counts = part_counter(cache.wrap(counter(tokenizer, model)), model)
        known = Prompts(counts, ORDERS[ours.template])
        rows = [_row(pair, agent, ours, theirs, known) for agent, pair in pairs]
        return DiffReport(
            left=ours,
            right=theirs,
            counter=overview.counter,
            first=first,
            parts=prompts.changes(first[0].turn, first[1].turn, counts) if first else [],
            reordered=first is not None and prompts.is_reordered(first[0].turn, first[1].turn),
            shared=_shared(first[0], first[1], known) if first else None,
            rows=rows,
        )


def _pairs(left: SessionReport, right: SessionReport) -> Iterator[tuple[str, Pair]]:
    """Yield the pairs of turns, agent by agent: the main agents, then those that were first asked the same."""
    ours, theirs = _by_agent(left), _by_agent(right)
    while ours:
        name, mine = ours.pop(0)
        at = next((at for at, (_, other) in enumerate(theirs) if _corresponds(mine, other)), None)
        yield from ((name, pair) for pair in align(mine, [] if at is None else theirs.pop(at)[1]))
    for name, other in theirs:
        yield from ((name, pair) for pair in align([], other))


def _by_agent(report: SessionReport) -> list[tuple[str, list[Step]]]:
    found = ((name, steps(report.session, agent)) for agent, name, _ in report.agents)
    return [(name, each) for name, each in found if each]


def _corresponds(mine: Sequence[Step], other: Sequence[Step]) -> bool:
    """Return whether two agents are counterparts: both the main one, or two that were asked the same at first."""
    is_main = [each[0].turn.ids.agent is None for each in (mine, other)]
    return all(is_main) or (not any(is_main) and mine[0].question == other[0].question)


def _first(pairs: Sequence[tuple[str, Pair]]) -> tuple[Step, Step] | None:
    """Return the first turns that correspond; where none do, the first of each side."""
    both = next(((one.left, one.right) for _, one in pairs if one.left and one.right and not one.in_history_of), None)
    left = next((one.left for _, one in pairs if one.left), None)
    right = next((one.right for _, one in pairs if one.right), None)
    return both or ((left, right) if left and right else None)


def _row(pair: Pair, agent: str, left: SessionReport, right: SessionReport, known: Prompts) -> Row:
    shared = _shared(pair.left, pair.right, known) if pair.left and pair.right and not pair.in_history_of else None
    return Row(pair, agent, _turn_row(left, pair.left), _turn_row(right, pair.right), shared)


def _turn_row(report: SessionReport, step: Step | None) -> TurnRow | None:
    return report.rows[step.place.number - 1] if step else None


def _shared(left: Step, right: Step, known: Prompts) -> int | None:
    """Return the tokens that both prompts begin with; None where one of the records doesn't hold its whole request."""
    if left.turn.unknown or right.turn.unknown:
        return None
    return known.shared(known.of(right.turn), known.of(left.turn)).tokens
