"""The measures as pages need them: how each is called, and how the script is to write it."""

from typing import Any

from traces.measures import Measure

_KINDS = {"s": "seconds", "tokens": "tokens", "tokens/s": "speed"}
"""The keys of the scripts' `SHOW`, by unit."""


def kind(measure: Measure) -> str:
    """Return how a script writes it: a key of its `SHOW`."""
    return "milliseconds" if measure.milliseconds else _KINDS[measure.unit]


def compared(measure: Measure) -> dict[str, Any]:
    """Return a measure as the page of a comparison shows it."""
    return {
        "key": measure.compared_key,
        "name": measure.name,
        "column": f"{measure.brief} tok/s" if measure.unit == "tokens/s" else measure.brief,
        "kind": kind(measure),
        "decides": measure.decides,
    }
