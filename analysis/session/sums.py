"""What the sums of a session add up, in the list of sessions and in a session's report alike."""

from traces.metrics import Sum
from traces.model import State, Timing
from ui.tables import UNKNOWN_SUFFIX, Row


def waiting_seconds(timing: Timing, times_unknown: bool) -> float | None:
    """Return the seconds until the first token, or, without one, until the end of the answer.

    None where the times of the answer aren't recorded (`times_unknown`): when the first token came isn't known then.
    """
    if timing.ttft is None:
        return None if times_unknown else timing.total
    return timing.ttft


def writing_seconds(timing: Timing, times_unknown: bool) -> float | None:
    """Return the seconds from the first token to the end of the answer: 0 where there was no token, None as above."""
    if timing.ttft is None:
        return None if timing.total is None or times_unknown else 0.0
    return timing.generation


def has_output(kind: str, state: State, ttft: float | None) -> bool:
    """Return whether the model generated something, or may have.

    It didn't where tokens were only counted, nor where the answer failed before any content came.
    """
    return kind != "COUNT_TOKENS" and (state == "complete" or ttft is not None)


def sum_columns(key: str, total: Sum) -> Row:
    """Return a sum as two columns: the known total, and how many members are unknown."""
    return {key: total.known, f"{key}{UNKNOWN_SUFFIX}": total.unknown}
