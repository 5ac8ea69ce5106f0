"""What a server's cache kept and lost over whole sessions, turn by turn.

Pure: sessions and counts in, plain data out. Knows nothing of files and of how a report is shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from statistics import median

from analysis.prefix_cache.anthropic import Predicted
from analysis.prefix_cache.breaks import Break, Breaks, Stood
from analysis.prefix_cache.cache import Reuse, Server, cache_of, served
from analysis.prefix_cache.causes import Cause
from analysis.prefix_cache.prompts import Counts
from analysis.prefix_cache.server import reported
from analysis.prefix_cache.templates import Order
from traces.metrics import InputUsage
from traces.sessions.model import Session, Turn, agent_names, short_ids


@dataclass(frozen=True, slots=True)
class Row:
    """One turn. Tokens are the server's, where it says how many a request had; `cached` is its own word for `reused`.

    total       of the request
    reused      that the server still held, by our prediction
    needed      that no earlier turn had; they had to be prefilled
    wasted      that an earlier turn had, and had to be prefilled again
    usage       what the server says, where that can be believed
    speed       tokens prefilled per second; `estimated` where the turn's own couldn't be measured
    """

    session: str
    number: int
    agent: str
    turn: Turn
    total: int
    reused: int
    needed: int
    wasted: int
    breaks: tuple[Break, ...]
    usage: InputUsage | None = None
    speed: float | None = None
    estimated: bool = False

    @property
    def cached(self) -> int | None:
        return self.usage.cache_read if self.usage else None

    @property
    def prefilled(self) -> int:
        return self.total - self.reused

    def seconds(self, tokens: float) -> float | None:
        """How long it takes to prefill so many."""
        return tokens / self.speed if self.speed else None


ENOUGH = 256
"""Tokens prefilled that measure a speed: with fewer, the time is that of everything else."""

_OF_WASTED = 0.25  # so much of what is to be reckoned must have been measured


def rows(sessions: Sequence[Session], counts: Counts, server: Server, order: Order) -> list[Row]:
    """One row for each turn that a model was given, in the order in which they began."""
    return scaled(counted_rows(sessions, counts, server, order))


def counted_rows(sessions: Sequence[Session], counts: Counts, server: Server, order: Order) -> list[Row]:
    """The same in the counter's tokens, without speeds: what two of them differ by isn't what a server reports."""
    cache = cache_of(counts, order, server)
    breaks = Breaks(cache, short_ids(sessions), agent_names(sessions))
    found = []
    for stood in _in_order(sessions):
        reuse = cache.ask(stood.turn)
        found.append(_row(stood, reuse, breaks.of(stood, reuse)))
    return found


def _in_order(sessions: Sequence[Session]) -> Iterator[Stood]:
    """The turns of all sessions as the server was given them."""
    turns = [
        (turn, session, place)
        for session in sessions
        for turn, place in zip(session.turns, session.places, strict=True)
        if served(turn)
    ]
    turns.sort(key=lambda one: -inf if one[0].started_at is None else one[0].started_at)
    at = {(session.id, place.number): at for at, (_, session, place) in enumerate(turns)}
    for here, (turn, session, place) in enumerate(turns):
        follows = place.follows
        while follows is not None and (session.id, follows) not in at:  # it was refused: the server never had it
            follows = session.places[follows - 1].follows
        before = None if follows is None else at[session.id, follows]
        yield Stood(session.id, place, turn, before if before is not None and before < here else None)


def _row(stood: Stood, reuse: Reuse, breaks: Sequence[Break]) -> Row:
    wasted = min(sum(one.wasted for one in breaks), reuse.total - reuse.tokens)
    needed = reuse.total - reuse.tokens - wasted
    place = stood.place
    return Row(
        stood.session,
        place.number,
        place.agent,
        stood.turn,
        reuse.total,
        reuse.tokens,
        needed,
        wasted,
        tuple(breaks),
        reported(stood.turn, reuse.total),
    )


def scaled(rows: Sequence[Row]) -> list[Row]:
    """In the server's own tokens: it counts with the model's tokenizer, and what the template writes between the parts.
    And with the speed of each.

    Where it doesn't say how many a request had, the other turns tell how many of its tokens are one of the counter's.
    """
    told = [(row.usage.total, row.total) for row in rows if row.usage]
    usual = sum(total for total, _ in told) / sum(counted for _, counted in told) if told else 1.0
    return _with_speeds([_times(row, row.usage.total / row.total if row.usage else usual) for row in rows])


def _times(row: Row, scale: float) -> Row:
    total, reused, wasted = (round(tokens * scale) for tokens in (row.total, row.reused, row.wasted))
    breaks = (replace(one, at=round(one.at * scale), wasted=round(one.wasted * scale)) for one in row.breaks)
    needed = max(total - reused - wasted, 0)
    return replace(row, total=total, reused=reused, wasted=total - reused - needed, needed=needed, breaks=tuple(breaks))


def _measured(row: Row) -> int:
    """The tokens that were prefilled while the client waited; our own prediction where the server doesn't say it."""
    usage = row.usage
    if usage is None or usage.cache_read is None:
        return row.prefilled
    return usage.prefilled


def _with_speeds(rows: Sequence[Row]) -> list[Row]:
    """Tokens prefilled per second of TTFT. A turn that measured it on too few has that of the middle one."""
    measured = [(row, _measured(row), row.turn.timing.ttft) for row in rows]
    known = [tokens / ttft for _, tokens, ttft in measured if ttft and tokens >= ENOUGH]
    usual = median(known) if known else None
    return [
        replace(row, speed=tokens / ttft, estimated=row.cached is None)
        if ttft and tokens >= max(ENOUGH, row.wasted * _OF_WASTED)
        else replace(row, speed=usual, estimated=True)
        for row, tokens, ttft in measured
    ]


def expired(rows: Sequence[Row], predicted: Sequence[Predicted | None]) -> list[Row]:
    """The rows, with what of each had expired as wasted instead of reused."""
    return [_expired(row, one) if one else row for row, one in zip(rows, predicted, strict=True)]


def _expired(row: Row, predicted: Predicted) -> Row:
    start, end = (min(tokens, row.reused) for tokens in (predicted.read, predicted.read + predicted.expired))
    if start == end:
        return row
    # what is behind the last mark that expired would have been prefilled in any case, be it the same
    lost = Break(Cause("expired", "the whole prompt" if not start else "all behind what was read"), start, end - start)
    needed = row.needed + row.reused - end
    return replace(row, reused=start, needed=needed, wasted=row.wasted + lost.wasted, breaks=(lost, *row.breaks))
