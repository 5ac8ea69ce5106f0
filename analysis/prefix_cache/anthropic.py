"""Anthropic's own cache, after its published rules: which prefix a marker keeps, for how long, and at what price."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import NamedTuple

from analysis.prefix_cache.cache import was_served
from analysis.prefix_cache.prompts import Counts, Prompt, Prompts
from analysis.prefix_cache.templates import ORDERS
from analysis.tokens.models import claude_version
from traces.clients.claude_code.reminders import OPEN
from traces.content.parts import Part
from traces.sessions.model import Turn

LOOK_BACK = 20
"""Positions that are searched for an entry, that of the marker included."""

_LATER_VERSIONS = 512
_MINIMA = {(4, 8): 1024, (4, 7): 2048, (4, 6): 4096, (4, 5): 4096}
_MINIMA_OF_SONNET = 1024
_MINIMA_OF_HAIKU = {(4, 5): 4096, (3, 5): 2048, (3, 0): 2048}


def minimum(model: str | None) -> int:
    """Return the shortest prefix that this model's cache keeps, in tokens."""
    version, name = claude_version(model), (model or "").lower()
    if version is None:
        return _MINIMA_OF_SONNET
    if "haiku" in name:
        return _MINIMA_OF_HAIKU.get(version, 4096 if version < (5, 0) else _LATER_VERSIONS)
    if "sonnet" in name:
        return _MINIMA_OF_SONNET
    return _LATER_VERSIONS if version >= (5, 0) else _MINIMA.get(version, 1024)


class Predicted(NamedTuple):
    """Input tokens: read from the cache, written to it, and neither; `expired` would have been read if sent sooner."""

    read: int
    written: int
    new: int
    expired: int = 0

    @property
    def total(self) -> int:
        return self.read + self.written + self.new


@dataclass(slots=True)
class _Entry:
    ttl: float
    readable: float
    expires: float


_Key = tuple[str | None, bytes, bool]


@dataclass
class AnthropicCache:
    """Anthropic's cache. Ask it for turn after turn, in the order in which they began."""

    counts: Counts
    rewrites_header: bool = False
    _entries: dict[_Key, _Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._prompts = Prompts(self.counts, ORDERS["anthropic"], self.rewrites_header)

    def ask(self, turn: Turn) -> Predicted | None:
        """Return what the turn reads and writes; None where no model was asked.

        Tokens are the server's, where it says how many the request had, else the counter's.
        """
        if not was_served(turn) or not turn.parts:
            return None
        prompt = self._prompts.of(turn)
        scale = turn.usage.total / prompt.tokens if turn.usage and prompt.tokens else 1.0
        begun = turn.started_at or 0.0
        read, lived = self._read(turn, prompt, begun)
        written = self._written(turn, prompt, begun, minimum(turn.model) / scale)
        last = max(read, written)
        found = read, last - read, prompt.tokens - last, max(lived - read, 0)
        return Predicted(*(round(tokens * scale) for tokens in found))

    def _read(self, turn: Turn, prompt: Prompt, begun: float) -> tuple[int, int]:
        """Return the tokens that are read, and those that would have been, had the entry not expired.

        An entry is found at a marker, or within `LOOK_BACK` positions before it; the furthest one counts.
        """
        expired = 0
        position = positions(turn.parts)
        for marker in reversed(turn.markers):
            for at in range(marker.part, -1, -1):
                if position[marker.part] - position[at] >= LOOK_BACK:
                    break
                entry = self._entries.get(_key(turn, prompt, at))
                if entry and entry.readable <= begun < entry.expires:
                    entry.expires = begun + entry.ttl
                    return prompt.ends[at], expired
                if entry and entry.expires <= begun:
                    expired = max(expired, prompt.ends[at])
        return 0, expired

    def _written(self, turn: Turn, prompt: Prompt, begun: float, least: float) -> int:
        """Write entries at the turn's markers; return the tokens before the last one at which there is an entry now."""
        last = 0
        readable = begun + (turn.timing.ttft or turn.timing.headers or 0.0)
        for part, ttl in turn.markers:
            if prompt.ends[part] < least:
                continue
            key = _key(turn, prompt, part)
            known = self._entries.get(key)
            if known is None or known.expires <= begun:
                self._entries[key] = _Entry(ttl, readable, begun + ttl if turn.started_at is not None else inf)
            elif known.readable <= begun:
                known.expires = max(known.expires, begun + known.ttl)
            last = prompt.ends[part]
        return last


def predict(turns: Sequence[Turn], counts: Counts, rewrites_header: bool = False) -> list[Predicted | None]:
    """Return what each of the turns, in their order, reads from the cache and writes to it."""
    cache = AnthropicCache(counts, rewrites_header)
    return [cache.ask(turn) for turn in turns]


def _key(turn: Turn, prompt: Prompt, at: int) -> _Key:
    """Return what an entry is found by: all that is before its marker."""
    images = turn.parts[at].section == "messages" and any(part.kind == "image" for part in turn.parts)
    return turn.model, prompt.start(at + 1), images


def positions(parts: Sequence[Part]) -> list[int]:
    """Return the position of each part, as the look-back counts them."""
    found = [0]
    for before, part in pairwise(parts):
        found.append(found[-1] + (0 if _one_position(before, part) else 1))
    return found


def _one_position(before: Part, part: Part) -> bool:
    """Whether two adjacent parts are of one run of calls or results, or of one reminder, cut at its CLAUDE.md."""
    if part.kind in ("tool_input", "tool_result"):
        return before.kind == part.kind
    return part.kind == "claude_md" or (
        part.kind == "reminder" and before.kind == "claude_md" and OPEN not in part.text
    )
