"""What is missing after kills of proxies, and of writers, at random moments under load: `--kills 100` of each.

A request that the server had received must be in a trace, and an answer that a client had received whole in a complete
one, whichever process was killed; after kills of writers, every exchange. It needs Linux.
"""

import argparse
import asyncio
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.capture.load import Connection, Load, Script
from benchmarks.capture.paths import ADDON, Process, mitmdump
from benchmarks.capture.server import Answer
from traces import jsonio
from traces.errors import TraceFormatError
from traces.storage import store

STREAMS = 12
SCRIPT = Script(delay=20, deltas=10, gap=5)
LONGEST = 1.5
"""Seconds of load before a kill."""

PATIENCE = 120.0
"""Seconds in which all that was handed over must be written."""

WRITERS_A_PROXY = 5

NUMBER = re.compile(r"Request (\d+): ")


@dataclass(slots=True)
class Outcome:
    """Numbers of requests: those that the server received whole, those whose answers a client received whole, and
    those in traces, in any state and in complete ones.
    """

    asked: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    traces: Counter[int] = field(default_factory=Counter)
    complete: set[int] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, list[str]]:
        """Return what isn't as it must be."""
        numbers = {
            "requests without a trace": self.asked - set(self.traces),
            "answers without a complete trace": self.answered - self.complete,
            "requests in several traces": {number for number, count in self.traces.items() if count > 1},
        }
        found = {what: list(map(str, sorted(which))) for what, which in numbers.items()}
        return {what: which for what, which in {**found, "unreadable files": self.broken}.items() if which}

    def read(self, folder: Path) -> None:
        """Take the traces in a folder."""
        self.traces, self.complete, self.broken = Counter(), set(), []
        for file in store.files(folder) if folder.exists() else []:
            try:
                trace = store.load(file)
            except TraceFormatError as error:
                self.broken.append(str(error))
                continue
            number = int(NUMBER.search(jsonio.dumps(trace.request.body).decode())[1])  # type: ignore[index]
            self.traces[number] += 1
            if trace.state == "complete":
                self.complete.add(number)


class Noting(Answer):
    """The benchmark's server, which notes each request that it has received whole."""

    def __init__(self, received: set[int]) -> None:
        super().__init__()
        self._received = received

    def begin(self) -> None:
        self._received.add(self.number)
        super().begin()


async def kill_proxy(folder: Path, moments: Sequence[float]) -> Outcome:
    """Kill a proxy after the sum of so many seconds of load."""
    outcome = Outcome()
    async with _load(folder, outcome) as proxy:
        await asyncio.sleep(sum(moments))
        os.kill(proxy.pid, signal.SIGKILL)
    return await _when_written(outcome, folder)


async def kill_writers(folder: Path, moments: Sequence[float]) -> Outcome:
    """Kill a proxy's writer after each of so many seconds of load; stop the proxy after the last."""
    outcome = Outcome()
    async with _load(folder, outcome) as proxy:
        for moment in moments:
            await asyncio.sleep(moment)
            for writer in proxy.children():
                os.kill(writer, signal.SIGKILL)
    return await _when_written(outcome, folder)


@asynccontextmanager
async def _load(folder: Path, outcome: Outcome) -> AsyncIterator[Process]:
    """Send requests through a proxy until the block ends; then stop both."""
    server = await asyncio.get_running_loop().create_server(lambda: Noting(outcome.asked), "127.0.0.1", 0)
    upstream = server.sockets[0].getsockname()[1]
    with mitmdump(ADDON, upstream, folder, folder / "traces", patience=0.0) as proxy:
        load, is_over = Load(proxy.port), asyncio.Event()
        streams = [asyncio.create_task(_stream(load, is_over, outcome)) for _ in range(STREAMS)]
        yield proxy
        is_over.set()
        await asyncio.gather(*streams)
    server.close()


async def _stream(load: Load, is_over: asyncio.Event, outcome: Outcome) -> None:
    with suppress(OSError):  # the proxy was killed
        _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", load.port)
        while not is_over.is_set():
            request = load.request(SCRIPT)
            number = load.sent
            await connection.exchange(request)
            outcome.answered.add(number)
        connection.transport.close()


async def _when_written(outcome: Outcome, folder: Path) -> Outcome:
    """Return what traces hold when nothing is missing any more, or after a long time."""
    until = time.monotonic() + PATIENCE
    while True:
        outcome.read(folder / "traces")
        if not outcome.faults or time.monotonic() > until:
            return outcome
        await asyncio.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capture.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="of proxies, and as many of writers")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    proxies = [[draw.uniform(0, LONGEST)] for _ in range(options.kills)]
    writers = [
        [draw.uniform(0, LONGEST) for _ in range(WRITERS_A_PROXY)] for _ in range(options.kills // WRITERS_A_PROXY)
    ]
    faults = _run("proxies", kill_proxy, proxies) + _run("writers", kill_writers, writers)
    sys.exit(1 if faults else 0)


def _run(
    victims: str, kill: Callable[[Path, Sequence[float]], Coroutine[None, None, Outcome]], runs: list[list[float]]
) -> int:
    """Make the runs, say what came of them, and return how many faults there were."""
    asked = answered = faults = 0
    for moments in runs:
        with tempfile.TemporaryDirectory() as folder:
            outcome = asyncio.run(kill(Path(folder), moments))
        asked, answered = asked + len(outcome.asked), answered + len(outcome.answered)
        for what, which in outcome.faults.items():
            faults += len(which)
            print(f"killed after {', '.join(f'{moment:.2f} s' for moment in moments)}: {what}: {which[:5]}", flush=True)
    kills = sum(map(len, runs))
    print(f"{kills} {victims} killed: {asked:,} requests, {answered:,} whole answers, {faults} faults", flush=True)
    return faults


if __name__ == "__main__":
    main()
