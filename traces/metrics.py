"""When the first token came, how fast the others followed, and how many there were.

All times are seconds since `t0`, the moment the request went out on an open connection. What wasn't measured, or has no
meaning, is None: never 0, never infinite.

Shares as whole numbers that add up are here as well.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from traces.dialects import usage_of
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
    return usage_of(message).output


def reasoning_tokens(message: Json) -> int | None:
    """How many of the generated tokens are reasoning, as the server says; None where it doesn't."""
    return usage_of(message).reasoning


class InputUsage(NamedTuple):
    """Input tokens, as the server reports them. A None for the cache means that the server says nothing of it: then
    `uncached` may hold tokens that did come from the cache."""

    uncached: int
    cache_read: int | None
    cache_written: int | None

    @property
    def prefilled(self) -> int:
        """Those that the cache didn't have, be they kept in it afterwards or not."""
        return self.uncached + (self.cache_written or 0)

    @property
    def total(self) -> int:
        return self.uncached + (self.cache_read or 0) + (self.cache_written or 0)


def input_usage(message: Json) -> InputUsage | None:
    """The input tokens of an exchange, whichever dialect its message is in; None where the server reports none.

    A count of 0 in all is a placeholder that some servers send first: no prompt is empty.
    """
    usage = usage_of(message)
    found = None if usage.uncached is None else InputUsage(usage.uncached, usage.cache_read, usage.cache_written)
    return found if found and found.total else None


FEW = 0.05
"""Where less of the prompt than this had to be read, most of the wait wasn't for reading it."""


def prefill_speed(given: InputUsage | None, ttft: float | None, cold: bool = False) -> float | None:
    """Return the input tokens that the cache didn't have, per second until the first content.

    None where it isn't known how many these were: a server may say nothing of what its cache held, unless a marker kept
    the cache out (`cold`). None as well where there were too few of them to take the time.
    """
    if given is None or not ttft or (given.cache_read is None and not cold):
        return None
    return given.prefilled / ttft if given.prefilled >= max(1, FEW * given.total) else None


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
