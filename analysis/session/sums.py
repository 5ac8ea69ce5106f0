"""What the sums of a session add up, in the list of sessions and in a session's report alike."""

from traces.metrics import Sum
from traces.model import State, Timing
from ui.tables import UNKNOWN_SUFFIX, Row


def waiting_seconds(timing: Timing) -> float | None:
    """Return the seconds until the first token, or, without one, until the end of the answer."""
    return timing.total if timing.ttft is None else timing.ttft


def writing_seconds(timing: Timing) -> float | None:
    """Return the seconds from the first token to the end of the answer: 0 where there was no token."""
    if timing.ttft is None:
        return None if timing.total is None else 0.0
    return timing.generation


def has_output(kind: str, state: State, ttft: float | None) -> bool:
    """Return whether the model generated something, or may have.

    It didn't where tokens were only counted, nor where the answer failed before any content came.
    """
    return kind != "COUNT_TOKENS" and (state == "complete" or ttft is not None)


def sum_columns(key: str, total: Sum) -> Row:
    """Return a sum as two columns: the known total, and how many members are unknown."""
    return {key: total.known, f"{key}{UNKNOWN_SUFFIX}": total.unknown}
