"""Runs commands in turns, and takes their time and memory. Knows nothing of what they do."""

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
    """Of one process from its start to its end: seconds on the clock and on the processor, and bytes at its peak."""

    wall: float
    cpu: float
    peak: int


@dataclass(frozen=True, slots=True)
class Contestant:
    """A command, and what has to be done before each of its runs."""

    command: Command
    environment: Mapping[str, str]
    before: Callable[[], None] = lambda: None


def in_turns(contestants: Mapping[str, Contestant], rounds: int) -> dict[str, list[Run]]:
    """One run of each, then again: what else the machine does meets them all."""
    runs: dict[str, list[Run]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            contestant.before()
            runs[name].append(run(contestant))
    return runs


def run(contestant: Contestant) -> Run:
    """Raises RuntimeError where the command fails: the time of a failure is no figure."""
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
    """Of their times on the clock, round by round; the median."""
    return median(one.wall / other.wall for one, other in zip(above, below, strict=True))
