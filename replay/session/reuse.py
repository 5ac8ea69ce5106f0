"""Whether a server reuses nothing of a session's prompts although it could: then neither memory nor a fix helps."""

from collections.abc import Iterable, Sequence

from replay.result import ReplayResult
from traces.content.part import Part
from traces.content.parts import parts
from traces.model import Json

ENOUGH = 256
"""Tokens that a turn could reuse: of fewer, a server may well reuse none."""

FEWEST = 2
"""Turns that must show it: after one, the prompt may have been lost by chance."""

_NOTHING = 0.05
"""So small a share of what could be reused is a start that all prompts have."""


class Prefixes:
    """How much of each request stood at the beginning of the one before it, as a share of its text. Only requests of
    the same agent are compared: another's may have taken the server's only slot. Templates differ in whether the tools
    or the system prompt come first: the smaller share of the two counts."""

    def __init__(self) -> None:
        self._agent = ""
        self._before: Sequence[Part] = ()
        self.kept: dict[int, float] = {}

    def add(self, number: int, agent: str, body: Json) -> None:
        found = parts(body)
        if agent == self._agent and self._before:
            self.kept[number] = min(
                _shared(*(_in_order(each, order) for each in (self._before, found))) for order in _ORDERS
            )
        self._agent, self._before = agent, found


_ORDERS = (("tools", "system", "messages"), ("system", "tools", "messages"))


def _in_order(found: Sequence[Part], order: Sequence[str]) -> list[str]:
    return [part.text for part in sorted(found, key=lambda part: order.index(part.section))]


def _shared(before: Sequence[str], after: Sequence[str]) -> float:
    """A part that differs counts as new, as a whole."""
    same = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            break
        same += len(new)
    return same / max(sum(map(len, after)), 1)


def turns_without_reuse(turns: Iterable[tuple[float, ReplayResult]]) -> int:
    """Return how many turns could have reused much and reused nothing, by the server's own count: of each, the share
    that it kept of the one before, and what came of it. 0 where some turn did reuse, or where too few could tell."""
    known = [(kept, run.metrics.input) for kept, run in turns if run.success and run.metrics.input]
    telling = [
        (kept * usage.total, usage.cache_read)
        for kept, usage in known
        if usage.cache_read is not None and kept * usage.total >= ENOUGH
    ]
    if len(telling) < FEWEST or any(read > _NOTHING * could for could, read in telling):
        return 0
    return len(telling)
