"""The token counts that a server reports of an answer, under any of their names and in any of their places.

Each name that a server uses is one entry in a row of `NAMES`. The first count above 0 is taken, since gateways fill in
zeros for what they don't know.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from traces.model import Json

NAMES: Mapping[str, tuple[str, ...]] = {
    "prompt": (
        "prompt_tokens",
        "promptTokens",
        "promptTokenCount",
        "prompt_token_count",
        "inputTokenCount",
        "inputTokens",
        "num_prompt_tokens",
        "prompt_eval_count",
    ),
    "input": ("input_tokens",),
    "uncached": ("prompt_cache_miss_tokens", "timings.prompt_n"),
    "cache_read": (
        "prompt_tokens_details.cached_tokens",
        "input_tokens_details.cached_tokens",
        "cache_read_input_tokens",
        "prompt_cache_hit_tokens",
        "cached_tokens",
        "num_cached_tokens",
        "cache_read_tokens",
        "cached_prompt_tokens",
        "cached_input_tokens",
        "prompt_tokens_details.cache_read_tokens",
        "prompt_tokens_details.cache_read_input_tokens",
        "input_tokens_details.cache_read_tokens",
        "cachedContentTokenCount",
        "cached_content_token_count",
        "cacheReadInputTokenCount",
        "cacheReadInputTokens",
        "timings.cache_n",
    ),
    "cache_written": (
        "cache_creation_input_tokens",
        "cache_write_input_tokens",
        "cache_write_tokens",
        "cache_creation_tokens",
        "prompt_tokens_details.cache_write_tokens",
        "prompt_tokens_details.cache_creation_tokens",
        "prompt_tokens_details.cache_creation_input_tokens",
        "input_tokens_details.cache_write_tokens",
        "cacheWriteInputTokenCount",
        "cacheWriteInputTokens",
    ),
    "output": (
        "output_tokens",
        "completion_tokens",
        "completionTokens",
        "candidatesTokenCount",
        "candidates_token_count",
        "outputTokenCount",
        "outputTokens",
        "generated_tokens",
        "num_completion_tokens",
        "eval_count",
        "timings.predicted_n",
    ),
    "reasoning": (
        "completion_tokens_details.reasoning_tokens",
        "output_tokens_details.reasoning_tokens",
        "output_tokens_details.thinking_tokens",
        "completion_tokens_details.thinking_tokens",
        "reasoning_tokens",
        "thinking_tokens",
        "thoughtsTokenCount",
        "thoughts_token_count",
        "num_reasoning_tokens",
    ),
    "total": ("total_tokens", "totalTokens", "totalTokenCount", "total_token_count"),
}
"""What is counted -> its names, the most usual first. `prompt` includes tokens from the cache; `input` may."""

_SPLIT_CREATION = "cache_creation"
"""Anthropic's counts of what was written to the cache, one for each time to live: they add up."""

_WRITTEN_FOR_AN_HOUR = "ephemeral_1h_input_tokens"

_HOLDERS = ("usage", "usage_metadata", "usageMetadata", "x_groq", "amazon-bedrock-invocationMetrics", "metrics")
"""The fields of an answer that hold the counts, or a `usage` with them."""

_TOO_MANY = 10**18
"""No count of tokens is as large, and what adds counts up or divides them needn't cope with it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The counts of an answer, as the server reports them; None for those that it doesn't report.

    uncached        input tokens that weren't in the cache; some may have been where the server doesn't report it
    cache_read      input tokens from the cache; `cache_written` are those that were written to it, `written_1h` those
                    of them that it keeps for an hour
    output          generated tokens, reasoning included
    reasoning       those of them that are reasoning
    total           the server's own sum
    """

    uncached: int | None = None
    cache_read: int | None = None
    cache_written: int | None = None
    output: int | None = None
    reasoning: int | None = None
    total: int | None = None
    written_1h: int | None = None


def usage_in(message: Json, input_has_cached: bool) -> Usage:
    """Return the counts of an assembled answer. For `input_has_cached` see `traces.dialects.format.ApiFormat`."""
    places = list(_places(message))
    found = {what: _count(places, names) for what, names in NAMES.items()}
    prompt, held, cached = found["prompt"], found["input"], found["cache_read"]
    splits = (place.get(_SPLIT_CREATION) for place in places)
    split = next((one for one in splits if isinstance(one, dict)), {})
    written = found["cache_written"] or _sum(split)
    if written is None:
        written = found["cache_written"]
    total, with_cached = (prompt, True) if prompt or held is None else (held, input_has_cached)
    if total is None:
        uncached = found["uncached"]
    elif with_cached and (within := (cached or 0) + (written or 0)) <= total:
        uncached = total - within
    elif with_cached and cached is not None and cached <= total:
        uncached = total - cached
    else:
        uncached = total
    beside = _beside(found, total or 0, written)
    output, reasoning = found["output"], found["reasoning"]
    return Usage(
        uncached,
        cached,
        written,
        None if output is None else output + beside,
        reasoning if reasoning is not None else beside or None,
        found["total"],
        count(split.get(_WRITTEN_FOR_AN_HOUR)),
    )


def count(value: object) -> int | None:
    """Return a number of tokens, also one written as a float or as text; None where it is anything else."""
    if isinstance(value, str):
        text = value.strip()
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    if isinstance(value, float):
        value = int(value) if value.is_integer() else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _TOO_MANY else None


def update(before: Json, after: Json) -> Json:
    """Return counts updated with a later report, whose nulls, zeros and odd values don't replace known counts."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return before if isinstance(before, dict) and not isinstance(after, dict) else after
    merged = dict(before)
    for name, value in after.items():
        known = before.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[name] = update(known, value)
        elif name not in before or not _is_less(value, known):
            merged[name] = value
    return merged


def _is_less(value: Json, known: Json) -> bool:
    """Return whether a later value says less than a known one: nothing, or no count where there was one."""
    if value is None:
        return True
    if isinstance(known, dict):
        return bool(known)
    return bool(count(known)) and not count(value)


def _places(message: Json) -> Iterator[dict[str, Any]]:
    """Yield the objects that may hold counts, the likeliest first."""
    if not isinstance(message, dict):
        return
    choices = message.get("choices")
    holders: list[Any] = [message]
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict):
            holders.append(choice)
            holders.append(choice.get("message"))
    for holder in holders:
        for name in _HOLDERS if isinstance(holder, dict) else ():
            if isinstance(held := holder.get(name), dict):
                yield held
                if isinstance(inner := held.get("usage"), dict):
                    yield inner
    yield message


def _count(places: list[dict[str, Any]], names: tuple[str, ...]) -> int | None:
    known = [n for place in places for name in names if (n := count(_field(place, name))) is not None]
    return next(filter(None, known), known[0] if known else None)


def _field(place: dict[str, Any], name: str) -> object:
    holder, dot, field = name.partition(".")
    if not dot:
        return place.get(name)
    details = place.get(holder)
    return details.get(field) if isinstance(details, dict) else None


def _sum(split: Mapping[str, Any]) -> int | None:
    counts = [n for value in split.values() if (n := count(value)) is not None]
    return sum(counts) if counts else None


def _beside(found: Mapping[str, int | None], held: int, written: int | None) -> int:
    """Return the reasoning that a server counts beside its output: the rest of its total."""
    total, output = found["total"], found["output"]
    if total is None or output is None or not held or total <= held + output:
        return 0
    beside, cached = total - held - output, (found["cache_read"] or 0, written or 0)
    return 0 if beside in (*cached, sum(cached)) else beside
