"""What a server says of a request's tokens, where that can be believed. Knows nothing of caches."""

from traces.metrics import InputUsage
from traces.sessions.model import Turn

_FEWEST, _MOST = 0.5, 2.0  # of the server's tokens for one of the counter's

_OF_TEMPLATE = 1000  # tokens that a template may write of its own: a short request is little besides


def reported(turn: Turn, counted: int) -> InputUsage | None:
    """The turn's usage; None where there is none, or where it's a placeholder: far from what was counted."""
    usage = turn.usage
    if usage is None or not counted:
        return None
    return usage if _FEWEST * counted < usage.total < _MOST * counted + _OF_TEMPLATE else None
