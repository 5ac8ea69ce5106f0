"""What gave way first is told from the rows, and from what the server tells of itself."""

from collections.abc import Mapping
from typing import Any

import pytest

from replay.load.cause import Part, find
from replay.load.objectives import parse
from replay.load.rows import Row
from tests.support.load_rows import failed, level

TTFT = parse("ttft=5s")


def slow(**given: Any) -> list[Row]:
    return level(8, ttft=lambda turn: 6.0 + turn / 10, **given)


CASES: Mapping[str, tuple[list[Row], str, Mapping[str, tuple[float | None, float | None]], Part, str]] = {
    "requests waited": (slow(), "ttft=5s", {"waiting": (0.0, 3.2)}, "queue", "3.2 requests waited"),
    "none waited": (slow(), "ttft=5s", {"waiting": (0.0, 0.1)}, "prefill", "prefill itself took longer"),
    "the server tells nothing": (slow(), "ttft=5s", {}, "wait", "doesn't tell"),
    "the cache lost half": (slow(cached=9_750), "ttft=5s", {"waiting": (0.0, 3.0)}, "cache", "kept 50% (before: 97%)"),
    "the cache lost as much before": (slow(cached=18_500), "ttft=5s", {}, "wait", "doesn't tell"),
    "it failed": ([failed() for _ in range(9)], "ttft=5s", {}, "errors", "9 of 9"),
    "it wrote slower": (level(8, last_content=30.0, total=31.0), "turn=20s", {}, "decode", "30.50 s instead of 1.50 s"),
    "gaps alone were broken": (level(8, gap_mean=0.3), "ttft=5s,gap=100ms", {}, "decode", "writing"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_gave_way(name: str) -> None:
    broken, objectives, told, part, words = CASES[name]
    cause = find(level(4), broken, parse(objectives), told)
    assert cause is not None
    assert cause.part == part
    assert words in cause.words


def test_a_level_in_which_nothing_broke_has_no_cause() -> None:
    assert find(level(4), level(8), TTFT, {}) is None


def test_nothing_was_carried_before() -> None:
    cause = find([], slow(), TTFT, {})
    assert cause is not None
    assert cause.part == "wait"
