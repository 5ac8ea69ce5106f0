"""The time and memory that commands take, run in turns."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Command = Sequence[str]


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took from start to end: wall-clock and processor seconds, and its peak memory in bytes."""

    wall: float
    cpu: float
    peak: int


@dataclass(frozen=True, slots=True)
class Contestant:
    """A command to compare, and what is done before each of its runs."""

    command: Command
    environment: Mapping[str, str]
    before: Callable[[], None] = lambda: None


def run_in_turns(contestants: Mapping[str, Contestant], rounds: int) -> dict[str, list[Run]]:
    """Run each command once, then all again, so that other load on the machine affects them alike."""
    runs: dict[str, list[Run]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            contestant.before()
            runs[name].append(run(contestant))
    return runs


def run(contestant: Contestant) -> Run:
    """Run a command and measure it. Raises RuntimeError if it fails, since that says nothing about its time."""
    environment = {**os.environ, **contestant.environment}
    begin = time.perf_counter()
    process = subprocess.Popen(contestant.command, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(contestant.command)} failed with {process.returncode}")
    kibibytes = used.ru_maxrss // 1024 if sys.platform == "darwin" else used.ru_maxrss
    return Run(wall, used.ru_utime + used.ru_stime, kibibytes * 1024)


def typical(runs: Sequence[Run]) -> Run:
    return Run(median(run.wall for run in runs), median(run.cpu for run in runs), max(run.peak for run in runs))


def ratio(above: Sequence[Run], below: Sequence[Run]) -> float:
    """Return the median, over the rounds, of the ratio of the wall-clock times."""
    return median(one.wall / other.wall for one, other in zip(above, below, strict=True))
