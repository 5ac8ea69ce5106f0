"""Figures as tables and verdicts."""

import os
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median

from tabulate import tabulate

from benchmarks.capture.load import Sample
from benchmarks.capture.measure import Rate, Rounds

HIGHEST_ADDED_TIME = 1.10  # times bare mitmproxy's, to the first token and per event
HIGHEST_PROCESSOR_TIME = 1.15  # times bare mitmproxy's
LOWEST_RATE = 0.85  # of bare mitmproxy's
HIGHEST_TRANSLATED = 2.0  # times the plain addon's, for each event
HIGHEST_RISE = 1.0  # percent of memory: what counts as flat
SMALLEST = 0.1  # milliseconds: of less, a ratio would only tell noise

Samples = Mapping[str, Sequence[Sequence[Sample]]]
"""Per path and round, the samples of every exchange."""

MEASURES: Mapping[str, Callable[[Sample], Sequence[float]]] = {
    "to the first token": lambda sample: [sample.ttft],
    "per event": lambda sample: sample.events,
}


def machine() -> str:
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    cpu = model[1] if model else platform.machine()
    return f"{os.cpu_count()} cores, {cpu}; Python {platform.python_version()}, mitmproxy {version('mitmproxy')}"


def busy() -> str:
    return f"load average {os.getloadavg()[0]:.1f}"


def p99(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def ratios(ours: Sequence[float], bare: Sequence[float]) -> list[float]:
    return [mine / its for mine, its in zip(ours, bare, strict=True)]


def compared(ours: Sequence[float], base: Sequence[float], limit: float) -> tuple[str, bool]:
    """Return how milliseconds of each round compare with others, and whether they are at most `limit` times those."""
    if median(base) < SMALLEST:
        shown = f"{median(ours):.2f} to {median(base):.2f} ms, too little for a ratio"
        return shown, median(ours) <= limit * SMALLEST
    ratio = ratios(ours, base)
    return f"{spread(ratio)} by round", median(ratio) <= limit


def spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"


def latency(by_streams: Mapping[int, Samples], connections: str) -> str:
    """Return a table of the time that each path adds to the median of the direct one, in milliseconds."""
    rows: list[list[object]] = []
    verdicts = []
    for streams, samples in by_streams.items():
        shown: dict[str, list[object]] = {name: [streams, name] for name in samples}
        for measure, take in MEASURES.items():
            added: dict[str, list[float]] = {}
            slowest: dict[str, float] = {}
            floor = median(values(samples["direct"], take))
            for name, rounds in samples.items():
                pooled = [value - (0 if name == "direct" else floor) for value in values(rounds, take)]
                shown[name] += [median(pooled), p99(pooled)]
                slowest[name] = p99(pooled)
                added[name] = [median(values([one], take)) - floor for one in rounds]
            ratio, is_within = compared(added["ours"], added["bare"], HIGHEST_ADDED_TIME)
            more = median(mine - its for mine, its in zip(added["ours"], added["bare"], strict=True))
            line = f"{streams:3} streams, added time {measure}, ours / bare: {ratio}, {more:+.2f} ms; "
            p99_ratio = slowest["ours"] / slowest["bare"]
            reached = verdict(is_within and p99_ratio <= HIGHEST_ADDED_TIME)
            verdicts.append(f"{line}p99: {p99_ratio:.2f}; both at most {HIGHEST_ADDED_TIME}: {reached}")
            if "translated" in added:
                ratio, is_within = compared(added["translated"], added["ours"], HIGHEST_TRANSLATED)
                line = f"{streams:3} streams, added time {measure}, translated / ours: {ratio}"
                goal = f"; at most {HIGHEST_TRANSLATED}: {verdict(is_within)}"
                verdicts.append(line + goal * (measure == "per event"))
        rows += shown.values()
    headers = ["streams", "path", *(f"{measure}\n{column}" for measure in MEASURES for column in ("median", "p99"))]
    title = f"Added time in ms, {connections} connections (the row `direct` is the time without a proxy)"
    return "\n".join([title, tabulate(rows, headers, floatfmt=".2f"), *verdicts])


def values(rounds: Sequence[Sequence[Sample]], take: Callable[[Sample], Sequence[float]]) -> list[float]:
    return [value for samples in rounds for sample in samples for value in take(sample)]


def rate(by_streams: Mapping[int, Rate]) -> str:
    rows: list[list[object]] = []
    verdicts = []
    for streams, measured in by_streams.items():
        per_second, cpu = measured.requests_per_second, measured.cpu
        rows += [
            [streams, name, median(rates), min(rates), max(rates), median(cpu[name])]
            for name, rates in per_second.items()
        ]
        ratio = ratios(per_second["ours"], per_second["bare"])
        work = ratios(cpu["ours"], cpu["bare"])
        verdicts.append(
            f"{streams:3} streams, ours / bare by round: {spread(ratio)}; at least {LOWEST_RATE}: "
            f"{verdict(median(ratio) >= LOWEST_RATE)}; processor time {spread(work)}; "
            f"at most {HIGHEST_PROCESSOR_TIME}: {verdict(median(work) <= HIGHEST_PROCESSOR_TIME)}"
        )
    headers = ["streams", "path", "median", "min", "max", "processor ms\neach"]
    title = "Requests per second without delays (`direct`: the server's own processor time)"
    return "\n".join([title, tabulate(rows, headers, floatfmt=(".0f", "", ".0f", ".0f", ".0f", ".2f")), *verdicts])


def memory(resident: Rounds, segment: int) -> str:
    """Return a table of memory, and its rise from the second fifth to the last: the first one fills caches."""
    rows: list[list[object]] = []
    verdicts = []
    for name, seen in resident.items():
        size = len(seen) // 5
        fifths = [sum(seen[at * size : (at + 1) * size]) / size for at in range(5)]
        rows.append([name, *fifths])
        rise = 100 * (fifths[4] / fifths[1] - 1)
        line = f"{name}: {rise:+.1f}% from the second fifth to the last"
        if name == "ours":
            line += f"; at most {HIGHEST_RISE}%: {verdict(rise <= HIGHEST_RISE)}"
        verdicts.append(line)
    total = len(next(iter(resident.values()))) * segment
    headers = ["path", *(f"to {total * (at + 1) // 5:,}" for at in range(5))]
    title = f"Resident memory in MiB, mean of each fifth of {total:,} exchanges"
    return "\n".join([title, tabulate(rows, headers, floatfmt=".1f"), *verdicts])
