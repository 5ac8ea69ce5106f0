"""What a server still holds of earlier requests, and which of these prompts the next request goes on from.

`Slots` does as llama.cpp does (its tools/server/server-context.cpp and server-task.cpp, as of 2026), and LM Studio with
its engine: a slot holds one prompt and the answer to it. The slot that shares the longest prefix is taken if that is
more than a tenth of the request (`--slot-prompt-similarity`), else the one that wasn't used for longest. What a request
can't use of its slot is lost, unless there is room for it in the host's memory (`--cache-ram`).

`Everything` holds all there ever was, as vLLM and SGLang nearly do (vLLM in whole blocks of 16 tokens).

Not modelled: `--cache-reuse`, which moves chunks behind a difference and is off by default; models with a sliding
window or a recurrent state, which can go back to a checkpoint only; a context too small for its prompt.
"""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple, Protocol

from analysis.prefix_cache.prompts import WIDTH, Prompt, Prompts, Shared, common_length
from traces.sessions.model import Turn

SIMILARITY = 0.1
"""Share of the request; llama.cpp's own default."""

_WORTH_SAVING = 0.5  # a slot that would keep less than this of what it holds is saved to the host's memory first
_WORTH_LOADING = 0.25  # a saved prompt is loaded only if at least this share of it would be kept


_LAST = b"\xff" * 2 * WIDTH  # behind every key that follows


class Found(NamedTuple):
    """Which earlier turn's prompt the server goes on from, and what the request shares with it."""

    turn: int | None
    shared: Shared


NOTHING = Found(None, Shared(0, 0))


class Holder(Protocol):
    """What holds prompts: it serves one request after another, each given as its index in the list of prompts."""

    def serve(self, at: int) -> Found: ...


@dataclass(slots=True)
class _Slot:
    """`turn` is the index of the prompt that it holds; `free` the time at which it had answered."""

    turn: int | None = None
    free: float = -inf


@dataclass
class Slots:
    """A server with slots; `host` is the tokens for which the host's memory has room: at least one prompt, if not 0."""

    prompts: Prompts
    history: Sequence[Prompt]
    turns: Sequence[Turn]
    slots: Sequence[_Slot]
    host: float = 0
    saved: list[int] = field(default_factory=list)

    def serve(self, at: int) -> Found:
        """Return the prompt that the request goes on from, and hold the request's own prompt in its slot."""
        turn = self.turns[at]
        idle = self._idle(turn)
        found = [(self._shared(at, slot.turn), slot) for slot in idle]
        best, slot = max(found, key=lambda one: one[0].tokens)
        similar = best.tokens > SIMILARITY * self.history[at].tokens
        if not similar:
            slot = min(idle, key=lambda slot: slot.free)
            best = self._shared(at, slot.turn)
        held = slot.turn
        lost = held is not None and best.tokens < _WORTH_SAVING * self.history[held].held
        if self.host and (lost or not similar):
            held, best = self._swap(at, held, best)
        slot.turn, slot.free = at, turn.ended_at or turn.started_at or slot.free
        return Found(held, best)

    def _idle(self, turn: Turn) -> Sequence[_Slot]:
        """Return the slots that aren't answering; where all are, the first to be free, for which the request waits."""
        begun = turn.started_at
        idle = [slot for slot in self.slots if begun is None or slot.free <= begun]
        return idle or [min(self.slots, key=lambda slot: slot.free)]

    def _shared(self, at: int, held: int | None) -> Shared:
        return Shared(0, 0) if held is None else self.prompts.shared(self.history[at], self.history[held])

    def _swap(self, at: int, held: int | None, best: Shared) -> tuple[int | None, Shared]:
        """Save the slot's prompt to the host's memory, load a prompt from there that shares more, and return that.

        The loaded prompt leaves the host's memory; then the oldest do until there is room for the others.
        """
        if held is not None:
            self._save(held)
        kept = best.tokens / self.history[held].held if held is not None and self.history[held].held else -1
        loaded = None
        for other in self.saved:
            shared = self._shared(at, other)
            keeps = shared.tokens / max(self.history[other].held, 1)
            if keeps >= _WORTH_LOADING and keeps > kept and shared.tokens > best.tokens:
                loaded, best, kept = other, shared, keeps
        if loaded is not None:
            held = loaded
            self.saved.remove(loaded)
        while len(self.saved) > 1 and sum(self.history[other].held for other in self.saved) > self.host:
            del self.saved[0]
        return held, best

    def _save(self, turn: int) -> None:
        """Save a prompt, but none that is contained in another."""
        keys = self.history[turn].keys
        if any(self.history[other].keys.startswith(keys) for other in self.saved):
            return
        self.saved = [other for other in self.saved if not keys.startswith(self.history[other].keys)] + [turn]


class Everything:
    """A server that holds all prompts. In the order of their keys, the longest prefix is shared with a neighbour."""

    def __init__(self, prompts: Prompts, history: Sequence[Prompt]) -> None:
        self._prompts = prompts
        self._history = history
        self._held: list[tuple[bytes, int]] = []

    def serve(self, at: int) -> Found:
        """Return the prompt that the request goes on from, and hold its own."""
        found = self.find(at)
        self.hold(at)
        return found

    def hold(self, at: int) -> None:
        """Hold the prompt of this turn."""
        insort(self._held, (self._history[at].keys, at))

    def find(self, at: int) -> Found:
        """Return the earlier turn that shares most with this one; the latest of several."""
        asked = self._history[at]
        place = bisect_left(self._held, (asked.request, -1))
        near = self._held[max(place - 1, 0) : place + 1]
        if not near:
            return NOTHING
        parts = max(common_length(asked.request, keys) // WIDTH for keys, _ in near)
        start = asked.start(parts)
        first = bisect_left(self._held, (start, -1))
        last = bisect_right(self._held, start + _LAST, key=lambda one: one[0])
        alike = sorted(self._held[first:last], key=lambda one: one[1])
        going_on = [(keys, turn) for keys, turn in alike if len(keys) > len(start)]
        if parts == asked.asked or not going_on:
            return self._found(asked, alike[-1][1])
        numbers = array("I", b"".join(keys[len(start) : len(start) + WIDTH] for keys, _ in going_on))
        return self._found(asked, going_on[self._prompts.closest(asked.number(parts), numbers)][1])

    def _found(self, asked: Prompt, turn: int) -> Found:
        return Found(turn, self._prompts.shared(asked, self._history[turn]))


def make_holder(prompts: Prompts, history: Sequence[Prompt], turns: Sequence[Turn], slots: int, host: float) -> Holder:
    """Return what holds the prompts of a server with this many slots; 0 for one that holds everything."""
    if not slots:
        return Everything(prompts, history)
    return Slots(prompts, history, turns, [_Slot() for _ in range(slots)], host)
