"""Whether a server reuses nothing although it could: then neither slots nor memory for prompts are the reason."""

from collections.abc import Sequence
from itertools import pairwise

from analysis.prefix_cache.report import Row

ENOUGH = 256
"""Tokens that a turn could reuse: of fewer, a server may well reuse none."""

FEWEST = 2
"""Turns that must show it: after one, the prompt may have been lost by chance."""

_NOTHING = 0.05
"""Share of what could be reused: less than this is a beginning that all prompts have."""


def turns_without_reuse(rows: Sequence[Row]) -> int:
    """Return how many turns only carried on the request before them and reused nothing, by the server's own count.

    0 where some turn did reuse something, or where too few turns could show it.
    """
    in_order = sorted(rows, key=lambda row: row.turn.started_at or 0.0)
    comparable = [row for before, row in pairwise(in_order) if _could_reuse(before, row)]
    reused = any((row.cached or 0) > _NOTHING * row.reused for row in comparable)
    return 0 if reused or len(comparable) < FEWEST else len(comparable)


def _could_reuse(before: Row, row: Row) -> bool:
    same = (before.session, before.agent, before.turn.model) == (row.session, row.agent, row.turn.model)
    return same and row.cached is not None and row.reused >= ENOUGH
