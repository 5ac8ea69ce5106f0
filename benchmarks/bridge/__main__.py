"""Translators between Claude Code and chat completions, in the same run: cases passed, and time added to each event.

python -m benchmarks.bridge [--only NAME,…] [--rounds N]
"""

import argparse
import json
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tabulate import tabulate

from benchmarks.bridge import added, cases
from benchmarks.bridge.translators import TRANSLATORS, NotStarted
from tests.support.packages import ask, python_with
from tests.support.scripted import Answer, Received, serving, whole

ANTHROPIC = "anthropic==2.12.0"
STREAMS = (1, 8)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bridge", description=__doc__)
    parser.add_argument("--only", metavar="NAME,…", default="", help=f"beginnings of: {', '.join(TRANSLATORS)}")
    parser.add_argument("--rounds", type=int, default=3, help="in which they take turns when time is measured")
    given = parser.parse_args()
    names = [name for name in TRANSLATORS if name.startswith(tuple(given.only.split(",")))]
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load average {os.getloadavg()[0]:.1f} before\n")
    with tempfile.TemporaryDirectory() as folder:
        print(compare_cases(names, Path(folder)), "\n")
        print(compare_times(names, Path(folder), given.rounds))
    print(f"\nload average {os.getloadavg()[0]:.1f} after, this benchmark included")


def compare_cases(names: list[str], folder: Path) -> str:
    """Return a table of the cases that each translator passes; its last row counts them."""
    passed = {}
    for name in names:
        try:
            passed[name] = _passed(name, folder / f"cases-{name[:4]}")
        except NotStarted as error:
            print(f"not measured: {name}: {error}", file=sys.stderr)
    rows = [[case, *("✓" if found[case] else "–" for found in passed.values())] for case in cases.CASES]
    rows.append(["cases passed", *(f"{sum(found.values())} of {len(found)}" for found in passed.values())])
    return tabulate(rows, ["", *passed], disable_numparse=True)


def _passed(name: str, folder: Path) -> Mapping[str, bool]:
    """Return which cases a translator passes. Its streams must be read by the `anthropic` package, too."""
    answer: list[Answer] = [whole({})]
    got: dict[str, cases.Got] = {}

    def server(request: Received) -> Answer:
        return answer[0] if request.method == "POST" else whole({"object": "list", "data": [{"id": "m"}]})

    with serving(server) as started, TRANSLATORS[name](started.url, folder) as url:
        for case_name, case in cases.CASES.items():
            answer[0] = case.answer
            before = len(started.received)
            status, headers, data = cases.ask(url, case)
            sent = [each.json for each in started.received[before:] if each.path.endswith("/chat/completions")]
            got[case_name] = cases.read(status, headers, data, sent)
    streams = [[json.loads(event.data) for event in each.content_events] for each in got.values()]
    complaints = [their["error"] for their in ask(python_with(ANTHROPIC), "anthropic_assemble.py", streams)]
    return {
        case: cases.passes(cases.CASES[case], each) and not complaint
        for (case, each), complaint in zip(got.items(), complaints, strict=True)
    }


def compare_times(names: list[str], folder: Path, rounds: int) -> str:
    """Return a table of the times from an event's sending to its arrival, beyond the median without a translator."""
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    with ExitStack() as stack:
        server = stack.enter_context(added.clocked_server())
        urls = {"direct": (server, "/v1/chat/completions")}
        for name in names:
            try:
                translator = TRANSLATORS[name](server, folder / f"times-{name[:4]}")
                urls[name] = (stack.enter_context(translator), "/v1/messages")
            except NotStarted as error:
                print(f"not measured: {name}: {error}", file=sys.stderr)
        for number in range(rounds + 1):  # the first warms up
            for name, (url, path) in list(urls.items())[:: 1 if number % 2 else -1]:
                for streams in STREAMS:
                    delays = added.delays(url, path, streams)
                    found[name, streams] += delays if number else []
    rows = []
    for name in urls:
        cells = []
        for streams in STREAMS:
            floor = 0.0 if name == "direct" else added.percentile(found["direct", streams], 50)
            values = found[name, streams]
            whole_number = rounds * streams * added.EVENTS
            lost = "" if len(values) == whole_number else f" ({len(values)} of {whole_number} events)"
            cells.append(" / ".join(f"{added.percentile(values, at) - floor:.2f}" for at in (50, 99)) + lost)
        rows.append([name, *cells])
    titles = [f"{streams} stream{'s' if streams > 1 else ''}: median / p99, ms" for streams in STREAMS]
    return tabulate(rows, ["added to each event (direct: in all)", *titles], disable_numparse=True)


if __name__ == "__main__":
    main()
