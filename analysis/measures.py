"""How fast one exchange was: speeds and latencies, from its timing, its events and its usage.

Pure; the counter is an argument. Knows nothing of how a measure is shown. What wasn't measured is None.
"""

from dataclasses import dataclass

from analysis.tokens.counters import Counter
from traces import counts, metrics
from traces.model import Trace


@dataclass(frozen=True, slots=True)
class Measures:
    """Tokens per second, and seconds.

    output_tokens             what the server reported, where that can be true, else what the counter made of the answer
                              (`output_counted`)
    output_reported           the server's count, be it true or not
    generation_speed          decode speed; `generation_estimated` where the first chunk's tokens had to be reckoned
    end_to_end_speed          output tokens over the whole exchange
    prefill_speed             input tokens that didn't come from the cache, over TTFT
    latency_p50, _p95, _max   gaps between content chunks, each of which may hold several tokens
    """

    output_tokens: int | None
    output_counted: bool
    output_reported: int | None
    generation_speed: float | None
    generation_estimated: bool
    end_to_end_speed: float | None
    prefill_speed: float | None
    latency_p50: float | None
    latency_p95: float | None
    latency_max: float | None


def measures(trace: Trace, counter: Counter) -> Measures:
    message = trace.response.body if trace.response else None
    output = counts.output(message, trace.events, lambda texts: sum(counter.count_many(texts)))
    speed = counts.decode(message, trace.events, output)
    gaps = sorted(metrics.chunk_gaps(trace.events))
    return Measures(
        output_tokens=output.tokens,
        output_counted=output.estimated,
        output_reported=output.reported,
        generation_speed=speed.tokens_per_second,
        generation_estimated=speed.estimated,
        end_to_end_speed=metrics.end_to_end_speed(output.tokens, trace.timing.total),
        prefill_speed=metrics.prefill_speed(counts.given(message, trace.request.body), trace.timing.ttft),
        latency_p50=metrics.percentile(gaps, 50),
        latency_p95=metrics.percentile(gaps, 95),
        latency_max=gaps[-1] if gaps else None,
    )
