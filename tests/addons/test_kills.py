"""Proxies and writers killed at random moments under load; `benchmarks.capture.kills` does the same for longer."""

import asyncio
import random
from pathlib import Path

import pytest

from benchmarks.capture.kills import kill_proxy, kill_writers

pytestmark = pytest.mark.process

DRAW = random.Random(7)
PROXIES = [DRAW.uniform(0, 0.6) for _ in range(20)]
WRITERS = [DRAW.uniform(0, 1.2) for _ in range(10)]
GROUPS = 4  # of kills in a test, so that workers can share them


@pytest.mark.parametrize("group", range(GROUPS))
def test_a_killed_proxy_loses_nothing_that_it_had_received_whole(group: int, tmp_path: Path) -> None:
    for number, moment in enumerate(PROXIES[group::GROUPS]):
        outcome = asyncio.run(kill_proxy(tmp_path / str(number), [moment]))
        assert outcome.faults == {}


def test_killed_writers_lose_nothing_at_all(tmp_path: Path) -> None:
    outcome = asyncio.run(kill_writers(tmp_path, WRITERS))
    assert outcome.asked
    assert outcome.faults == {}
