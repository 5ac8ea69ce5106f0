"""What capturing costs, in well over ten minutes. `--quick`: about three. `--control`: two equal proxies, for noise."""

import argparse
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.capture import report
from benchmarks.capture.measure import FULL, QUICK, Bench, Plan
from benchmarks.capture.paths import ADDON, BARE, mitmdump, scripted_server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capture", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, coarser figures")
    parser.add_argument("--control", action="store_true", help="a second bare mitmdump in the addon's place")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the processes started here are stopped
    start = time.monotonic()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        server = stack.enter_context(scripted_server())
        bare = stack.enter_context(mitmdump(BARE, server.port, scratch))
        if options.control:
            ours = stack.enter_context(mitmdump(BARE, server.port, scratch))
        else:
            ours = stack.enter_context(mitmdump(ADDON, server.port, scratch, scratch / "traces"))
        paths = {"direct": server, "bare": bare, "ours": ours}
        if not options.control:
            chat = ("--set", "anyclaude_translate=chat")
            paths["translated"] = stack.enter_context(mitmdump(ADDON, server.port, scratch, scratch / "chat", *chat))
        print(f"{report.machine()}\nours = {'a second bare mitmdump' if options.control else 'the addon'}")
        run(Bench(paths), QUICK if options.quick else FULL)
    print(f"\n{time.monotonic() - start:.0f} s in all")


def run(bench: Bench, plan: Plan) -> None:
    for fresh in (False, True):
        latency = {streams: bench.latency(plan, streams, fresh) for streams in plan.bursts}
        print(f"\n{report.busy()}\n{report.latency(latency, 'fresh' if fresh else 'open')}", flush=True)
    rate = {streams: bench.rate(plan, streams) for streams in plan.bursts}
    print(f"\n{report.busy()}\n{report.rate(rate)}", flush=True)
    resident = bench.memory(plan)
    print(f"\n{report.busy()}\n{report.memory(resident, plan.segment)}")
    exchanges, traces = bench.loads["ours"].sent, bench.await_traces("ours")
    print(f"\nours: {exchanges:,} exchanges, {traces:,} traces on disk")


if __name__ == "__main__":
    main()
