"""How exact clients stay under load, how punctual they send, and what that costs them: ours, and other load generators.

python -m benchmarks.load [--peers epoll,aiperf,guidellm] [--quick]
"""

import argparse
import os
import sys

from benchmarks.load import loads
from benchmarks.load.clients import CLIENTS
from benchmarks.load.report import report
from benchmarks.replay import environments
from benchmarks.replay.clients.choice import chosen, peers


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--peers", metavar="NAME,…", help=f"beside ours; all are {', '.join(peers(CLIENTS))}")
    parser.add_argument("--quick", action="store_true", help="few requests: to see whether something broke")
    given = parser.parse_args()
    folders = environments.make_all(chosen(parser, given.peers, CLIENTS))
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load average {os.getloadavg()[0]:.1f} before\n")
    found, failed = loads.run(folders, loads.QUICK if given.quick else loads.FULL)
    print(report(found, folders))
    for reason in failed:
        print(f"not measured: {reason}")
    print(f"\nload average {os.getloadavg()[0]:.1f} after, this benchmark included")


if __name__ == "__main__":
    main()
