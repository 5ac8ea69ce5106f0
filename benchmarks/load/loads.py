"""The loads that all clients make, in turns, and what came of each."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.load import compare
from benchmarks.load.clients import CLIENTS
from benchmarks.replay import measure
from benchmarks.replay.client import Load
from benchmarks.replay.measure import Failed
from benchmarks.replay.table import spread
from replay.calibrate import server
from replay.calibrate.server import Answered, Plan

MANY = 64
LIMIT = 10.0
"""Milliseconds: the p99 of the TTFT's error from which on a client gets no more streams."""

USUAL = Plan(delay=300, chunks=20, gap=20)


@dataclass(frozen=True, slots=True)
class Loads:
    """What is sent.

    at_once          loads of more and more streams
    brief, lasting   loads that differ in their answers' length alone, which tells what a chunk costs
    rates            open loops
    """

    at_once: tuple[Load, ...]
    brief: Load
    lasting: Load
    rates: tuple[Load, ...]


def _at_once(streams: int, requests: int) -> Load:
    return Load(USUAL.model, streams, requests, USUAL.chunks)


def _crowd(chunks: int) -> Load:
    return Load(Plan(300, chunks, 20).model, MANY, MANY, chunks, texts=False)


def _rate(per_second: int, seconds: int) -> Load:
    return Load(USUAL.model, 1, per_second * seconds, USUAL.chunks, rate=per_second)


FULL = Loads(
    at_once=tuple(_at_once(streams, max(96, 3 * streams)) for streams in (8, 16, 32, 64, 128, 256)),
    brief=_crowd(50),
    lasting=_crowd(500),
    rates=(_rate(25, 8), _rate(100, 8), _rate(200, 8)),
)
QUICK = Loads(
    at_once=(_at_once(16, 32), _at_once(64, 64)), brief=_crowd(50), lasting=_crowd(150), rates=(_rate(25, 4),)
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A client under a load: milliseconds, seconds of processor time, and shares of a core.

    cpu, processes         the client's: processor time of all its processes, and the most that it had at once
    errors                 how far each TTFT is off; empty where the load keeps no texts
    told                   how late each request went out, as the client says; empty where it doesn't
    late                   the same by the server's clock, in an open loop
    delivered              the percentage of an open loop's requests that came in time
    server_late            how late the server itself sent each first chunk
    server_cores           how much of a core the server used while it had requests
    """

    load: Load
    cpu: float
    processes: int
    errors: tuple[float, ...]
    told: tuple[float, ...]
    late: tuple[float, ...]
    delivered: float
    server_late: tuple[float, ...]
    server_cores: float


Found = dict[str, dict[Load, Measured]]
"""By client, what it did with each load that it completed."""


def run(folders: Mapping[str, Path], loads: Loads) -> tuple[Found, list[str]]:
    """Return what was measured, and the reasons for what wasn't."""
    found: Found = {name: {} for name in folders}
    failed: list[str] = []

    def all_make(load: Load, names: list[str]) -> Iterator[str]:
        """Let clients make a load in turns, and yield those that completed it."""
        with server.start(load.model) as address:
            for name in names:
                print(f"{title(load)}: {name} …", file=sys.stderr)
                try:
                    found[name][load] = _make(name, folders[name] / "bin", address, load)
                    yield name
                except Failed as error:
                    failed.append(f"{name}, {title(load)}: {error}")

    exact = list(folders)
    for load in loads.at_once:
        exact = [name for name in all_make(load, exact) if spread(found[name][load].errors)[1] <= LIMIT]
    for load in (loads.brief, loads.lasting, *loads.rates):
        list(all_make(load, list(folders)))
    return found, failed


def title(load: Load) -> str:
    if load.rate:
        return f"{load.rate:g} requests/s"
    return f"{load.streams} streams" if load.texts else f"{load.streams} streams of {load.tokens} chunks"


def _make(name: str, bin: Path, address: str, load: Load) -> Measured:
    """Let a client make a load. Raises Failed."""
    used, before = _ask(address)
    done = measure.run(CLIENTS[name], bin, address, load)
    cpu, after = _ask(address)
    answered = compare.of_load(after[len(before) :])
    if not answered:
        raise Failed("the server had no request of it")
    received = [each.received for each in answered]
    busy = (max(each.last for each in answered) - min(received)) / 1e9
    return Measured(
        load=load,
        cpu=done.cpu,
        processes=done.processes,
        errors=compare.ttft_errors(done.answers, answered, load.requests) if load.texts and not load.rate else (),
        told=tuple(answer.lag * 1000 for answer in done.answers if answer.lag is not None) if load.rate else (),
        late=compare.lateness(received, load.rate) if load.rate else (),
        delivered=compare.delivered(received, load.requests, load.rate) if load.rate else 0.0,
        server_late=compare.server_lateness(answered),
        server_cores=(cpu - used) / busy if busy > 0 else 0.0,
    )


def _ask(address: str) -> tuple[float, list[Answered]]:
    """Return the processor time that the server has used, and all answers so far."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", server.LOG)
    told = json.loads(connection.getresponse().read())
    connection.close()
    return told["cpu"], [Answered(**fields) for fields in told["answers"]]
