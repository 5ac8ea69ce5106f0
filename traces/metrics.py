"""How the measures of an exchange are computed: times, speeds, and the server's token counts.

All times are seconds since `t0`, the moment the request went out on an open connection. What wasn't measured, or has no
meaning, is None: never 0, never infinite.

Sums with unknown members, percentiles and whole percentages are here as well.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from traces.dialects import usage_of
from traces.model import Event, Json, Timing

GENERATED = ("text", "thinking", "tool")
"""The kinds of content that a model generates."""

SHORTEST = 0.01
"""Seconds from the first content to the last that a speed needs. A time is easily a millisecond late, so over less than
this, lateness alone could be a tenth of the figure. And a faster answer was buffered on its way (by a server that sends
whole answers, or by a proxy) and then sent at once: its speed is that of the network, not of the model."""


def content_chunks(events: Sequence[Event]) -> tuple[Event, ...]:
    """Return the events with generated content."""
    return tuple(event for event in events if event.content in GENERATED)


def measure(events: Sequence[Event], headers: float | None, total: float | None) -> Timing:
    """Return the times of an exchange. Events without a time (recorded without our addon) count for nothing."""
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
    """Tokens per second; None where it has no meaning. `estimated` where a part of it is an estimate."""

    tokens_per_second: float | None
    estimated: bool


UNDEFINED = Speed(None, estimated=False)
"""No speed."""


def decode_speed(events: Sequence[Event], output: int | None, in_first_chunk: int | None = None) -> Speed:
    """Return the generation speed: the tokens after the first content chunk, over the time in which they came.

    output           how many tokens were generated
    in_first_chunk   how many of them the first content chunk held, where the server says so; else its share of the
                     text is used, and the speed is an estimate

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
    """Return the output tokens per second of the whole exchange, waiting included."""
    return output / total if output is not None and total else None


def chunk_gaps(events: Sequence[Event]) -> list[float]:
    """Return the inter-token latencies: seconds between content chunks, each of which may hold several tokens.

    Chunks that arrived at the same moment count as one.
    """
    moments = sorted({event.at for event in content_chunks(events) if event.at is not None})
    return [later - earlier for earlier, later in pairwise(moments)]


class Sum(NamedTuple):
    """The sum of the known ones among several figures (None where none is known), and how many aren't known.

    Where some aren't known, the sum is a lower bound.
    """

    known: float | None
    unknown: int


def sum_known(figures: Iterable[float | None]) -> Sum:
    """Return the sum of these figures; of none at all it is 0."""
    everything = list(figures)
    known = [figure for figure in everything if figure is not None]
    return Sum(sum(known) if known or not everything else None, len(everything) - len(known))


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return a percentile of sorted values, interpolated between two of them as numpy does."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def output_tokens(message: Json) -> int | None:
    """Return the server's count of generated tokens; None where it gives none, or was cut off before it did.

    Reasoning is included, also where the server counts it separately. `traces.counts` judges whether it can be true.

    Anthropic's streams begin with a count that means nothing yet: it holds only once there is a stop reason.
    """
    return usage_of(message).output


def reasoning_tokens(message: Json) -> int | None:
    """Return the server's count of reasoning tokens among the generated ones; None where it gives none."""
    return usage_of(message).reasoning


class InputUsage(NamedTuple):
    """Input tokens, as the server reports them.

    None for the cache means that the server doesn't report it: then `uncached` may include tokens from the cache.
    """

    uncached: int
    cache_read: int | None
    cache_written: int | None

    @property
    def prefilled(self) -> int:
        """The tokens that the cache didn't have, whether or not they were written to it."""
        return self.uncached + (self.cache_written or 0)

    @property
    def total(self) -> int:
        """All input tokens, from the cache or not."""
        return self.uncached + (self.cache_read or 0) + (self.cache_written or 0)


def input_usage(message: Json) -> InputUsage | None:
    """Return the server's input tokens, from a message in any API format; None where it reports none.

    A total of 0 is a placeholder that some servers send first: no prompt is empty.
    """
    usage = usage_of(message)
    found = None if usage.uncached is None else InputUsage(usage.uncached, usage.cache_read, usage.cache_written)
    return found if found and found.total else None


def count_cached_once(usage: InputUsage | None, expected: float, spread: float) -> InputUsage | None:
    """Return the usage with cached tokens counted once, given the expected tokens of the prompt, within a factor."""
    if usage is None or not usage.cache_read or usage.uncached < usage.cache_read:
        return usage
    alone = usage.uncached
    if not expected / spread <= alone <= expected * spread < usage.total:
        return usage
    return usage._replace(uncached=alone - usage.cache_read)


FEW = 0.05
"""A share of the prompt. Where less than this had to be read, most of the wait had other reasons."""


def prefill_speed(given: InputUsage | None, ttft: float | None, cold: bool = False) -> float | None:
    """Return the input tokens that the cache didn't have, per second until the first content.

    None where their number isn't known, as the server doesn't report its cache, unless a marker kept the cache out
    (`cold`); and where there were too few of them to explain the time.
    """
    if given is None or not ttft or (given.cache_read is None and not cold):
        return None
    return given.prefilled / ttft if given.prefilled >= max(1, FEW * given.total) else None


def whole_percentages(counts: Sequence[int], total: int = 100) -> list[int]:
    """Return each count's share as a whole number, so that they add up to `total`: the largest remainders round up.

    All are 0 where the counts are.
    """
    everything = sum(counts)
    if everything == 0:
        return [0] * len(counts)
    shares = [count * total // everything for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda at: -(counts[at] * total % everything))
    for at in by_remainder[: total - sum(shares)]:
        shares[at] += 1
    return shares
