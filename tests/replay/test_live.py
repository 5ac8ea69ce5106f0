"""What is seen while runs go on."""

import pytest

from replay.exchange import Progress
from replay.live import Live
from replay.model import Run
from replay.outcome import Happening
from tests.support import replays

RUN = Run(replays.SIMPLE, "llama-3.1-8b")


def seen(*happenings: Happening) -> list[str]:
    lines: list[str] = []
    live = Live(lines.append)
    for happening in happenings:
        live(happening)
    return lines


def at(elapsed: float, chunks: int) -> Progress:
    return Progress(elapsed, chunks, chunks * 4)


def test_a_run_waits_then_writes() -> None:
    states = [Happening(RUN, 1, 1, loading=True), Happening(RUN, 1, 1)]
    states += [Happening(RUN, 1, 1, progress=at(*each)) for each in ((1.5, 0), (2.0, 1), (3.0, 41))]
    assert seen(*states) == [
        "llama-3.1-8b is being loaded",
        "llama-3.1-8b 0.0 s, waiting for the first token",
        "llama-3.1-8b 1.5 s, waiting for the first token",
        "llama-3.1-8b 2.0 s, about 1 tokens",
        "llama-3.1-8b 3.0 s, about 41 tokens, 40.0 tokens/s",
    ]


def test_the_speed_is_that_of_the_current_run() -> None:
    first, second = (Happening(RUN, number, 2, progress=at(1.0, 1)) for number in (1, 2))
    assert "tokens/s" not in seen(first, Happening(RUN, 2, 2), second)[-1]


@pytest.mark.parametrize(("number", "bar"), [(1, "░" * 20 + " 1/10"), (6, "█" * 10 + "░" * 10 + " 6/10")])
def test_a_bar_tells_how_far_all_runs_have_come(number: int, bar: str) -> None:
    assert seen(Happening(RUN, number, 10)) == [f"{bar} llama-3.1-8b 0.0 s, waiting for the first token"]
