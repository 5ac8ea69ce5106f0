"""What Anthropic's cache held and no longer does: the clock breaks a prefix there, and no slot does. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from analysis.anthropic_cache import Predicted
from analysis.cache_differences import Break
from analysis.cache_report import Row
from analysis.culprits import Culprit


def expired(rows: Sequence[Row], predicted: Sequence[Predicted | None]) -> list[Row]:
    """The rows, with what of each had expired as wasted instead of reused."""
    return [_expired(row, one) if one else row for row, one in zip(rows, predicted, strict=True)]


def _expired(row: Row, predicted: Predicted) -> Row:
    start, end = (min(tokens, row.reused) for tokens in (predicted.read, predicted.read + predicted.expired))
    if start == end:
        return row
    # what is behind the last mark that expired would have been prefilled in any case, be it the same
    lost = Break(
        Culprit("expired", "the whole prompt" if not start else "all behind what was read"), start, end - start
    )
    needed = row.needed + row.reused - end
    return replace(row, reused=start, needed=needed, wasted=row.wasted + lost.wasted, breaks=(lost, *row.breaks))
