"""Whether a server makes what changes in the billing header the same: told by what it reports of its cache.

Newer llama.cpp does so on /v1/messages, older ones don't, and none on other endpoints; Anthropic's own service does. So
what a mode tells is only taken where no turn tells more. Knows nothing of what else breaks a prefix.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf

from analysis.anthropic_cache import AnthropicCache
from analysis.order import Order
from analysis.prefix import Server, cache_of
from analysis.prompts import Counts, is_header
from analysis.reported import reported
from analysis.servers import ANTHROPIC
from traces.sessions.model import Turn

REWRITES = frozenset(("llamacpp",))
"""Modes in which that is taken for granted, since early in 2026."""

_TELLING = 0.02
"""Of a request: by so much it must matter whether the header is the same."""


def learnt(server: Server, turns: Sequence[Turn], counts: Counts, order: Order) -> Server:
    """The server, and whether it rewrites the header: as these turns tell; where none does, as their modes do."""
    headers = {part.text for turn in turns for part in turn.parts if is_header(part)}
    told = sum(_evidence(server, turns, counts, order)) if len(headers) > 1 else 0.0
    usual = any(turn.mode in REWRITES and turn.dialect == "anthropic" for turn in turns)
    return replace(server, rewrites_header=told > 0 if told else usual)


def _evidence(server: Server, turns: Sequence[Turn], counts: Counts, order: Order) -> Iterator[float]:
    """For each turn in which it matters, how much, as a share of the request: below 0 where it speaks against it."""
    in_order = sorted(turns, key=lambda turn: -inf if turn.begun is None else turn.begun)
    kept, rewritten = (_Shares(replace(server, rewrites_header=does), counts, order) for does in (False, True))
    for turn in in_order:
        least, most, total = kept.of(turn), rewritten.of(turn), kept.total
        usage = reported(turn, total)
        if usage is None or usage.cache_read is None or most - least < _TELLING:
            continue
        held = usage.cache_read / usage.total
        yield most - least if held > (least + most) / 2 else least - most


class _Shares:
    """How much of each turn a server could take from its cache, as a share of the request."""

    def __init__(self, server: Server, counts: Counts, order: Order) -> None:
        self._cache = cache_of(counts, order, server)
        self._anthropic = AnthropicCache(counts, server.rewrites_header)
        self.total = 0

    def of(self, turn: Turn) -> float:
        reuse = self._cache.ask(turn)
        self.total = reuse.total
        predicted = self._anthropic.ask(turn) if turn.mode in ANTHROPIC else None
        if predicted is not None:
            return predicted.read / max(predicted.total, 1)
        return reuse.tokens / max(reuse.total, 1)
