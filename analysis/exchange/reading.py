"""Names and files in, one exchange after another out, each with its tokens. Never holds more than a few."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from analysis.exchange.breakdown import Counted, breakdowns
from analysis.exchange.report import Report, report
from analysis.tokens.cache import CountCache
from analysis.tokens.counters import counter
from traces.errors import ToolkitError, TraceFormatError
from traces.model import Trace
from traces.storage import locate, store
from traces.storage.locate import NoTrace

Found = TypeVar("Found")


def exchanges(files: Iterable[Path], skipped: list[str], events: bool = True) -> Iterator[Trace]:
    """Every exchange in the files. Why a file couldn't be read, or not to its end, goes to `skipped`."""
    for file in files:
        try:
            yield from store.read(file, events)
        except TraceFormatError as error:
            skipped.append(str(error))


def counted(files: Iterable[Path], tokenizer: str, skipped: list[str], events: bool = True) -> Iterator[Counted]:
    """Every exchange with its tokens. No text is counted twice, in this run or a later one."""
    with CountCache() as cache:
        traces = exchanges(files, skipped, events)
        yield from breakdowns((trace, cache.around(counter(tokenizer, trace.model))) for trace in traces)


def reports(files: Iterable[Path], tokenizer: str, skipped: list[str]) -> Iterator[Report]:
    """Every exchange's report. Raises ToolkitError where nothing could be read."""
    counter(tokenizer)  # an unknown name is told before the first file is read
    return at_least_one(map(report, counted(files, tokenizer, skipped)), skipped)


def at_least_one(found: Iterable[Found], skipped: Sequence[str]) -> Iterator[Found]:
    """What was found in files; raises ToolkitError where that is nothing."""
    one = None
    for one in found:
        yield one
    if one is None:
        first = f"; the first: {skipped[0]}" if skipped else ""
        raise ToolkitError(f"None of these files could be read as a trace{first}")


def one_report(file: Path, number: int | None, tokenizer: str, window: int | None) -> Report:
    """The report of a file's n-th exchange, or of its last."""
    with CountCache() as cache:
        numbered = enumerate(store.read(file), 1)
        wanted = islice(numbered, number - 1, number) if number else numbered
        found = deque(wanted, maxlen=1)  # the last of these, one at a time
        if not found:
            missing = f"exchange {number}" if number else "exchange with a model"
            raise TraceFormatError(f"{file}: There is no {missing} in it.")
        [(place, trace)] = found
        [one] = breakdowns([(trace, cache.around(counter(tokenizer, trace.model)))])
        return report(one, window, place)


def one(name: str) -> Path:
    """The file that a name stands for: `latest`, `last:2` (the one before it), a path, or a trace's name in `list`."""
    number = locate.place_from_end(name)
    if number is not None:
        return locate.newest(number)
    path = locate.named(name)
    if path.is_dir():
        raise NoTrace(f"{name}: is a folder. Name one trace in it, or use: trace-analyzer compare {name}")
    return path


def several(names: Sequence[str]) -> list[Path]:
    """The files that the names stand for, those of a folder oldest first. Raises where a name stands for none."""
    files: list[Path] = []
    for name in names:
        path = Path(name).expanduser()
        files += store.files(path) if path.is_dir() else [one(name)]
    if not files:
        raise locate.none_in(", ".join(names))
    return files
