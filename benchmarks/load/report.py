"""What was measured -> two tables of Markdown: the clients, and what the server itself did meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.load.clients import CLIENTS
from benchmarks.load.loads import LIMIT, MANY, Found, Measured, title
from benchmarks.replay import environments
from benchmarks.replay.client import Load
from benchmarks.replay.table import Cell, Row, markdown, spread


def report(found: Found, folders: Mapping[str, Path]) -> str:
    loads = list(dict.fromkeys(load for under in found.values() for load in under))
    at_once = [load for load in loads if load.texts and not load.rate]
    crowds = sorted((load for load in loads if not load.texts), key=lambda load: load.tokens)
    rates = [load for load in loads if load.rate]
    clients = [
        Row("installed, MB", 0, {name: _size(name, folder) for name, folder in folders.items()}),
        *(_row(found, load, "TTFT error, ms", 2, lambda measured: spread(measured.errors)) for load in at_once),
        Row(f"most streams with a p99 within {LIMIT:g} ms", 0, {name: _most(under) for name, under in found.items()}),
        Row(f"CPU a chunk, {MANY} streams, µs", 1, {name: _per_chunk(under, crowds) for name, under in found.items()}),
    ]
    for load in crowds[-1:]:
        clients += [
            _row(found, load, "CPU in all, s", 2, lambda measured: [measured.cpu]),
            _row(found, load, "processes", 0, lambda measured: [measured.processes]),
        ]
    for load in rates:
        clients += [
            _row(found, load, "lateness by the server's clock, ms", 2, lambda measured: spread(measured.late)),
            _row(found, load, "lateness as the client tells it, ms", 2, lambda measured: spread(measured.told)),
            _row(found, load, "arrived in time, %", 1, lambda measured: [measured.delivered]),
            _row(found, load, "CPU in all, s", 2, lambda measured: [measured.cpu]),
            _row(found, load, "processes", 0, lambda measured: [measured.processes]),
        ]
    own = [
        row
        for load in loads
        for row in (
            _row(found, load, "first chunk late, ms", 2, lambda measured: spread(measured.server_late)),
            _row(found, load, "cores used", 2, lambda measured: [measured.server_cores]),
        )
    ]
    names = list(folders)
    return f"{markdown(clients, names)}\n\nThe server itself, in the same runs:\n\n{markdown(own, names)}"


def _row(found: Found, load: Load, what: str, digits: int, cell: Callable[[Measured], Cell]) -> Row:
    cells = {name: cell(under[load]) for name, under in found.items() if load in under}
    return Row(f"{title(load)}: {what}", digits, cells)


def _size(name: str, folder: Path) -> Cell:
    return [environments.size(folder)] if CLIENTS[name].requirement else []


def _most(under: Mapping[Load, Measured]) -> Cell:
    """Return the most streams that were still exact; 0 where none were, nothing where that wasn't measured."""
    measured = [each for each in under.values() if each.errors]
    exact = [each.load.streams for each in measured if spread(each.errors)[1] <= LIMIT]
    return [max(exact, default=0)] if measured else []


def _per_chunk(under: Mapping[Load, Measured], crowds: Sequence[Load]) -> Cell:
    """Return the microseconds for each further chunk: start and end are in both loads, and cancel out."""
    if len(crowds) != 2 or any(load not in under for load in crowds):
        return []
    brief, lasting = (under[load] for load in crowds)
    return [(lasting.cpu - brief.cpu) / ((lasting.load.tokens - brief.load.tokens) * MANY) * 1e6]
