"""What the same requests would have cost with other models, by the rules of their providers' prefix caches.

The tokens are those that the recorded server counted: another model's tokenizer counts them otherwise. Each session is
taken by itself, and the answers as they were.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analysis.prefix_cache.anthropic import predict
from analysis.prefix_cache.cache import Server, cache_of
from analysis.prefix_cache.prompts import Counts, part_counter
from analysis.prefix_cache.templates import ORDERS
from analysis.tokens.cache import CountCache
from analysis.tokens.counters import DEFAULT, counter
from analysis.tokens.models import most_used_model
from traces.money.billed import Billed
from traces.money.book import Charge, PriceBook
from traces.servers import kind_of
from traces.sessions.model import Session, Turn

Split = tuple[int, int, int]
"""Input tokens that are read from a cache, written to it for minutes, and for an hour."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who serves models with such names, and what of a prompt its cache keeps.

    mode       the kind of server, by which published prices are found
    names      of its models, as a regular expression
    marked     it keeps what `cache_control` marks, as Anthropic's; otherwise the longest prefix of an earlier prompt
    least      the shortest prefix that it keeps, in tokens; it reads whole multiples of `step`
    seconds    without a request after which nothing is left
    rule       the same in words
    """

    mode: str
    names: str
    rule: str
    marked: bool = False
    least: int = 1
    step: int = 1
    seconds: float = float("inf")


def _gemini(names: str, least: int) -> Provider:
    """Return the row of models whose cache keeps so much: as Google lists it, which names no time."""
    rule = f"the longest earlier prefix of {least:,} tokens or more; assumed: for 5 minutes (Google names no time)"
    return Provider("gemini", names, rule, least=least, seconds=300)


PROVIDERS = (
    Provider("claude", r"(?:.*/)?claude-.*", "what cache_control marks, written at its own price", marked=True),
    Provider(
        "openai",
        r"(?:openai/)?(?:gpt|o\d|codex|chatgpt).*",
        "the longest earlier prefix of 1,024 tokens or more, in steps of 128; assumed: for 5 minutes (OpenAI says 5 to "
        "10, at times an hour)",
        least=1024,
        step=128,
        seconds=300,
    ),
    _gemini(r"(?:google/)?gemini-[12]\b.*", 2048),
    _gemini(r"(?:google/)?gemini-.*", 4096),
)
"""Providers whose rules are published. OpenRouter passes requests on to them."""

ANY = Provider("local", ".*", "the longest earlier prefix, without an end")
"""For a model with a price of the user's own."""

OPENROUTER = "openrouter"


def provider_of(model: str) -> Provider:
    """Return who serves a model of this name; `vendor/model` is asked through OpenRouter."""
    found = next((one for one in PROVIDERS if re.fullmatch(one.names, model)), ANY)
    return replace(found, mode=OPENROUTER) if "/" in model and found is not ANY else found


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The requests, as a model would have billed them, and what that costs."""

    model: str
    provider: Provider
    billed: Sequence[Billed]
    charges: Sequence[Charge]


def elsewhere(
    sessions: Sequence[Session], models: Sequence[str], book: PriceBook, tokenizer: str = DEFAULT
) -> list[Elsewhere]:
    """Return what all turns of the sessions would have cost with each of the models."""
    model = most_used_model(turn.model for session in sessions for turn in session.turns)
    with CountCache() as cache:
        counts = part_counter(cache.wrap(counter(tokenizer, model)), model)
        return [_with(name, provider_of(name), sessions, counts, book) for name in models]


def _with(model: str, provider: Provider, sessions: Sequence[Session], counts: Counts, book: PriceBook) -> Elsewhere:
    found: list[tuple[Billed, Charge]] = []
    for session in sessions:
        for turn, split in zip(session.turns, splits(session.turns, provider, counts), strict=True):
            billed = _as(model, provider, turn.billed, split)
            found.append((billed, book.charge(billed, turn.timestamp)))
    return Elsewhere(model, provider, [billed for billed, _ in found], [charge for _, charge in found])


def _as(model: str, provider: Provider, recorded: Billed, split: Split) -> Billed:
    """Return what this model's provider would bill of a recorded exchange."""
    if recorded.is_free or recorded.uncached is None:
        return Billed(provider.mode, (model,), is_free=recorded.is_free)
    read, written, for_an_hour = split
    return Billed(
        provider.mode,
        (model,),
        uncached=recorded.input - read - written - for_an_hour,
        read=read,
        written=written,
        written_1h=for_an_hour,
        output=recorded.output,
    )


def splits(turns: Sequence[Turn], provider: Provider, counts: Counts) -> Iterator[Split]:
    """Yield how the input of each turn is split by the rules of a provider's cache."""
    if provider.marked:
        yield from _marked(turns, counts)
        return
    cache = cache_of(counts, ORDERS["anthropic"], Server(slots=0, host=0, by_model=False))
    last: float | None = None
    for turn in turns:
        reuse, begun = cache.ask(turn), turn.started_at
        share = reuse.tokens / reuse.total if reuse.total else 0.0
        kept = begun is None or last is None or begun - last <= provider.seconds
        read = int(turn.billed.input * share) // provider.step * provider.step if kept else 0
        yield (read if read >= provider.least else 0), 0, 0
        last = turn.ended_at or begun or last


def _marked(turns: Sequence[Turn], counts: Counts) -> Iterator[Split]:
    """Yield the splits by Anthropic's rules; where Anthropic's cache answered, those that it reported."""
    for turn, predicted in zip(turns, predict(turns, counts), strict=True):
        billed = turn.billed
        if kind_of(turn.mode).is_claude_service:
            yield billed.read, billed.written, billed.written_1h
        elif predicted is None or not predicted.total:
            yield 0, 0, 0
        else:
            read, written = (int(billed.input * part / predicted.total) for part in (predicted.read, predicted.written))
            for_an_hour = any(marker.ttl > 300 for marker in turn.markers)
            yield (read, 0, written) if for_an_hour else (read, written, 0)
