"""What each of an exchange's events costs the proxy's event loop, and each step of recording: processor time in one
process, without sockets. Two masters of mitmproxy take turns, one with the baseline's script, one with the addon.
"""

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from statistics import median
from typing import Any

from mitmproxy import connection, ctx, hooks, options
from mitmproxy.http import HTTPFlow
from mitmproxy.net.http.http1 import read
from mitmproxy.proxy.layers.http import _hooks
from mitmproxy.tools.dump import DumpMaster
from tabulate import tabulate

from addons.bridge.addon import Bridge
from addons.capture.handover import Begun, Ended
from addons.capture.masking import Masking
from addons.capture.process_channel import ProcessChannel
from addons.capture.recorder import Exchange, Recorder
from addons.capture.spool import Segment
from benchmarks.capture.load import Load, Script
from benchmarks.capture.paths import ADDON, BARE
from benchmarks.capture.report import busy, machine
from benchmarks.capture.server import HEADERS, Messages

SCRIPT = Script(delay=0, deltas=30, gap=0)
STEPS: dict[str, tuple[Any, str]] = {
    "request: note what is secret": (Masking, "note"),
    "request: take its head": (Begun, "of"),
    "request: hand it over, 130 KiB copied into the spool": (ProcessChannel, "begin"),
    "request: the whole of the recorder": (Recorder, "request"),
    "response headers: the recorder": (Recorder, "responseheaders"),
    "response: times": (Exchange, "record"),
    "response: take its head": (Ended, "of"),
    "response: hand it over": (ProcessChannel, "end"),
    "response: whether to mask": (Masking, "ended"),
    "response: the whole of the recorder": (Recorder, "response"),
    "response: whether to advise": (Bridge, "response"),
    "of handing over: append to the spool (twice)": (Segment, "append"),
    "at most ten times a second: read the writer's reports, log them": (ProcessChannel, "_receive"),
}

Times = defaultdict[str, list[float]]
"""Microseconds of processor time."""


@contextmanager
def timed(times: Times, name: str) -> Iterator[None]:
    start = time.thread_time_ns()
    yield
    times[name].append((time.thread_time_ns() - start) / 1000)


async def play(master: DumpMaster, load: Load, times: Times) -> None:
    """Play an exchange's events as mitmproxy does."""
    ctx.master, ctx.options = master, master.options
    flow = request(load)
    events = [Messages.opening(1), *(Messages.delta() for _ in range(SCRIPT.deltas)), Messages.closing(SCRIPT.deltas)]
    for hook in (_hooks.HttpRequestHeadersHook, _hooks.HttpRequestHook):
        with timed(times, hook.name):
            await master.addons.handle_lifecycle(hook(flow))
    flow.response = read.read_response_head(HEADERS.strip().split(b"\r\n"))
    flow.response.timestamp_start = time.time()
    with timed(times, _hooks.HttpResponseHeadersHook.name):
        await master.addons.handle_lifecycle(_hooks.HttpResponseHeadersHook(flow))
    with timed(times, f"{len(events)} chunks"):
        if callable(flow.response.stream):
            for data in (*events, b""):
                flow.response.stream(data)
    flow.response.timestamp_end = time.time()
    with timed(times, _hooks.HttpResponseHook.name):
        await master.addons.handle_lifecycle(_hooks.HttpResponseHook(flow))


def request(load: Load) -> HTTPFlow:
    head, _, body = load.request(SCRIPT).partition(b"\r\n\r\n")
    now = time.time()
    client = connection.Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), timestamp_start=now)
    server = connection.Server(address=("127.0.0.1", 8000))
    server.timestamp_tcp_setup = now
    flow = HTTPFlow(client, server, live=True)
    flow.request = read.read_request_head(head.split(b"\r\n"))
    flow.request.host, flow.request.port, flow.request.scheme = "127.0.0.1", 8000, "http"
    flow.request.raw_content = body
    flow.request.timestamp_start = flow.request.timestamp_end = now
    return flow


async def started(script: Path, folder: Path) -> DumpMaster:
    """Return mitmdump's master with a script, as under `anyclaude`: nothing of a flow is printed."""
    chosen = options.Options(listen_port=0, server=False, confdir=str(folder / "conf"))
    master = DumpMaster(chosen)
    master.options.update(flow_detail=0, termlog_verbosity="error", scripts=[str(script)])
    master.options.update_defer(anyclaude_dir=str(folder / "traces"))
    await master.addons.trigger_event(hooks.RunningHook())
    scripts: Any = master.addons.get("scriptloader")
    while not any(script.addons for script in scripts.addons):
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    return master


def watch(times: Times) -> None:
    """Time the steps from now on. That itself takes a microsecond or two of each."""
    for name, (owner, attribute) in STEPS.items():
        plain = owner.__dict__[attribute]
        is_of_class = isinstance(plain, classmethod)
        watched = _watched(plain.__func__ if is_of_class else plain, times, name)
        setattr(owner, attribute, classmethod(watched) if is_of_class else watched)


def _watched(step: Callable[..., Any], times: Times, name: str) -> Callable[..., Any]:
    @wraps(step)
    def run(*arguments: Any, **named: Any) -> Any:
        with timed(times, name):
            return step(*arguments, **named)

    return run


async def measure(exchanges: int, folder: Path) -> None:
    load, steps = Load(0), Times(list)
    of = {name: Times(list) for name in ("bare", "ours")}
    masters = {"bare": await started(BARE, folder), "ours": await started(ADDON, folder)}
    for watched in (False, True):
        if watched:
            watch(steps)
        for number in range(exchanges):
            for name, master in masters.items():
                await play(master, load, Times(list) if watched else of[name])
            if number % 20 == 19:
                await asyncio.sleep(0.05)  # the loop turns, and the writer's reports are read
    await masters["ours"].done()
    rows: list[tuple[str, float, float, float]] = []
    for event, times in of["bare"].items():
        bare, ours = median(times), median(of["ours"][event])
        rows.append((event, bare, ours, ours - bare))
    rows.append(("in all", sum(row[1] for row in rows), sum(row[2] for row in rows), sum(row[3] for row in rows)))
    print(tabulate(rows, ["event", "bare", "ours", "more"], floatfmt=".0f"))
    table = [[name, median(steps[name])] for name in STEPS]
    print(tabulate(table, ["step of ours", "µs"], floatfmt=".1f"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capture.hooks", description=__doc__)
    parser.add_argument("--exchanges", type=int, default=500, help="twice as many are played")
    chosen = parser.parse_args()
    print(f"{machine()}; {busy()}\nMicroseconds of processor time an exchange, medians")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        asyncio.run(measure(chosen.exchanges, Path(folder)))


if __name__ == "__main__":
    main()
