"""What the sums of a session add up."""

import pytest

from analysis.session.sums import has_output, sum_columns, waiting_seconds, writing_seconds
from traces.metrics import Sum
from traces.model import State, Timing


@pytest.mark.parametrize(
    ("timing", "waiting", "writing"),
    [
        (Timing(ttft=1.0, total=3.0), 1.0, 2.0),
        (Timing(total=3.0), 3.0, 0.0),
        (Timing(ttft=1.0), 1.0, None),
        (Timing(), None, None),
    ],
)
def test_time_is_waiting_until_the_first_token(timing: Timing, waiting: float | None, writing: float | None) -> None:
    assert (waiting_seconds(timing, False), writing_seconds(timing, False)) == (waiting, writing)


@pytest.mark.parametrize(
    ("kind", "state", "ttft", "has"),
    [
        ("TOOL_CALL", "complete", None, True),
        ("TOOL_CALL", "incomplete", 1.0, True),
        ("TOOL_CALL", "error", None, False),
        ("COUNT_TOKENS", "complete", None, False),
    ],
)
def test_an_answer_that_no_model_generated_has_no_output(kind: str, state: State, ttft: float, has: bool) -> None:
    assert has_output(kind, state, ttft) is has


def test_a_sum_is_two_columns() -> None:
    assert sum_columns("waiting", Sum(4.5, 1)) == {"waiting": 4.5, "waiting_unknown": 1}
