"""The breaks of each request's prefix: their causes, in the order of the request, and the tokens that each one lost.

A request is compared with the turn whose conversation it carries on. What that turn's prompt and answer held, and the
server can't use, is wasted; what neither held is needed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from analysis.prefix_cache.cache import Cache, Reuse
from analysis.prefix_cache.causes import Cause
from analysis.prefix_cache.losses import Break, Differences, Side, merge
from analysis.prefix_cache.slots import SIMILARITY, Everything
from traces.sessions.agents import MAIN
from traces.sessions.model import Place, Turn


@dataclass(frozen=True, slots=True)
class PlacedTurn:
    """A turn with its place in its session; `follows` is the index, in all turns, of the one that it carries on."""

    session: str
    place: Place
    turn: Turn
    follows: int | None


ALIKE = 0.8
"""A request that begins a conversation is compared with an earlier one that has at least this share of it."""

_FIRST_REQUESTS = 8  # so many of these earlier ones are tried

_OF_ITS_OWN = ("tool-added", "tool-removed", "tools-reordered", "tool-changed", "system-changed")
"""What in a request on the side is as its client wants it: no setting of tools or of the system prompt changes that."""

_CONVERSATION = ("user", "assistant", "tool_input", "tool_result")


class Breaks:
    """Finds the breaks of each turn. Ask it after the cache, turn after turn."""

    def __init__(self, cache: Cache, names: Mapping[str, str], agents: Mapping[str, str]) -> None:
        """`names` holds what each session is called, by its id; `agents` what each agent is called, by its key."""
        self._cache = cache
        self._names = names
        self._agents = agents
        self._everything = Everything(cache.prompts, cache.history)
        self._turns: list[PlacedTurn] = []
        self._first_requests: list[int] = []
        self._last: dict[tuple[str, str], int] = {}

    def of(self, placed: PlacedTurn, reuse: Reuse) -> list[Break]:
        """Return what broke this turn's prefix; nothing where it loses nothing that an earlier turn had."""
        at = len(self._turns)
        self._turns.append(placed)
        before, longest = self._reference(at, placed)
        self._everything.hold(at)
        found = list(self._evictions(at, longest, reuse)) if longest is not None else []
        if before is not None:
            found += self._differences(at, before, reuse.tokens + sum(one.wasted for one in found))
        if placed.place.why != "side":
            self._last[placed.session, placed.place.agent] = at
        return merge(found)

    def _reference(self, at: int, placed: PlacedTurn) -> tuple[int | None, int | None]:
        """Return the turn to compare with, and the one that had the longest prefix."""
        if placed.follows is not None:
            before = self._before(at, placed.follows)
            return before, before
        longest = self._everything.find(at).turn
        if longest is not None and self._have_separate_caches(at, longest):
            longest = None
        alike = next(
            (one for one in self._first_requests[: -_FIRST_REQUESTS - 1 : -1] if self._begin_alike(at, one)), None
        )
        self._first_requests.append(at)
        return alike, longest

    def _before(self, at: int, follows: int) -> int:
        """Return the turn that this one carries on, or the same agent's last one if that shares more.

        What they share may be behind a part of the history that was edited.
        """
        placed = self._turns[at]
        if placed.place.why == "side":
            return follows
        last = self._last.get((placed.session, placed.place.agent), follows)
        return last if last != follows and self._share(at, last) > self._share(at, follows) else follows

    def _have_separate_caches(self, at: int, other: int) -> bool:
        """Whether no cache can serve both turns."""
        return self._cache.server.by_model and self._turns[at].turn.model != self._turns[other].turn.model

    def _begin_alike(self, at: int, before: int) -> bool:
        """Whether two first requests are much the same: both of main agents, or with the same tools."""
        mains = self._turns[at].place.agent == self._turns[before].place.agent == MAIN
        same_tools = set(self._tools(at)) == set(self._tools(before))
        return (mains or same_tools) and self._share(at, before) >= ALIKE

    def _share(self, at: int, before: int) -> float:
        asked = self._cache.history[at]
        held = set(self._cache.history[before].numbers)
        shared = sum(self._tokens(number) for number in asked.numbers[: asked.asked] if number in held)
        return shared / max(asked.tokens, 1)

    def _evictions(self, at: int, before: int, reuse: Reuse) -> Iterator[Break]:
        """Yield the loss of what the server once had and no longer holds, or holds for another model."""
        asked = self._cache.history[at]
        longest = min(self._cache.prompts.shared(asked, self._cache.history[before]).tokens, asked.tokens - 1)
        if longest <= reuse.tokens:
            return
        wasted = longest - reuse.tokens
        if self._have_separate_caches(at, before):
            other, model = (str(self._turns[one].turn.model) for one in (before, at))
            yield Break(Cause("other-model", "the whole prompt", other, model), reuse.tokens, wasted, before)
            return
        displacing = self._displacing_turn(at, before, reuse)
        if displacing is None and longest > SIMILARITY * asked.tokens:
            yield Break(Cause("evicted", "the whole prompt"), reuse.tokens, wasted)
        if displacing is None:
            return
        kind = self._kind_beside(displacing) or "other-agent"
        yield Break(Cause(kind, self._name(at, displacing)), reuse.tokens, wasted, displacing)

    def _displacing_turn(self, at: int, before: int, reuse: Reuse) -> int | None:
        """Return the turn that took the place in the server: the one in its slot, or the last one of another owner."""
        owner = self._owner(at)
        if reuse.held is not None and reuse.held > before and self._owner(reuse.held) != owner:
            return reuse.held
        return next((one for one in range(at - 1, before, -1) if self._owner(one) != owner), None)

    def _owner(self, at: int) -> tuple[str, str, bool]:
        placed = self._turns[at]
        return placed.session, placed.place.agent, placed.place.why == "side"

    def _name(self, at: int, turn: int) -> str:
        other = self._turns[turn]
        session = "" if other.session == self._turns[at].session else f" of session {self._names[other.session]}"
        what = other.turn.kind if other.place.why == "side" else self._agents[other.place.agent]
        return f"turn {other.place.number}{session}, {what}"

    def _differences(self, at: int, before: int, kept: int) -> list[Break]:
        placed = self._turns[at]
        earlier, asked = (Side(self._turns[one].turn, self._cache.history[one]) for one in (before, at))
        compacted = placed.place.why == "compacted" and not self._continues(at, before)
        found = Differences(
            self._cache.prompts, earlier, asked, kept, followed=placed.follows is not None, compacted=compacted
        ).breaks()
        kind = self._kind_beside(at)
        own = [one for one in found if kind and one.cause.kind in _OF_ITS_OWN]
        return [replace(one, cause=replace(one.cause, kind=kind)) if one in own else one for one in found]

    def _kind_beside(self, at: int) -> str:
        """Return the kind of what a request beside the conversation breaks; "" for a turn of the conversation."""
        placed = self._turns[at]
        if placed.place.why != "side":
            return ""
        return "compaction" if placed.turn.kind == "COMPACTION" else "side-request"

    def _continues(self, at: int, before: int) -> bool:
        """Whether most of the request's conversation is in the earlier one: then no summary replaces it."""
        earlier = {*self._turns[before].turn.parts, *self._turns[before].turn.answer}
        said = [
            part for part in self._turns[at].turn.parts if part.section == "messages" and part.kind in _CONVERSATION
        ]
        return 2 * sum(len(part.text) for part in said if part in earlier) > sum(len(part.text) for part in said)

    def _tools(self, at: int) -> list[str]:
        return [part.name or "?" for part in self._turns[at].turn.parts if part.section == "tools"]

    def _tokens(self, number: int) -> int:
        return self._cache.prompts.tokens(number)
