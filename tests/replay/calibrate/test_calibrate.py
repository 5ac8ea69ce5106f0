"""The measured figures are near the true ones, however busy the machine is."""

from statistics import median

import pytest

from replay.calibrate.calibrate import calibrate
from replay.calibrate.server import Plan

pytestmark = pytest.mark.io


def test_our_figures_are_near_what_the_server_did() -> None:
    reported: list[tuple[int, int, int]] = []
    [alone, four] = calibrate((1, 4), Plan(400, 3, 200), answers=4, on_progress=lambda *now: reported.append(now))

    assert reported == [*((1, done, 4) for done in range(4)), (4, 0, 4)]
    assert (alone.streams, len(alone.ttft), len(alone.gaps)) == (1, 4, 4 * 2)
    assert (four.streams, len(four.ttft), len(four.gaps)) == (4, 4, 4 * 2)
    for errors in (alone, four):
        assert 0 < median(errors.ttft) < 0.2
        assert median(errors.gaps) < 0.1
        assert 0 < errors.cpu_per_chunk < 0.1
