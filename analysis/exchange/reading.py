"""Reads exchanges from named files and counts their tokens, holding only a few in memory at a time."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from analysis.exchange.breakdown import CountedExchange, breakdowns
from analysis.exchange.report import Report, report
from analysis.tokens.cache import CountCache
from analysis.tokens.counters import counter
from traces.errors import LeftOut, ToolkitError, TraceFormatError
from traces.model import Trace
from traces.storage import store
from traces.storage.resolve import NoTrace, no_traces_in, resolve

Found = TypeVar("Found")


def read_exchanges(files: Iterable[Path], skipped: list[str], events: bool = True) -> Iterator[Trace]:
    """Yield every exchange in the files; add to `skipped` why a file couldn't be read, or not to its end."""
    for file in files:
        try:
            yield from store.read(file, events)
        except TraceFormatError as error:
            skipped.append(str(error))


def count_exchanges(
    files: Iterable[Path], tokenizer: str, skipped: list[str], events: bool = True
) -> Iterator[CountedExchange]:
    """Yield every exchange with its tokens. No text is counted twice, in this run or a later one."""
    with CountCache() as cache:
        traces = read_exchanges(files, skipped, events)
        yield from breakdowns((trace, cache.wrap(counter(tokenizer, trace.model))) for trace in traces)


def read_reports(files: Iterable[Path], tokenizer: str, skipped: list[str]) -> Iterator[Report]:
    """Yield every exchange's report. Raises ToolkitError where nothing could be read."""
    counter(tokenizer)  # an unknown name is an error before the first file is read
    return at_least_one(map(report, count_exchanges(files, tokenizer, skipped)), skipped)


def at_least_one(found: Iterable[Found], skipped: Sequence[str]) -> Iterator[Found]:
    """Yield what was found; raise ToolkitError where that is nothing."""
    one = None
    for one in found:
        yield one
    if one is None:
        first = f"; the first: {skipped[0]}" if skipped else ""
        raise ToolkitError(f"None of these files could be read as a trace{first}")


def read_report(
    file: Path, number: int | None, tokenizer: str, window: int | None, skipped: list[str] | None = None
) -> Report:
    """Return the report of a file's n-th exchange, or of its last. Raises TraceFormatError where there is none.

    Where some records in a file weren't understood, that is added to `skipped`; without it, it is an error, too.
    """
    with CountCache() as cache:
        numbered = enumerate(_exchanges(file, skipped), 1)
        wanted = islice(numbered, number - 1, number) if number else numbered
        found = deque(wanted, maxlen=1)  # the last of these, one at a time
        if not found:
            missing = f"exchange {number}" if number else "exchange with a model"
            raise TraceFormatError(f"{file}: There is no {missing} in it.")
        [(place, trace)] = found
        [one] = breakdowns([(trace, cache.wrap(counter(tokenizer, trace.model)))])
        return report(one, window, place)


def _exchanges(file: Path, skipped: list[str] | None) -> Iterator[Trace]:
    try:
        yield from store.read(file)
    except LeftOut as error:
        if skipped is None:
            raise
        skipped.append(str(error))


def file_of(name: str) -> Path:
    """Return the file that a name means. Raises NoTrace where it means none, or more than one."""
    kind, _, path, _ = resolve(name)
    if kind == "folder":
        raise NoTrace(f"{name}: is a folder. Name one trace in it, or use: trace-analyzer compare {name}")
    if kind != "session":
        return path
    files = _session_files(name)
    if len(files) > 1:
        several = f"is a session of {len(files)} traces"
        raise NoTrace(f"{name}: {several}. Name one of them, or use: trace-analyzer session {name}")
    return files[0]


def files_of(names: Sequence[str]) -> list[Path]:
    """Return the files that the names mean, those of a folder and of a session oldest first.

    Raises NoTrace where there are none.
    """
    files: list[Path] = []
    for name in names:
        kind, _, path, _ = resolve(name)
        files += _session_files(name) if kind == "session" else store.files(path)
    if not files:
        raise no_traces_in(", ".join(names))
    return files


def _session_files(name: str) -> list[Path]:
    from traces.sessions import lookup  # slow to import, and few names are sessions

    return lookup.files_of(name, [])
