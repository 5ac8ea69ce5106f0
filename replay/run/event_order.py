"""Mistakes in the order of a stream's events: a strict client may fail at them, although we could read the answer.

Each API format has its rules. That llama.cpp ends all blocks together where tools are called in parallel is no mistake:
every client copes with it.
"""

from collections.abc import Sequence

from traces.dialects import FORMATS, Dialect
from traces.dialects.format import Rules
from traces.model import Event

_ALL_FORMATS: Rules = (("an event made no sense", lambda kinds: "malformed" in kinds),)


def first_mistake(events: Sequence[Event], dialect: Dialect) -> str | None:
    """Return the first rule that is broken, in words; None where all are kept."""
    kinds = [event.kind for event in events if event.kind != "ping"]
    return next((words for words, broken in (*_ALL_FORMATS, *FORMATS[dialect].order) if broken(kinds)), None)
