"""Our figures against the truth, and those of others: a bare loop, HTTP libraries, and tools for the same task.

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
    parser.add_argument("--cases", action="store_true", help="what the tools make of answers that are easily misread")
    given = parser.parse_args()
    names = _peers() if given.peers is None else given.peers.split(",")
    if unknown := set(names) - set(CLIENTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(_peers())}")
    bins = _installed([OURS, *(name for name in names if name != OURS)])
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load average {os.getloadavg()[0]:.1f} before\n")
    shown, failed = cases.shown(bins) if given.cases else loads.shown(bins, given.quick)
    print(shown)
    for reason in failed:
        print(f"not measured: {reason}")
    print(f"\nload average {os.getloadavg()[0]:.1f} after, with all of this in it")


def _peers() -> Sequence[str]:
    return [name for name in CLIENTS if name != OURS]


def _installed(names: Sequence[str]) -> Mapping[str, Path]:
    """Each one's environment; who can't be installed is told."""
    found = {}
    for name in names:
        requirement = CLIENTS[name].requirement
        try:
            found[name] = environments.made(name, requirement) if requirement else Path(sys.prefix)
        except environments.NotInstalled as error:
            print(f"not measured: {name}: {error}")
    return found


if __name__ == "__main__":
    main()
