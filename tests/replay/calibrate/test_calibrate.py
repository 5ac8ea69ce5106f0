"""What this machine measures is near the truth: a machine that does other things, too, so bounds are wide."""

from statistics import median

import pytest

from replay.calibrate.calibrate import calibrate
from replay.calibrate.server import Plan

pytestmark = pytest.mark.io


def test_our_figures_are_near_what_the_server_did() -> None:
    told: list[tuple[int, int, int]] = []
    [alone, four] = calibrate((1, 4), Plan(50, 10, 10), answers=8, on_progress=lambda *now: told.append(now))

    assert told == [*((1, done, 8) for done in range(8)), (4, 0, 8), (4, 4, 8)]
    assert (alone.streams, len(alone.ttft), len(alone.gaps)) == (1, 8, 8 * 9)
    assert (four.streams, len(four.ttft), len(four.gaps)) == (4, 8, 8 * 9)
    for errors in (alone, four):
        assert 0 < median(errors.ttft) < 0.02
        assert median(errors.gaps) < 0.005
        assert 0 < errors.cpu_per_chunk < 0.005
