"""How fast one exchange was: speeds and latencies, from its timing, its events and its usage.

Pure; the counter is an argument. Knows nothing of how a measure is shown. What wasn't measured is None.
"""

from dataclasses import dataclass

from analysis.tokens.counters import Counter
from traces import metrics
from traces.content.parts import parts
from traces.model import Json, Trace


@dataclass(frozen=True, slots=True)
class Measures:
    """Tokens per second, and seconds.

    output_tokens             what the server reported, else what the counter made of the answer (`output_counted`)
    generation_speed          decode speed; `generation_estimated` where the first chunk's tokens had to be reckoned
    end_to_end_speed          output tokens over the whole exchange
    prefill_speed             input tokens that didn't come from the cache, over TTFT
    latency_p50, _p95, _max   gaps between content chunks, each of which may hold several tokens
    """

    output_tokens: int | None
    output_counted: bool
    generation_speed: float | None
    generation_estimated: bool
    end_to_end_speed: float | None
    prefill_speed: float | None
    latency_p50: float | None
    latency_p95: float | None
    latency_max: float | None


def measures(trace: Trace, counter: Counter) -> Measures:
    message = trace.response.body if trace.response else None
    reported = metrics.output_tokens(message)
    output = counted_output(message, counter) if reported is None else reported
    speed = metrics.decode_speed(trace.events, output)
    gaps = sorted(metrics.chunk_gaps(trace.events))
    return Measures(
        output_tokens=output,
        output_counted=reported is None and output is not None,
        generation_speed=speed.tokens_per_second,
        generation_estimated=speed.estimated,
        end_to_end_speed=metrics.end_to_end_speed(output, trace.timing.total),
        prefill_speed=metrics.prefill_speed(metrics.input_usage(message), trace.timing.ttft),
        latency_p50=metrics.percentile(gaps, 50),
        latency_p95=metrics.percentile(gaps, 95),
        latency_max=gaps[-1] if gaps else None,
    )


def counted_output(message: Json, counter: Counter) -> int | None:
    """The tokens of what a model said, thought and called; None where it did nothing of these."""
    said = [part.text for part in parts(_as_turn(message)) if part.text]
    return sum(counter.count_many(said)) if said else None


def _as_turn(message: Json) -> Json:
    """An answer as the request that would send it back: then its parts are found as any other's."""
    if not isinstance(message, dict):
        return None
    if isinstance(message.get("output"), list):
        return {"input": message["output"]}
    choices = message.get("choices")
    if isinstance(choices, list):
        return {"messages": [choice.get("message") for choice in choices if isinstance(choice, dict)]}
    return {"messages": [{"role": "assistant", "content": message.get("content")}]}
