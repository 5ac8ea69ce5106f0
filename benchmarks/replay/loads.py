"""The loads that all clients run, in turns, and the table of their errors."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.replay import environments, measure
from benchmarks.replay.client import Load
from benchmarks.replay.clients import CLIENTS
from benchmarks.replay.measure import Errors, Failed
from benchmarks.replay.table import Cell, Row, spread, table
from replay.calibrate import server
from replay.calibrate.server import Plan

MANY = 64


def _load(plan: Plan, streams: int, requests: int, texts: bool = True) -> Load:
    return Load(plan.model, streams, requests, plan.chunks, texts)


LOADS = {
    "long": _load(Plan(1000, 900, 10), 1, 1, texts=False),
    "alone": _load(Plan(300, 20, 20), 1, 16),
    "crowd": _load(Plan(300, 50, 20), MANY, 3 * MANY),
    "brief crowd": _load(Plan(300, 50, 20), MANY, MANY, texts=False),
    "lasting crowd": _load(Plan(300, 500, 20), MANY, MANY, texts=False),
}

QUICK = {
    "alone": replace(LOADS["alone"], requests=4),
    "crowd": replace(LOADS["crowd"], requests=MANY),
    "lasting crowd": _load(Plan(300, 150, 20), MANY, MANY, texts=False),
}
"""Used instead of them to see whether something is broken."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A client under a load: its processor time, and its errors if the load needs texts."""

    load: Load
    cpu: float
    errors: Errors | None


Under = Mapping[str, Measured]
"""One client under each load that it completed."""


def run(folders: Mapping[str, Path], quick: bool) -> tuple[str, list[str]]:
    """Return the table, and the reasons for what is missing in it."""
    found: dict[str, dict[str, Measured]] = {name: {} for name in folders}
    failed = []
    for title, load in (LOADS | QUICK if quick else LOADS).items():
        # The server lists the model: a replay would otherwise first load it, with a request of its own.
        with server.start(load.model) as address:
            for name, folder in folders.items():
                print(f"{title}: {name} …", file=sys.stderr)
                try:
                    measured = measure.run(CLIENTS[name], folder / "bin", address, load)
                    found[name][title] = Measured(
                        load, measured.cpu, measure.errors(measured, load.requests) if load.texts else None
                    )
                except Failed as error:
                    failed.append(f"{name}, {title}: {error}")
    sizes = {name: [environments.size(folder)] for name, folder in folders.items() if CLIENTS[name].requirement}
    return table([Row("installed, MB", 0, sizes), *_rows(found)], list(folders)), failed


def _rows(found: Mapping[str, Under]) -> Sequence[Row]:
    return [
        Row(title, digits, {name: cell(under) for name, under in found.items()})
        for title, (digits, cell) in _ROWS.items()
    ]


def _of(load: str, cell: Callable[[Errors], Cell]) -> Callable[[Under], Cell]:
    def figures(under: Under) -> Cell:
        errors = under[load].errors if load in under else None
        return cell(errors) if errors else []

    return figures


def _cpu(under: Under) -> Cell:
    return [under["long"].cpu] if "long" in under else []


def _cpu_per_chunk(under: Under) -> Cell:
    """Return the microseconds for each further chunk: start and end are in both loads, and cancel out."""
    if not {"brief crowd", "lasting crowd"} <= set(under):
        return []
    brief, lasting = under["brief crowd"], under["lasting crowd"]
    return [(lasting.cpu - brief.cpu) / ((lasting.load.tokens - brief.load.tokens) * MANY) * 1e6]


_ROWS: Mapping[str, tuple[int, Callable[[Under], Cell]]] = {
    "start to first request, s": (2, _of("alone", lambda errors: [errors.start])),
    "1 stream: TTFT error, ms": (2, _of("alone", lambda errors: spread(errors.ttft))),
    "1 stream: inter-token error, ms": (3, _of("alone", lambda errors: spread(errors.gap))),
    "1 stream: error of each gap, ms": (3, _of("alone", lambda errors: spread(errors.gaps))),
    f"{MANY} streams: TTFT error, ms": (2, _of("crowd", lambda errors: spread(errors.ttft))),
    f"{MANY} streams: inter-token error, ms": (3, _of("crowd", lambda errors: spread(errors.gap))),
    f"{MANY} streams: error of each gap, ms": (3, _of("crowd", lambda errors: spread(errors.gaps))),
    "CPU for 900 tokens in 10 s, s": (2, _cpu),
    f"CPU a chunk, {MANY} streams, µs": (0, _cpu_per_chunk),
}
