"""What a server says of a request's tokens, where that can be believed. Knows nothing of caches."""

from traces.timing import InputUsage
from traces.turn import Turn

_FEWEST, _MOST = 0.5, 2.0  # of the server's tokens for one of the counter's


def reported(turn: Turn, counted: int) -> InputUsage | None:
    """The turn's usage; None where there is none, or where it's a placeholder: far from what was counted."""
    usage = turn.usage
    return usage if usage and counted and _FEWEST < usage.total / counted < _MOST else None
