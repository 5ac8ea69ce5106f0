"""Mistakes in the order of a stream's events, which a strict client may fail at although we could put them together.

What is a mistake, the API format says. All of llama.cpp's blocks end together where tools run in parallel: that is none
here, every client copes with it.
"""

from collections.abc import Sequence

from traces.dialects import FORMATS, Dialect
from traces.dialects.format import Rules
from traces.model import Event

_EVERY: Rules = (("an event made no sense", lambda kinds: "malformed" in kinds),)


def first_mistake(events: Sequence[Event], dialect: Dialect) -> str | None:
    """The first rule that is broken, in words; None where all are kept."""
    kinds = [event.kind for event in events if event.kind != "ping"]
    return next((words for words, broken in (*_EVERY, *FORMATS[dialect].order) if broken(kinds)), None)
