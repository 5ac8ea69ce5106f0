"""When the first token came, how fast the others followed, and how many there were.

All times are seconds since `t0`, the moment the request went out on an open connection. What wasn't measured, or has no
meaning, is None: never 0, never infinite.

Shares as whole numbers that add up are here as well.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from traces.model import Event, Json, Timing

GENERATED = ("text", "thinking", "tool")
"""The kinds of content that a model generates."""

SHORTEST = 0.01
"""Seconds from the first content to the last, at the least, for a speed. A stamp is easily a millisecond late, so over
less than this, lateness alone would be more than a tenth of the figure. And what comes faster was held back on its way
(by a server that sends whole answers, by a proxy that gathers) and then handed over in one go: that tells how fast it
was read, not how fast a model wrote."""


def content_chunks(events: Sequence[Event]) -> tuple[Event, ...]:
    """What the model generated, as it came."""
    return tuple(event for event in events if event.content in GENERATED)


def measure(events: Sequence[Event], headers: float | None, total: float | None) -> Timing:
    """The measures of an exchange. Events without a time (recorded without our addon) measure nothing."""
    contents = content_chunks(events)
    answers = [event for event in contents if event.content != "thinking"]
    tool_ends = [event for event in events if event.content == "tool_end"]
    return Timing(
        headers=headers,
        ttft=_first(contents),
        first_answer=_first(answers),
        first_tool_call=_first(tool_ends),
        last_content=_first(contents[::-1]),
        total=total,
    )


def _first(events: Sequence[Event]) -> float | None:
    return events[0].at if events else None


class Speed(NamedTuple):
    """Tokens per second; None where it has no meaning. `estimated` where a part of it isn't known but reckoned."""

    tokens_per_second: float | None
    estimated: bool


UNDEFINED = Speed(None, estimated=False)
"""Where there is no speed."""


def decode_speed(events: Sequence[Event], output: int | None, in_first_chunk: int | None = None) -> Speed:
    """The generation speed: the tokens that followed the first content chunk, over the time in which they came.

    output           how many tokens were generated
    in_first_chunk   how many of them the first content chunk held, where the server says so; else its share of the
                     text stands in, and the speed is an estimate

    Chunks that arrived at the same moment count as one. With one chunk there is no speed, nor with a burst of several
    within less than `SHORTEST`.
    """
    estimated = in_first_chunk is None
    contents = content_chunks(events)
    first, last = _first(contents), _first(contents[::-1])
    if output is None or first is None or last is None or last - first < SHORTEST:
        return Speed(None, estimated)
    if in_first_chunk is None:
        size = sum(event.size for event in contents)
        size_first = sum(event.size for event in contents if event.at == first)
        return Speed(output * (1 - size_first / size) / (last - first), estimated) if size else Speed(None, estimated)
    return Speed((output - in_first_chunk) / (last - first), estimated)


def end_to_end_speed(output: int | None, total: float | None) -> float | None:
    """Output tokens per second of the whole exchange, waiting included."""
    return output / total if output is not None and total else None


def chunk_gaps(events: Sequence[Event]) -> list[float]:
    """The inter-token latency: seconds between content chunks, each of which may hold several tokens. What arrived at
    the same moment is one chunk."""
    moments = sorted({event.at for event in content_chunks(events) if event.at is not None})
    return [later - earlier for earlier, later in pairwise(moments)]


class Sum(NamedTuple):
    """The sum of what is known of several figures, and how many of them aren't known; `known` is None where none is.

    Where some aren't known, it is the least that the sum can be.
    """

    known: float | None
    unknown: int


def added(figures: Iterable[float | None]) -> Sum:
    """Return the sum of these. Of no figures at all it is 0."""
    everything = list(figures)
    known = [figure for figure in everything if figure is not None]
    return Sum(sum(known) if known or not everything else None, len(everything) - len(known))


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Of values in order. Between two of them, the share of the way that is left: as numpy does it."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def output_tokens(message: Json) -> int | None:
    """How many tokens were generated, as the server says; None where it doesn't, or where it was cut off before it did.
    Reasoning counts, also where the server counts it beside the rest. See `traces.counts` for whether that can be true.

    Anthropic's streams begin with a count that means nothing yet: it holds only once there is a stop reason.
    """
    usage = _part(message, "usage")
    if isinstance(message, dict) and "stop_reason" in message and message["stop_reason"] is None:
        return None
    found = _first_known(
        usage.get("output_tokens"), usage.get("completion_tokens"), _timings(message).get("predicted_n")
    )
    return None if found is None else found + (_beside(message) or 0)


def reasoning_tokens(message: Json) -> int | None:
    """How many of the generated tokens are reasoning, as the server says; None where it doesn't."""
    usage = _part(message, "usage")
    details = _part(usage, "completion_tokens_details") or _part(usage, "output_tokens_details")
    names = ("reasoning_tokens", "thinking_tokens")
    return _first_known(*map(details.get, names), *map(usage.get, names), _beside(message))


def _beside(message: Json) -> int | None:
    """Reasoning that a server counts beside its output: what its total holds, and neither input nor output does."""
    usage = _part(message, "usage")
    total, output = _first_known(usage.get("total_tokens")), _first_known(usage.get("completion_tokens"))
    prompt = _first_known(usage.get("prompt_tokens"))
    if total is None or output is None or prompt is None or total <= prompt + output:
        return None
    given, beside = input_usage(message), total - prompt - output
    cached = ((given.cache_read or 0), (given.cache_written or 0)) if given else (0, 0)
    return None if beside in (*cached, sum(cached)) else beside


class InputUsage(NamedTuple):
    """Input tokens, as the server reports them. A None for the cache means that the server says nothing of it: then
    `uncached` may hold tokens that did come from the cache."""

    uncached: int
    cache_read: int | None
    cache_written: int | None

    @property
    def total(self) -> int:
        return self.uncached + (self.cache_read or 0) + (self.cache_written or 0)


def input_usage(message: Json) -> InputUsage | None:
    """The input tokens of an exchange, whichever dialect its message is in; None where the server reports none.

    Anthropic's `input_tokens` leave out what the cache had; OpenAI's counts include it. A count of 0 in all is a
    placeholder that some servers send first: no prompt is empty.
    """
    usage, timings = _part(message, "usage"), _timings(message)
    if isinstance(message, dict) and ("choices" in message or "output" in message):
        details = _part(usage, "prompt_tokens_details") or _part(usage, "input_tokens_details")
        read = _first_known(details.get("cached_tokens"), timings.get("cache_n"))
        total = _first_known(usage.get("prompt_tokens"), usage.get("input_tokens"))
        if total is None and (processed := _first_known(timings.get("prompt_n"))) is not None:
            total = processed + (read or 0)
        found = None if total is None else InputUsage(max(total - (read or 0), 0), read, None)
    else:
        uncached = _first_known(usage.get("input_tokens"))
        read = _first_known(usage.get("cache_read_input_tokens"))
        written = _first_known(usage.get("cache_creation_input_tokens"))
        found = None if uncached is None else InputUsage(uncached, read, written)
    return found if found and found.total else None


def prefill_speed(given: InputUsage | None, ttft: float | None) -> float | None:
    """Input tokens that the cache didn't have, per second until the first content."""
    return given.uncached / ttft if given and ttft else None


def _part(whole: Json, name: str) -> dict[str, Any]:
    part = whole.get(name) if isinstance(whole, dict) else None
    return part if isinstance(part, dict) else {}


def _timings(message: Json) -> dict[str, Any]:
    """What llama.cpp says beside the usage, or instead of it."""
    return _part(message, "timings")


def _first_known(*counts: object) -> int | None:
    """The first of these that is a count."""
    return next((n for n in counts if isinstance(n, int) and not isinstance(n, bool) and n >= 0), None)


def whole_percentages(counts: Sequence[int], total: int = 100) -> list[int]:
    """Whole numbers near each count's share that add up to `total`: the largest remainders are rounded up.

    All 0 where there is nothing to share.
    """
    everything = sum(counts)
    if everything == 0:
        return [0] * len(counts)
    shares = [count * total // everything for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda at: -(counts[at] * total % everything))
    for at in by_remainder[: total - sum(shares)]:
        shares[at] += 1
    return shares
