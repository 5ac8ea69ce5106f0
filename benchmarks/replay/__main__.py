"""The errors of our figures and of others': a bare loop, HTTP libraries, and tools for the same task.

python -m benchmarks.replay [--peers aiperf,guidellm,…] [--quick] [--cases]
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.replay import cases, environments, loads
from benchmarks.replay.clients import CLIENTS
from benchmarks.replay.table import OURS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("--peers", metavar="NAME,…", help=f"beside ours; all are {', '.join(_peers())}")
    parser.add_argument("--quick", action="store_true", help="few requests: to see whether something broke")
    parser.add_argument("--cases", action="store_true", help="how the tools read answers that are easily misread")
    given = parser.parse_args()
    names = _peers() if given.peers is None else given.peers.split(",")
    if unknown := set(names) - set(CLIENTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(_peers())}")
    bins = _install([OURS, *(name for name in names if name != OURS)])
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load average {os.getloadavg()[0]:.1f} before\n")
    table, failed = cases.run(bins) if given.cases else loads.run(bins, given.quick)
    print(table)
    for reason in failed:
        print(f"not measured: {reason}")
    print(f"\nload average {os.getloadavg()[0]:.1f} after, this benchmark included")


def _peers() -> Sequence[str]:
    return [name for name in CLIENTS if name != OURS]


def _install(names: Sequence[str]) -> Mapping[str, Path]:
    """Return the environment of each client; print which ones can't be installed."""
    found = {}
    for name in names:
        requirement = CLIENTS[name].requirement
        try:
            found[name] = environments.make(name, requirement) if requirement else Path(sys.prefix)
        except environments.NotInstalled as error:
            print(f"not measured: {name}: {error}")
    return found


if __name__ == "__main__":
    main()
