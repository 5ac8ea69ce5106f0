"""What servers tell of themselves is found by one name, however each of them calls it."""

import pytest

from replay.load import gauges

VLLM = """# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="qwen"} 3.0
vllm:num_requests_running{engine="1",model_name="qwen"} 2.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="qwen"} 4.0
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{engine="0",model_name="qwen"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="qwen"} 0.75
# TYPE vllm:num_preemptions counter
vllm:num_preemptions_total{engine="0",model_name="qwen"} 7.0
# TYPE vllm:time_to_first_token_seconds histogram
vllm:time_to_first_token_seconds_bucket{le="0.1"} 0.0
vllm:time_to_first_token_seconds_bucket{le="+Inf"} 1.0
vllm:time_to_first_token_seconds_count 1.0
vllm:time_to_first_token_seconds_sum 0.5
"""

LLAMACPP = """# HELP llamacpp:requests_processing Number of requests processing.
# TYPE llamacpp:requests_processing gauge
llamacpp:requests_processing 2
# HELP llamacpp:requests_deferred Number of requests deferred.
# TYPE llamacpp:requests_deferred gauge
llamacpp:requests_deferred 1
# TYPE llamacpp:prompt_tokens_total counter
llamacpp:prompt_tokens_total 1234
"""


def test_several_engines_are_added_up_but_for_shares() -> None:
    assert gauges.read(VLLM) == {"running": 5.0, "waiting": 4.0, "kv_usage": 0.75, "preemptions": 7.0}


def test_llama_cpp() -> None:
    assert gauges.read(LLAMACPP) == {"running": 2.0, "waiting": 1.0, "prompt_tokens": 1234.0}


def test_other_text_is_refused_or_empty() -> None:
    assert gauges.read("") == {}
    with pytest.raises(ValueError, match=r"."):
        gauges.read('<html lang="en">no metrics</html>')
