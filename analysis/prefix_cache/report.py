"""What a server's cache kept and lost over whole sessions, turn by turn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from statistics import median

from analysis.prefix_cache.anthropic import Predicted
from analysis.prefix_cache.breaks import Breaks, PlacedTurn
from analysis.prefix_cache.cache import Reuse, Server, cache_of, was_served
from analysis.prefix_cache.causes import Cause
from analysis.prefix_cache.losses import Break
from analysis.prefix_cache.prompts import Counts
from analysis.prefix_cache.server import believable_usage
from analysis.prefix_cache.templates import Order
from traces.metrics import InputUsage
from traces.sessions.model import Session, Turn, agent_names, short_ids


@dataclass(frozen=True, slots=True)
class Row:
    """One turn. Tokens are the server's, where it reports a request's total; `cached` is its own report of `reused`.

    total       of the request
    reused      tokens that the server still held, by our prediction
    needed      tokens that no earlier turn had; they had to be prefilled
    wasted      tokens that an earlier turn had, and that had to be prefilled again
    usage       what the server reports, where that can be believed
    speed       tokens prefilled per second; `estimated` where the turn's own couldn't be measured
    held        the row (its place in the list) of the turn whose prompt holds what is reused
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
    held: int | None = None

    @property
    def cached(self) -> int | None:
        return self.usage.cache_read if self.usage else None

    @property
    def prefilled(self) -> int:
        return self.total - self.reused

    def seconds(self, tokens: float) -> float | None:
        """Return how long this many tokens take to prefill; None where no speed is known."""
        return tokens / self.speed if self.speed else None


ENOUGH = 256
"""Tokens that must be prefilled to measure a speed: with fewer, other things take most of the time."""

_OF_WASTED = 0.25  # a speed counts for a loss only if measured on at least this share of its tokens


def rows(sessions: Sequence[Session], counts: Counts, server: Server, order: Order) -> list[Row]:
    """Return one row for each turn that a model was given, in the order in which they began."""
    return scale(unscaled_rows(sessions, counts, server, order))


def unscaled_rows(sessions: Sequence[Session], counts: Counts, server: Server, order: Order) -> list[Row]:
    """Return the rows in the counter's tokens, without speeds.

    These can be compared with those of changed sessions, for which no server reports anything.
    """
    cache = cache_of(counts, order, server)
    breaks = Breaks(cache, short_ids(sessions), agent_names(sessions))
    found = []
    for placed in _in_order(sessions):
        reuse = cache.ask(placed.turn)
        found.append(_row(placed, reuse, breaks.of(placed, reuse)))
    return found


def _in_order(sessions: Sequence[Session]) -> Iterator[PlacedTurn]:
    """Yield the turns of all sessions in the order in which the server was given them, if their prompts are known."""
    turns = [
        (turn, session, place)
        for session in sessions
        for turn, place in zip(session.turns, session.places, strict=True)
        if was_served(turn) and not turn.unknown
    ]
    turns.sort(key=lambda one: -inf if one[0].started_at is None else one[0].started_at)
    at = {(session.id, place.number): at for at, (_, session, place) in enumerate(turns)}
    for here, (turn, session, place) in enumerate(turns):
        follows = place.follows
        while follows is not None and (session.id, follows) not in at:  # refused, so the server never had it
            follows = session.places[follows - 1].follows
        before = None if follows is None else at[session.id, follows]
        yield PlacedTurn(session.id, place, turn, before if before is not None and before < here else None)


def _row(placed: PlacedTurn, reuse: Reuse, breaks: Sequence[Break]) -> Row:
    wasted = min(sum(one.wasted for one in breaks), reuse.total - reuse.tokens)
    needed = reuse.total - reuse.tokens - wasted
    place = placed.place
    return Row(
        placed.session,
        place.number,
        place.agent,
        placed.turn,
        reuse.total,
        reuse.tokens,
        needed,
        wasted,
        tuple(breaks),
        believable_usage(placed.turn, reuse.total),
        held=reuse.held,
    )


def scale(rows: Sequence[Row]) -> list[Row]:
    """Return the rows in the server's own tokens, and with the speed of each.

    The server counts with the model's tokenizer, and also what the template writes between the parts. Where it doesn't
    report a request's total, the scale is that of all turns for which it does.
    """
    reported = [(row.usage.total, row.total) for row in rows if row.usage]
    usual = sum(total for total, _ in reported) / sum(counted for _, counted in reported) if reported else 1.0
    return _with_speeds([_scale_row(row, row.usage.total / row.total if row.usage else usual) for row in rows])


def _scale_row(row: Row, scale: float) -> Row:
    total, reused, wasted = (round(tokens * scale) for tokens in (row.total, row.reused, row.wasted))
    breaks = (replace(one, at=round(one.at * scale), wasted=round(one.wasted * scale)) for one in row.breaks)
    needed = max(total - reused - wasted, 0)
    return replace(row, total=total, reused=reused, wasted=total - reused - needed, needed=needed, breaks=tuple(breaks))


def _tokens_prefilled(row: Row) -> int:
    """Return the tokens that were prefilled while the client waited; a prediction where they aren't reported."""
    usage = row.usage
    if usage is None or usage.cache_read is None:
        return row.prefilled
    return usage.prefilled


def _with_speeds(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with their speeds, in tokens prefilled per second of TTFT.

    A turn with too few tokens to measure it has the median speed of the others.
    """
    measured = [(row, _tokens_prefilled(row), row.turn.timing.ttft) for row in rows]
    known = [tokens / ttft for _, tokens, ttft in measured if ttft and tokens >= ENOUGH]
    usual = median(known) if known else None
    return [
        replace(row, speed=tokens / ttft, estimated=row.cached is None)
        if ttft and tokens >= max(ENOUGH, row.wasted * _OF_WASTED)
        else replace(row, speed=usual, estimated=True)
        for row, tokens, ttft in measured
    ]


def mark_expired(rows: Sequence[Row], predicted: Sequence[Predicted | None]) -> list[Row]:
    """Return the rows, with tokens that had expired counted as wasted instead of reused."""
    return [_with_expired(row, one) if one else row for row, one in zip(rows, predicted, strict=True)]


def _with_expired(row: Row, predicted: Predicted) -> Row:
    start, end = (min(tokens, row.reused) for tokens in (predicted.read, predicted.read + predicted.expired))
    if start == end:
        return row
    # what is behind the last marker that expired would have been prefilled in any case
    lost = Break(Cause("expired", "the whole prompt" if not start else "all behind what was read"), start, end - start)
    needed = row.needed + row.reused - end
    return replace(row, reused=start, needed=needed, wasted=row.wasted + lost.wasted, breaks=(lost, *row.breaks))
