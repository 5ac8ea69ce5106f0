"""Our figures against the truth, with a bare epoll loop as the limit, and aiohttp where its environment can be made.

python -m benchmarks.replay [--quick]
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tabulate import tabulate

from replay import server
from replay.server import truth_in

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
AIOHTTP = "aiohttp==3.13.2"
ENVIRONMENT = ROOT / ".cache" / "bench-aiohttp"
DELAY, CHUNKS, GAP = 300, 50, 20


@dataclass
class Seen:
    """What a client measured, minus what was true: milliseconds; microseconds of processor time for each chunk."""

    start: list[float] = field(default_factory=list)
    ttft: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round")
    rounds = 1 if parser.parse_args().quick else 4
    clients = commands()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {', '.join(clients)}; {rounds} rounds\n")
    with server.running() as address:
        for streams in (1, 4, 64):
            seen = {name: Seen() for name in clients}
            for number in range(rounds):
                names = list(clients) if number % 2 else list(clients)[::-1]
                for name in names:
                    run(clients[name], address, streams, max(1, 8 // streams), seen[name])
            print(f"load average {os.getloadavg()[0]:.1f}\n{table(streams, seen)}\n", flush=True)


def commands() -> Mapping[str, Sequence[str]]:
    """Each client's command. aiohttp is left out, and that is said, where it can't be installed."""
    found = {"bare epoll": [sys.executable, str(HERE / "bare.py")], "ours": [sys.executable, str(HERE / "ours.py")]}
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        if subprocess.run([str(python), "-m", "pip", "install", "--quiet", AIOHTTP], check=False).returncode:
            print(f"{AIOHTTP} can't be installed: it is left out")
            return found
    return {**found, "aiohttp": [str(python), str(HERE / "with_aiohttp.py")]}


def run(command: Sequence[str], address: str, streams: int, bursts: int, into: Seen) -> None:
    numbers = [str(number) for number in (streams, bursts, DELAY, CHUNKS, GAP)]
    before = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    printed = subprocess.run([*command, address, *numbers], env=environment, capture_output=True, check=True).stdout
    report = json.loads(printed)
    into.start.append(report["first"] - before)
    into.cpu.append(report["cpu"] / (len(report["answers"]) * CHUNKS) * 1e6)
    for moments, text in report["answers"]:
        truth = truth_in(text)
        into.ttft.append((moments[0] - truth.sent[0]) * 1000)
        gaps = (after - before for before, after in pairwise(moments))
        into.gaps += [abs(ours - true) * 1000 for ours, true in zip(gaps, truth.gaps, strict=True)]


def table(streams: int, seen: Mapping[str, Seen]) -> str:
    rows = [
        [
            name,
            f"{min(it.start):.2f}",
            *(f"{at(it.ttft, 50):.2f} / {at(it.ttft, 99):.2f}", f"{at(it.gaps, 50):.3f} / {at(it.gaps, 99):.3f}"),
            f"{at(it.cpu, 50):.0f}",
        ]
        for name, it in seen.items()
    ]
    headers = ["", "start to first request, s", "TTFT error, ms", "inter-token error, ms", "CPU a chunk, µs"]
    return tabulate(rows, [f"{streams} streams", *headers[1:]], disable_numparse=True)


def at(values: Sequence[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


if __name__ == "__main__":
    main()
