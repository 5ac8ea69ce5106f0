"""What the sums of a session are made of, for the list of sessions and for a session's report alike."""

from traces.metrics import Sum
from traces.model import State, Timing
from ui.tables import UNKNOWN_SUFFIX, Row


def waited(timing: Timing) -> float | None:
    """Return the seconds until the first token; of an answer without one, until its end."""
    return timing.total if timing.ttft is None else timing.ttft


def wrote(timing: Timing) -> float | None:
    """Return the seconds in which an answer was written: none where no token came before its end."""
    if timing.ttft is None:
        return None if timing.total is None else 0.0
    return timing.generation


def has_output(kind: str, state: State, ttft: float | None) -> bool:
    """Return whether a model has, or may have, generated something: not where tokens were only counted, nor where the
    answer failed before any content came."""
    return kind != "COUNT_TOKENS" and (state == "complete" or ttft is not None)


def columns(key: str, total: Sum) -> Row:
    """Return a sum as it stands in a row: what is known, and how many of its members aren't."""
    return {key: total.known, f"{key}{UNKNOWN_SUFFIX}": total.unknown}
