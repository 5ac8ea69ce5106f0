"""Whether a server reuses nothing of a session's prompts although it could: then no fix of a prefix helps."""

from collections.abc import Iterable, Sequence

from replay.result import ReplayResult
from traces.content.part import Part
from traces.content.parts import parts
from traces.model import Json

ENOUGH_TOKENS = 256
"""Tokens that a turn must be able to reuse to count: of fewer, a server may well reuse none."""

ENOUGH_TURNS = 2
"""Turns that must show it: in a single one, the prompt may have been evicted by chance."""

_NOTHING = 0.05
"""A smaller share of what could be reused counts as nothing: all prompts begin alike for so long."""


class Prefixes:
    """How much of each request's text begins as the one before it did, as a share: `kept`, by the turn's number.

    Only requests of the same agent are compared: another's may have taken the server's only slot. Templates differ in
    whether the tools or the system prompt come first: the smaller share of the two counts.
    """

    def __init__(self) -> None:
        self._agent = ""
        self._before: Sequence[Part] = ()
        self.kept: dict[int, float] = {}

    def add(self, number: int, agent: str, body: Json) -> None:
        """Add the request of the next turn."""
        found = parts(body)
        if agent == self._agent and self._before:
            self.kept[number] = min(
                _common_share(*(_in_order(each, order) for each in (self._before, found))) for order in _ORDERS
            )
        self._agent, self._before = agent, found


_ORDERS = (("tools", "system", "messages"), ("system", "tools", "messages"))


def _in_order(found: Sequence[Part], order: Sequence[str]) -> list[str]:
    return [part.text for part in sorted(found, key=lambda part: order.index(part.section))]


def _common_share(before: Sequence[str], after: Sequence[str]) -> float:
    """Return the share of `after` that is in equal leading parts. A part that differs counts as new as a whole."""
    same = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            break
        same += len(new)
    return same / max(sum(map(len, after)), 1)


def turns_without_reuse(turns: Iterable[tuple[float, ReplayResult]]) -> int:
    """Return how many turns could have reused much and reused nothing, by the server's own count.

    `turns` are the results, each with the share that its prompt has in common with the one before. 0 where any turn did
    reuse, or where too few can show it.
    """
    known = [(kept, run.metrics.input) for kept, run in turns if run.success and run.metrics.input]
    comparable = [
        (kept * usage.total, usage.cache_read)
        for kept, usage in known
        if usage.cache_read is not None and kept * usage.total >= ENOUGH_TOKENS
    ]
    if len(comparable) < ENOUGH_TURNS or any(read > _NOTHING * could for could, read in comparable):
        return 0
    return len(comparable)
