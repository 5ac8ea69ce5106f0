"""Warnings about a comparison, where there is reason for one and nowhere else."""

import pytest

from replay.compare.compare import compare
from replay.compare.warnings import warnings
from replay.request import Run, TraceRef
from replay.result import ReplayResult
from tests.support import replays
from traces.metrics import InputUsage

STEADY = [2.40, 2.41, 2.42, 2.41, 2.40, 2.43]


def warn(results: list[ReplayResult]) -> str:
    return "\n".join(warnings(compare(results)))


def test_enough_runs_of_similar_answers_give_no_warning() -> None:
    assert warn([*replays.runs("a", STEADY), *replays.runs("b", STEADY, tokens=427)]) == ""


@pytest.mark.parametrize(
    ("results", "warning"),
    [
        ([replays.result("a"), replays.result("b")], "Single runs are too noisy"),
        (replays.runs("a", [2.4, 2.5, 2.4]), "3 runs show large differences only"),
        (
            [replays.result(trace=TraceRef(name, name)) for name in "xy"],
            "2 different requests: each is compared on its own",
        ),
        (
            [replays.result("a", tokens=439), replays.result("b", tokens=300)],
            "differ in length: 300 tokens (b) to 439 (a)",
        ),
        (
            replays.runs("a", [9.0, 2.4, 2.5]),
            "a: the first run took 9.00 s to the first token, the others 2.40 to 2.50 s",
        ),
        (
            [replays.result("a"), replays.result("b", usage=InputUsage(4_000, 0, 0))],
            "b: the server counted 4,000 input tokens where another counted 12,400",
        ),
        (
            replays.runs("a", STEADY, usage=InputUsage(4_000, 96, 0)),
            "a: the server counted 4,096 input tokens, which is a",
        ),
        (
            [replays.result("a"), replays.result("b", usage=InputUsage(400, 12_000, 0))],
            "Different shares of the prompt came from the cache: a 3%, b 97%",
        ),
        (
            replays.runs("a", STEADY, doubts=("the client fell behind",)),
            "a: 6 runs can't be trusted, such as: the client fell behind.",
        ),
        (
            [replays.result("a"), replays.result("b", run=Run(replays.SIMPLE, "b", cache="cold"))],
            "Replayed with --cache as-is and cold",
        ),
        ([replays.result("a"), replays.result("b", settings={"temperature": 0})], "Replayed with different settings"),
        (
            [replays.result("tiny", answered="tiny"), replays.result("nope", answered="tiny")],
            "nope: tiny answered: the server lacks the model that was asked for.",
        ),
        (
            [replays.result("a", reported=3), replays.result("b")],
            "a: the server counted 3 output tokens, which can't be true: 439 is our estimate",
        ),
    ],
    ids=[
        "single",
        "few",
        "requests",
        "length",
        "warm-up",
        "truncated",
        "context",
        "cache",
        "doubts",
        "cache mode",
        "settings",
        "other model",
        "a false count",
    ],
)
def test_a_warning_names_what_it_is_about(results: list[ReplayResult], warning: str) -> None:
    assert warning in warn(results)


@pytest.mark.parametrize("tokens", [439, 419, 370])
def test_tokenizers_may_differ(tokens: int) -> None:
    assert "differ in length" not in warn([replays.result("a"), replays.result("b", tokens=tokens)])


def test_unknown_counts_give_no_warning() -> None:
    assert "counted" not in warn([replays.result("a", usage=None, tokens=None), replays.result("b", usage=None)])


def test_failed_runs_are_no_reason_for_more_of_them() -> None:
    assert warn([*replays.runs("a", STEADY), replays.failed("b")]) == ""


def test_a_server_that_counts_its_cache_twice_does_not_make_the_honest_one_look_like_a_cheat() -> None:
    twice = replays.result("twice", usage=InputUsage(4000, 3990, None))
    honest = replays.result("honest", usage=InputUsage(10, 3990, None))
    for results in ([twice, honest], [replays.result("cold", usage=InputUsage(4000, 0, None)), twice]):
        lines = warn(results)
        assert "cut the prompt off" not in lines
        assert "twice: the server counts cached tokens within its input tokens" in lines
    assert "Different shares" not in warn([twice, honest])
