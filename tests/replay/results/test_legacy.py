"""The result files that anyclaude's own replayer writes, as its source writes them."""

from pathlib import Path
from typing import Any

import pytest

from replay.errors import ResultError
from replay.result import ReplayResult
from replay.results import codec
from traces import jsonio
from traces.metrics import Speed

SOURCE = Path("simple-tool-call_replay_llama-3_1-8b_2025-10-26T14-23-45-123Z.json")

OLD: dict[str, Any] = {
    "model": "llama-3.1-8b",
    "timestamp": "2025-10-26T14:23:45.123Z",
    "promptProcessingTime": 2.41,
    "timeToFirstToken": 2.41,
    "generationTime": 6.71,
    "totalTime": 9.12,
    "tokensGenerated": 439,
    "tokensPerSecond": 65.4,
    "success": True,
    "response": "Hello",
}
FAILED = {
    **OLD,
    "model": "unknown",
    **dict.fromkeys(("promptProcessingTime", "timeToFirstToken", "generationTime", "tokensGenerated"), 0),
    "success": False,
    "error": "HTTP 400: Bad Request",
}


def read(**changes: Any) -> ReplayResult:
    return codec.decode(jsonio.dumps({**OLD, **changes}), SOURCE)


def test_its_times_and_its_tokens_are_taken_over() -> None:
    result = read()
    assert (result.run.model, result.run.trace.name, result.started) == (
        OLD["model"],
        "simple-tool-call",
        OLD["timestamp"],
    )
    assert (result.metrics.timing.ttft, result.metrics.timing.total, result.metrics.output) == (2.41, 9.12, 439)
    assert (result.metrics.generation, result.metrics.doubts) == (6.71, ())
    assert result.success


def test_its_speed_is_an_estimate_and_that_of_the_whole_run_is_ours() -> None:
    assert read().metrics.end_to_end == 439 / 9.12
    assert read().metrics.decode == Speed(65.4, estimated=True)
    assert read(tokensPerSecond=0).metrics.decode.tokens_per_second is None


def test_without_a_total_its_two_times_make_one() -> None:
    assert read(totalTime=None).metrics.timing.total == 9.12
    assert read(totalTime=None, generationTime=0).metrics.timing.total is None


def test_three_times_that_do_not_add_up_are_kept_with_a_warning() -> None:
    result = read(totalTime=9.21)
    assert (result.metrics.timing.ttft, result.metrics.generation, result.metrics.timing.total) == (2.41, 6.71, 9.21)
    assert result.metrics.doubts == ("the file's times don't add up: 2.41 s and 6.71 s are 9.12 s, not 9.21 s",)


def test_a_times_own_noise_is_no_contradiction() -> None:
    assert read(totalTime=2.41 + 6.71).metrics.doubts == ()
    assert (
        read(promptProcessingTime=0.1, timeToFirstToken=0.1, generationTime=0.2, totalTime=0.1 + 0.2).metrics.doubts
        == ()
    )


def test_prompt_processing_is_what_the_file_calls_so() -> None:
    assert read(promptProcessingTime=2.5, totalTime=9.21).metrics.timing.ttft == 2.5
    assert read(promptProcessingTime=0).metrics.timing.ttft == 2.41


@pytest.mark.parametrize("odd", ["2.41", [2.41], True])
def test_a_time_that_is_no_number_is_named(odd: Any) -> None:
    with pytest.raises(ResultError, match=r"metrics\.timing\.ttft: expected a number"):
        read(promptProcessingTime=odd)


def test_a_failure_has_its_reason_and_no_zeros() -> None:
    result = read(**FAILED)
    assert result.error is not None
    assert result.error.message == "HTTP 400: Bad Request"
    assert (result.metrics.timing.ttft, result.metrics.output, result.metrics.end_to_end) == (None, None, None)


def test_the_first_files_had_less() -> None:
    result = codec.decode(jsonio.dumps({"model": "m", "success": True, "totalTime": 3}), SOURCE)
    assert (result.metrics.timing.total, result.metrics.timing.ttft, result.started) == (3, None, "")
