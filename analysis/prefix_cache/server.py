"""What is known of the server whose cache is modelled: what it holds, and whether it rewrites the billing header."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from math import inf

from analysis.prefix_cache.anthropic import AnthropicCache
from analysis.prefix_cache.cache import Server, cache_of
from analysis.prefix_cache.prompts import Counts, is_billing_header
from analysis.prefix_cache.templates import Order
from traces.dialects import FORMATS
from traces.metrics import InputUsage, count_cached_once
from traces.servers import kind_of
from traces.sessions.model import Turn


def server_of(modes: Collection[str], slots: int | None = None, ram: int | None = None) -> Server:
    """Return the server of traces in these modes; the user's `slots` and `ram` go before what its kind usually has.

    Whether it rewrites the billing header is found out by `learn`.
    """
    caches = [kind_of(mode).cache for mode in modes]
    return Server(
        slots=slots if slots is not None else min((cache.slots for cache in caches if cache.slots), default=0),
        host=ram if ram is not None else inf if any(cache.in_ram for cache in caches) else 0,
        by_model=all(cache.by_model for cache in caches),
    )


def has_anthropics_cache(turn: Turn) -> bool:
    """Return whether Anthropic's own cache answered, which holds whatever was marked; no slots are in the way."""
    return kind_of(turn.mode).cache.markers


def describe(server: Server) -> str:
    """Return what the server holds, in words: `a server with one slot and RAM for what slots lose`."""
    if not server.slots:
        return "a server that holds all prompts"
    slots = "one slot" if server.slots == 1 else f"{server.slots} slots"
    lost = "what slots lose" if server.host == inf else f"{server.host:,.0f} tokens that slots lose"
    return f"a server with {slots}{f' and RAM for {lost}' if server.host else ''}"


_FEWEST, _MOST = 0.5, 2.0  # of the server's tokens for one of the counter's

_SPREAD = 1.3
"""The factor between the counts of two tokenizers, mostly."""

_OF_TEMPLATE = 1000  # tokens that a template may write of its own: a short request is little besides


def believable_usage(turn: Turn, counted: int) -> InputUsage | None:
    """Return the turn's usage; None where there is none or a placeholder, which is far from what was counted.

    Cached tokens are counted once, also where the server counts them within the others.
    """
    usage = count_cached_once(turn.usage, counted, _SPREAD)
    if usage is None or not counted:
        return None
    return usage if _FEWEST * counted < usage.total < _MOST * counted + _OF_TEMPLATE else None


_LEAST_EFFECT = 0.02
"""Share of a request: only a turn whose header matters this much is evidence."""


def learn(server: Server, turns: Sequence[Turn], counts: Counts, order: Order) -> Server:
    """Return the server with whether it rewrites the header: as these turns show, else as its kind usually does."""
    headers = {part.text for turn in turns for part in turn.parts if is_billing_header(part)}
    evidence = sum(_evidence(server, turns, counts, order)) if len(headers) > 1 else 0.0
    usual = any(_has_header(turn) and kind_of(turn.mode).cache.rewrites_header for turn in turns)
    return replace(server, rewrites_header=evidence > 0 if evidence else usual)


def _has_header(turn: Turn) -> bool:
    """Whether a server that knows the client's header looks for it in this API format."""
    return turn.dialect in FORMATS and FORMATS[turn.dialect].has_client_header


def _evidence(server: Server, turns: Sequence[Turn], counts: Counts, order: Order) -> Iterator[float]:
    """Yield the evidence of each turn, as a share of the request: below 0 where the header isn't rewritten."""
    in_order = sorted(turns, key=lambda turn: -inf if turn.started_at is None else turn.started_at)
    kept, rewritten = (_Shares(replace(server, rewrites_header=does), counts, order) for does in (False, True))
    for turn in in_order:
        least, most, total = kept.of(turn), rewritten.of(turn), kept.total
        usage = believable_usage(turn, total)
        if usage is None or usage.cache_read is None or most - least < _LEAST_EFFECT:
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
        predicted = self._anthropic.ask(turn) if has_anthropics_cache(turn) else None
        if predicted is not None:
            return predicted.read / max(predicted.total, 1)
        return reuse.tokens / max(reuse.total, 1)
