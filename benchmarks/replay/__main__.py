"""The errors of our figures and of others': a bare loop, HTTP libraries, and tools for the same task.

python -m benchmarks.replay [--peers aiperf,guidellm,…] [--quick] [--cases]
"""

import argparse
import os
import sys

from benchmarks.replay import cases, environments, loads
from benchmarks.replay.clients import CLIENTS
from benchmarks.replay.clients.choice import chosen, peers


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("--peers", metavar="NAME,…", help=f"beside ours; all are {', '.join(peers(CLIENTS))}")
    parser.add_argument("--quick", action="store_true", help="few requests: to see whether something broke")
    parser.add_argument("--cases", action="store_true", help="how the tools read answers that are easily misread")
    given = parser.parse_args()
    bins = environments.make_all(chosen(parser, given.peers, CLIENTS))
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load average {os.getloadavg()[0]:.1f} before\n")
    table, failed = cases.run(bins) if given.cases else loads.run(bins, given.quick)
    print(table)
    for reason in failed:
        print(f"not measured: {reason}")
    print(f"\nload average {os.getloadavg()[0]:.1f} after, this benchmark included")


if __name__ == "__main__":
    main()
