"""Traces to rows: a slice of files at a time, in this process or on a cluster.

The functions for a slice are what nodes run. So they take and return what can be sent: no iterator, no open file.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from analysis.dataset.manifest import UNKNOWN_DAY
from analysis.dataset.sources import Source, files_here, slices, sources_of
from analysis.exchange import reading
from analysis.exchange.report import Report, report
from analysis.frames import arrow, columns
from analysis.tokens.counters import counter
from ui.terminal import with_progress

if TYPE_CHECKING:
    from cluster import Cluster

Rows = list[dict[str, object]]
Result = TypeVar("Result")

VERSION: columns.Field[Any] = columns.Field(
    "file_version", "text", "", "differs as soon as the file does", lambda source: None
)
"""A column that only a data set has, in its table of exchanges: it tells what is already there."""

KEPT = {"exchanges": (*columns.EXCHANGES, VERSION), "parts": columns.PARTS}
"""The columns of a data set's files."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The rows of a slice, and why files were left out."""

    rows: Rows
    skipped: list[str]


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of a slice as Arrow tables: by the day, those of exchanges and of parts."""

    by_day: dict[str, tuple[Any, Any]]
    skipped: list[str]


def rows_of(
    name: str, tokenizer: str, by_part: bool, skipped: list[str], cluster: str | None = None
) -> Iterator[dict[str, object]]:
    """Yield a row for each exchange that a name or a URL means, or for each part of their requests.

    Why files were left out goes to `skipped`. Raises ToolkitError where nothing could be read.
    """
    counter(tokenizer)  # an unknown name is an error before the first file is read
    parts = list(slices(sources_of(name, skipped)))
    with nodes_at(cluster) as nodes:
        yield from reading.at_least_one(_flat(over(parts, rows, (tokenizer, by_part), nodes), skipped), skipped)


@contextmanager
def nodes_at(address: str | None) -> "Iterator[Cluster | None]":
    """Yield the cluster at an address; None where none is named. Raises ClusterError."""
    if address is None:
        yield None
        return
    from cluster import connected  # an extra

    with connected(address) as cluster:
        yield cluster


def _flat(found: Iterable[Counted], skipped: list[str]) -> Iterator[dict[str, object]]:
    for counted in found:
        skipped += counted.skipped
        yield from counted.rows


def over(
    slices: Sequence[Sequence[Source]],
    function: Callable[[Sequence[Source], Any], Result],
    asked: object,
    cluster: "Cluster | None",
) -> Iterator[Result]:
    """Yield what a function returns for each slice, in order."""
    done = cluster.map(function, slices, asked) if cluster else (function(some, asked) for some in slices)
    for _, result in zip(with_progress(slices, "Counting"), done, strict=True):
        yield result


def rows(sources: Sequence[Source], asked: tuple[str, bool]) -> Counted:
    """Return a row for each exchange in the files, or for each part of a request; `asked`: tokenizer, by part."""
    tokenizer, by_part = asked
    skipped: list[str] = []
    found: Rows = []
    for source, one in _reports(sources, tokenizer, skipped):
        found += ({**row, "file": source.file} for row in columns.rows(iter([one]), by_part))
    return Counted(found, skipped)


def tables(sources: Sequence[Source], tokenizer: str) -> Tables:
    """Return the rows of both tables, as a data set holds them: with absolute paths, by day."""
    skipped: list[str] = []
    by_day: dict[str, tuple[Rows, Rows]] = {}
    for source, one in _reports(sources, tokenizer, skipped):
        exchanges, parts = by_day.setdefault(day_of(one.trace.timestamp), ([], []))
        named = {"file": source.path, VERSION.name: source.version}
        exchanges.append({**columns.values(columns.EXCHANGES, one), **named})
        parts += ({**row, "file": source.path} for row in columns.rows(iter([one]), by_part=True))
    return Tables({day: as_tables(*found) for day, found in by_day.items()}, skipped)


def as_tables(exchanges: Rows, parts: Rows) -> tuple[Any, Any]:
    """Return rows as the Arrow tables of a data set."""
    return arrow.table(exchanges, KEPT["exchanges"]), arrow.table(parts, KEPT["parts"])


def day_of(timestamp: str) -> str:
    """Return the day of a time, in UTC."""
    moment = arrow.parse_timestamp(timestamp)
    return moment.astimezone(UTC).date().isoformat() if moment else UNKNOWN_DAY


def _reports(sources: Sequence[Source], tokenizer: str, skipped: list[str]) -> Iterator[tuple[Source, Report]]:
    """Yield each exchange in the files. Why one can't be read is told with the name that the user knows."""
    reasons: list[str] = []
    with files_here(sources, skipped) as here:
        for one in map(report, reading.count_exchanges(map(Path, here), tokenizer, reasons)):
            yield here[str(one.trace.source)], one
        skipped += (_with_names(reason, here) for reason in reasons)


def _with_names(reason: str, here: dict[str, Source]) -> str:
    found = next((path for path in here if path in reason), None)
    return reason.replace(found, here[found].file) if found else reason
