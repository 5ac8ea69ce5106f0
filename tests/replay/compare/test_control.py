"""How far the recorded model agrees with its own recording, and which models differ more."""

from dataclasses import replace
from typing import Any

import pytest

from replay.compare import control
from replay.compare.compare import Comparison, compare
from replay.result import ReplayResult, Verdict
from tests.support import replays

RECORDED = "claude-sonnet-4-5"


def runs(model: str, right: int, wrong: int, **more: Any) -> list[ReplayResult]:
    verdicts = [replays.RIGHT] * right + [replays.wrong()] * wrong
    return [replays.result(model, number, verdicts=each, **more) for number, each in enumerate(verdicts, 1)]


def compared(*results: list[ReplayResult]) -> Comparison:
    (comparison,) = compare([run for each in results for run in each])
    return comparison


def test_other_models_are_compared_with_the_noise_of_the_recorded_model_itself() -> None:
    comparison = compared(runs(RECORDED, 7, 3), runs("alike", 5, 5), runs("different", 0, 10))
    assert control.lines(comparison) == [
        "claude-sonnet-4-5, which was recorded, agrees with its own recording in 7 of 10 [40%, 89%]",
        "alike: in 5 of 10 [24%, 76%], no difference shown",
        "different: in 0 of 10 [0%, 28%], differs from it more often",
    ]
    assert control.document(comparison) == {
        "model": RECORDED,
        "agreed": 7,
        "compared": 10,
        "low": 0.397,
        "high": 0.892,
        "others": [
            {"model": "alike", "agreed": 5, "compared": 10, "low": 0.237, "high": 0.763, "differs": False},
            {"model": "different", "agreed": 0, "compared": 10, "low": 0.0, "high": 0.278, "differs": True},
        ],
    }


def test_single_runs_show_no_difference() -> None:
    assert control.lines(compared(runs(RECORDED, 1, 0), runs("other", 0, 1)))[1].endswith("no difference shown")


@pytest.mark.parametrize(
    ("asked", "answered", "model", "found"),
    [
        ("claude-x", None, "claude-x", True),
        ("claude-x", None, "claude-x-20250929", True),
        ("claude-x", "qwen3", "qwen3", True),  # a server that answers to any name
        ("claude-x", "qwen3", "claude-x", False),
        (None, None, "qwen3", False),
    ],
)
def test_the_recorded_model_is_the_one_that_answered(
    asked: str | None, answered: str | None, model: str, found: bool
) -> None:
    trace = replace(replays.SIMPLE, model=asked, answered=answered)
    comparison = compared(runs(model, 1, 0, trace=trace))
    assert (control.control(comparison) is not None) is found


def test_a_server_may_answer_to_or_with_another_name() -> None:
    """A warning names who answered."""
    assert control.control(compared(runs(RECORDED, 1, 0, answered="tiny"))) is not None
    assert control.control(compared(runs("tiny", 1, 0, answered=RECORDED))) is not None


def test_runs_that_cannot_be_compared_with_a_recording_do_not_count() -> None:
    alone = (Verdict("calls_a_tool", None), Verdict("whole", True))
    assert control.control(compared([replays.result(RECORDED, verdicts=alone)])) is None
    assert control.document(compared([replays.failed(RECORDED)])) is None


def test_an_answer_that_is_wrong_in_itself_agrees_all_the_same() -> None:
    cut = (Verdict("calls_a_tool", True), Verdict("whole", False, "was cut off"))
    found = control.control(compared([replays.result(RECORDED, verdicts=cut)]))
    assert found is not None
    assert (found.own.agreed, found.own.compared) == (1, 1)
