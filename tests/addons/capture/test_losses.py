"""What is said of traces that can't be written: when that begins, when it is over, and when it begins again."""

import pytest

from addons.capture.losses import FAILED, GONE, Losses

FULL = "/t/x.json: No space left on device"
BUG = "An error in the toolkit, please report it: KeyError('x')"
REFUSED = f"Traces can't be written, the client goes on without. {FULL}"

CASES: dict[str, list[tuple[str, str, str | None]]] = {
    "a full disk is told of once": [("lost", FULL, REFUSED), ("lost", FULL, None), ("delayed", FULL, None)],
    "and once that there is room again": [
        ("lost", FULL, REFUSED),
        ("lost", FULL, None),
        ("saved", "", "Traces are written again, recording goes on; 2 traces are missing."),
        ("saved", "", None),
    ],
    "and anew when it is full again": [
        ("lost", FULL, REFUSED),
        ("saved", "", "Traces are written again, recording goes on; 1 trace is missing."),
        ("delayed", FULL, REFUSED),
        ("saved", "", "Traces are written again, recording goes on; nothing is missing."),
    ],
    "one exchange that can't be converted says nothing of the disk": [
        ("broken", BUG, f"A trace can't be written, the client goes on without. {BUG}"),
        ("saved", "", None),
        ("broken", BUG, None),
    ],
    "each writer that is killed is told of": [("gone", "", GONE), ("saved", "", None), ("gone", "", GONE)],
    "that none can be started is told of once": [("failed", "", FAILED), ("failed", "", None)],
    "what the proxy doesn't wait for": [
        ("unfinished", "3", "3 traces are still being written, by a process that ends when they are.")
    ],
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_user_is_warned(case: list[tuple[str, str, str | None]]) -> None:
    losses = Losses()
    assert [losses.warning(kind, text) for kind, text, _ in case] == [warning for _, _, warning in case]


@pytest.mark.parametrize(("lost", "summary"), [(0, None), (1, None), (3, "3 traces could not be written whole.")])
def test_the_end_says_how_many_were_lost_if_a_warning_has_not_said_it(lost: int, summary: str | None) -> None:
    losses = Losses()
    for _ in range(lost):
        losses.warning("lost", FULL)
    assert losses.summary() == summary
