"""What is measured, in which order: paths take turns within each round, and rounds alternate their direction.

So a machine that slows down for a while slows all paths alike.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.capture.load import Load, Sample, Script
from benchmarks.capture.paths import Process

AT_ONCE = Script(delay=0, deltas=30, gap=0)
STREAMS_IN_MEMORY_RUN = 16

Paths = Mapping[str, Process]
Rounds = Mapping[str, Sequence[float]]
"""Per path, one figure of each round."""


@dataclass(frozen=True, slots=True)
class Plan:
    latency_rounds: int
    rate_rounds: int
    bursts: Mapping[int, tuple[Script, int]]  # streams: how the server answers, bursts in each turn
    seconds: float  # of a closed loop, in each turn
    exchanges: int  # of the memory run
    segment: int  # exchanges between two looks at the memory


FULL = Plan(
    latency_rounds=12,
    rate_rounds=6,
    bursts={1: (Script(300, 10, 20), 3), 16: (Script(300, 10, 20), 2), 64: (Script(300, 30, 20), 1)},
    seconds=1.0,
    exchanges=10_000,
    segment=500,
)
QUICK = Plan(
    latency_rounds=2,
    rate_rounds=2,
    bursts={1: (Script(300, 5, 20), 3), 16: (Script(300, 20, 20), 1), 64: (Script(300, 20, 20), 1)},
    seconds=0.5,
    exchanges=1_000,
    segment=100,
)


@dataclass(frozen=True, slots=True)
class Rate:
    requests_per_second: Rounds
    cpu: Rounds  # milliseconds of processor time an exchange costs the path, deferred work included


class Bench:
    """The paths under measurement, and how many exchanges and traces each has had."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.loads = {name: Load(process.port) for name, process in paths.items()}
        self.traces = dict.fromkeys(paths, 0)

    def await_traces(self, name: str, patience: float = 30.0) -> int:
        """Return how many traces the exchanges left, those that the writer has put off so far included."""
        deadline = time.monotonic() + patience
        while self.traces[name] < self.loads[name].sent and time.monotonic() < deadline:
            time.sleep(0.2)
            self.traces[name] += self.paths[name].take_traces()
        return self.traces[name]

    def turns(self, rounds: int) -> Iterator[str]:
        names = list(self.paths)
        for number in range(rounds):
            for name in names if number % 2 == 0 else reversed(names):
                yield name
                self.paths[name].settle()
                self.traces[name] += self.paths[name].take_traces()

    def latency(self, plan: Plan, streams: int, fresh: bool) -> Mapping[str, list[list[Sample]]]:
        """Return the samples of every exchange, by path and round; on `fresh` connections, or on open ones."""
        script, count = plan.bursts[streams]
        samples: dict[str, list[list[Sample]]] = {name: [] for name in self.paths}
        for name in self.turns(plan.latency_rounds):
            load = self.loads[name]
            bursts = load.fresh_bursts if fresh else load.bursts
            samples[name].append(asyncio.run(bursts(streams, script, count)))
        return samples

    def rate(self, plan: Plan, streams: int) -> Rate:
        rates: dict[str, list[float]] = {name: [] for name in self.paths}
        cpu: dict[str, list[float]] = {name: [] for name in self.paths}
        for name in self.turns(plan.rate_rounds):
            load, process = self.loads[name], self.paths[name]
            sent, spent = load.sent, process.cpu()
            rates[name].append(asyncio.run(load.closed_loop(streams, AT_ONCE, during(plan.seconds))))
            process.settle()
            cpu[name].append((process.cpu() - spent) / (load.sent - sent))
        return Rate(rates, cpu)

    def memory(self, plan: Plan) -> Rounds:
        """Return each proxy's resident memory in MiB after each segment."""
        resident: dict[str, list[float]] = {name: [] for name in self.paths if name != "direct"}
        for _ in range(plan.exchanges // plan.segment):
            for name, seen in resident.items():
                load, process = self.loads[name], self.paths[name]
                turns = range(plan.segment - STREAMS_IN_MEMORY_RUN)  # each connection's first exchange counts too
                asyncio.run(load.closed_loop(STREAMS_IN_MEMORY_RUN, AT_ONCE, turns))
                process.settle()
                seen.append(process.rss())
                self.traces[name] += process.take_traces()
        return resident


def during(seconds: float) -> Iterator[None]:
    deadline = time.monotonic() + seconds  # from the first turn on: connecting isn't part of it
    while time.monotonic() < deadline:
        yield
