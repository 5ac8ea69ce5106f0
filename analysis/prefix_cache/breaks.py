"""Why a request can't take more from the cache than it does: each break, in the order of the request, and what it cost.

A request is compared with the turn whose conversation it carries on. What that turn's prompt and answer held, and the
server can't use, is wasted; what neither held is needed. Knows nothing of seconds and of how a break is shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analysis.prefix_cache.cache import Cache, Reuse
from analysis.prefix_cache.causes import Cause
from analysis.prefix_cache.losses import Break as Break
from analysis.prefix_cache.losses import Differences, Side, joined
from analysis.prefix_cache.slots import SIMILARITY, Everything
from traces.sessions.agents import MAIN
from traces.sessions.model import Place, Turn


@dataclass(frozen=True, slots=True)
class Stood:
    """A turn of a session, and the turn before it in its conversation, as its place in the list of all turns."""

    session: str
    place: Place
    turn: Turn
    follows: int | None


ALIKE = 0.8
"""Of a request that begins a conversation: it is compared with an earlier one that has as much of it."""

_BEGINNINGS = 8  # so many are looked at

_SAID = ("user", "assistant", "tool_input", "tool_result")


class Breaks:
    """Asked after each turn of the cache's, in order."""

    def __init__(self, cache: Cache, names: Mapping[str, str], agents: Mapping[str, str]) -> None:
        """`names`: how each session is called, by its id; `agents`: each agent, by its key."""
        self._cache = cache
        self._names = names
        self._agents = agents
        self._everything = Everything(cache.prompts, cache.made)
        self._stood: list[Stood] = []
        self._beginnings: list[int] = []
        self._last: dict[tuple[str, str], int] = {}

    def of(self, stood: Stood, reuse: Reuse) -> list[Break]:
        """What broke the last turn's prefix. Nothing where it loses nothing that an earlier turn had."""
        at = len(self._stood)
        self._stood.append(stood)
        before, longest = self._reference(at, stood)
        self._everything.hold(at)
        found = list(self._driven_out(at, longest, reuse)) if longest is not None else []
        if before is not None:
            found += self._differences(at, before, reuse.tokens + sum(one.wasted for one in found))
        if stood.place.why != "side":
            self._last[stood.session, stood.place.agent] = at
        return joined(found)

    def _reference(self, at: int, stood: Stood) -> tuple[int | None, int | None]:
        """The turn to compare with, and the one that had the longest prefix."""
        if stood.follows is not None:
            before = self._before(at, stood.follows)
            return before, before
        longest = self._everything.find(at).turn
        if longest is not None and self._apart(at, longest):
            longest = None
        alike = next((one for one in self._beginnings[: -_BEGINNINGS - 1 : -1] if self._alike(at, one)), None)
        self._beginnings.append(at)
        return alike, longest

    def _before(self, at: int, follows: int) -> int:
        """The turn whose conversation it carries on, or the same agent's last one: what that has in common with it may
        stand behind a part of the history that was edited."""
        stood = self._stood[at]
        if stood.place.why == "side":
            return follows
        last = self._last.get((stood.session, stood.place.agent), follows)
        return last if last != follows and self._share(at, last) > self._share(at, follows) else follows

    def _apart(self, at: int, other: int) -> bool:
        """Whether no cache can serve both."""
        return self._cache.server.by_model and self._stood[at].turn.model != self._stood[other].turn.model

    def _alike(self, at: int, before: int) -> bool:
        """Whether two agents that begin are of one kind: both the main one, or with the same tools."""
        mains = self._stood[at].place.agent == self._stood[before].place.agent == MAIN
        same_tools = set(self._tools(at)) == set(self._tools(before))
        return (mains or same_tools) and self._share(at, before) >= ALIKE

    def _share(self, at: int, before: int) -> float:
        asked = self._cache.made[at]
        held = set(self._cache.made[before].numbers)
        shared = sum(self._tokens(number) for number in asked.numbers[: asked.asked] if number in held)
        return shared / max(asked.tokens, 1)

    def _driven_out(self, at: int, before: int, reuse: Reuse) -> Iterator[Break]:
        """What the server once had and no longer holds, or holds for another model."""
        asked = self._cache.made[at]
        longest = min(self._cache.prompts.shared(asked, self._cache.made[before]).tokens, asked.tokens - 1)
        if longest <= reuse.tokens:
            return
        wasted = longest - reuse.tokens
        if self._apart(at, before):
            other, model = (str(self._stood[one].turn.model) for one in (before, at))
            yield Break(Cause("other-model", "the whole prompt", other, model), reuse.tokens, wasted, before)
            return
        between = self._in_between(at, before, reuse)
        if between is None and longest > SIMILARITY * asked.tokens:
            yield Break(Cause("evicted", "the whole prompt"), reuse.tokens, wasted)
        if between is None:
            return
        kind = "side-request" if self._stood[between].place.why == "side" else "other-agent"
        yield Break(Cause(kind, self._name(at, between)), reuse.tokens, wasted, between)

    def _in_between(self, at: int, before: int, reuse: Reuse) -> int | None:
        """The turn that took the place in the server: that of its slot, or the last one of somebody else."""
        whose = self._whose(at)
        if reuse.held is not None and reuse.held > before and self._whose(reuse.held) != whose:
            return reuse.held
        return next((one for one in range(at - 1, before, -1) if self._whose(one) != whose), None)

    def _whose(self, at: int) -> tuple[str, str, bool]:
        stood = self._stood[at]
        return stood.session, stood.place.agent, stood.place.why == "side"

    def _name(self, at: int, turn: int) -> str:
        other = self._stood[turn]
        session = "" if other.session == self._stood[at].session else f" of session {self._names[other.session]}"
        what = other.turn.kind if other.place.why == "side" else self._agents[other.place.agent]
        return f"turn {other.place.number}{session}, {what}"

    def _differences(self, at: int, before: int, kept: int) -> list[Break]:
        stood = self._stood[at]
        earlier, asked = (Side(self._stood[one].turn, self._cache.made[one]) for one in (before, at))
        compacted = stood.place.why == "compacted" and not self._goes_on(at, before)
        return Differences(
            self._cache.prompts, earlier, asked, kept, followed=stood.follows is not None, compacted=compacted
        ).breaks()

    def _goes_on(self, at: int, before: int) -> bool:
        """Whether most of what is said in the request was said in the earlier one: then no summary stands for it."""
        earlier = {*self._stood[before].turn.parts, *self._stood[before].turn.answer}
        said = [part for part in self._stood[at].turn.parts if part.section == "messages" and part.kind in _SAID]
        return 2 * sum(len(part.text) for part in said if part in earlier) > sum(len(part.text) for part in said)

    def _tools(self, at: int) -> list[str]:
        return [part.name or "?" for part in self._stood[at].turn.parts if part.section == "tools"]

    def _tokens(self, number: int) -> int:
        return self._cache.prompts.tokens(number)
