"""What model servers tell of themselves at `/metrics`, in Prometheus' format, by one name each.

A new kind of server is a name more in these rows. llama.cpp tells it only with `--metrics`.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["gauge", "counter"]


@dataclass(frozen=True, slots=True)
class Gauge:
    """One thing that servers tell.

    key      its name here
    title    what it is called in tables
    series   its names in Prometheus' format: the first one that a server has counts
    kind     a gauge is as it is now, a counter what came together since the server began
    share    it is a share, from 0 to 1
    """

    key: str
    title: str
    series: tuple[str, ...]
    kind: Kind = "gauge"
    share: bool = False


GAUGES = (
    Gauge(
        "running",
        "Requests running",
        (
            "vllm:num_requests_running",
            "llamacpp:requests_processing",
            "sglang:num_running_reqs",
            "tgi_batch_current_size",
        ),
    ),
    Gauge(
        "waiting",
        "Requests waiting",
        ("vllm:num_requests_waiting", "llamacpp:requests_deferred", "sglang:num_queue_reqs", "tgi_queue_size"),
    ),
    Gauge(
        "kv_usage",
        "KV cache used",
        (
            "vllm:kv_cache_usage_perc",
            "vllm:gpu_cache_usage_perc",
            "vllm:cpu_cache_usage_perc",
            "llamacpp:kv_cache_usage_ratio",
            "sglang:token_usage",
        ),
        share=True,
    ),
    Gauge("preemptions", "Preemptions", ("vllm:num_preemptions_total", "sglang:num_retracted_reqs_total"), "counter"),
    Gauge("prompt_tokens", "Prompt tokens", ("vllm:prompt_tokens_total", "llamacpp:prompt_tokens_total"), "counter"),
    Gauge(
        "generated_tokens",
        "Generated tokens",
        ("vllm:generation_tokens_total", "llamacpp:tokens_predicted_total", "sglang:generation_tokens_total"),
        "counter",
    ),
    Gauge(
        "cache_hits",
        "Prefix cache hits, tokens",
        ("vllm:prefix_cache_hits_total", "vllm:gpu_prefix_cache_hits_total"),
        "counter",
    ),
)

BY_KEY = {gauge.key: gauge for gauge in GAUGES}


def read(text: str) -> dict[str, float]:
    """Return what a server tells, by our keys. What has several labels (models, engines) is added up, shares aren't.

    Raises ValueError where the text isn't in Prometheus' format.
    """
    from prometheus_client.parser import text_string_to_metric_families

    found: dict[str, list[float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.value)
    told: dict[str, float] = {}
    for gauge in GAUGES:
        series = next((name for name in gauge.series if name in found), None)
        if series is not None:
            values = found[series]
            told[gauge.key] = max(values) if gauge.share else sum(values)
    return told
