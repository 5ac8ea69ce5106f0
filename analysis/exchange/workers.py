"""Compares many files in several processes, a slice of the files at a time.

Loading a vocabulary takes as long as reading a thousand traces; in several processes neither waits for the other. The
processes share what they counted through the cache's file.
"""

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path

import analysis
import traces
from analysis.exchange import compare, reading
from analysis.tokens.counters import counter
from traces.storage.counted import CountedFiles
from traces.storage.index.sections import Counted
from ui.tables import Row
from ui.terminal import with_progress

SLICE = 250
"""Files that one process takes at a time; this many or fewer aren't worth a second process."""

_DOING = "Counting"


def rows(files: Sequence[Path], tokenizer: str, skipped: list[str], at_once: int = SLICE) -> Iterator[Row]:
    """Yield the row of every exchange in the files, in order; add to `skipped` why a file was left out."""
    counter(tokenizer)  # an unknown name is an error before the first file is read
    with CountedFiles(files, lambda model: key_of(tokenizer, model)) as known:
        unknown = [file for file in files if known.of(file) is None]
        new = _Queue(_kept(known, _count(unknown, tokenizer, skipped, at_once)), set(map(str, unknown)))
        for file in files:
            found = known.of(file)
            yield from map(compare.row, new.of(file) if found is None else found)


def key_of(tokenizer: str, model: str | None) -> bytes:
    """Return what tells the counts of this tokenizer, by this code, of a model's exchanges from others."""
    return blake2b(counter(tokenizer, model).name.encode(), digest_size=16, key=_code()).digest()


@cache
def _code() -> bytes:
    """Return a digest of all code that reads traces and counts: nobody has to remember what a change does to counts."""
    digest = blake2b(digest_size=16)
    for package in (traces, analysis):
        for file in sorted(Path(package.__path__[0]).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.digest()


class _Queue:
    """Exchanges in the order of these files, of which some may hold none."""

    def __init__(self, counted: Iterable[Counted], files: set[str]) -> None:
        self._counted = iter(counted)
        self._files = files
        self._next = next(self._counted, None)

    def of(self, file: Path) -> Iterator[Counted]:
        """Yield the exchanges that come next and are of this file, or none of another one of these."""
        own = str(file)
        while self._next is not None and (self._next.file == own or self._next.file not in self._files):
            yield self._next
            self._next = next(self._counted, None)


def _kept(known: CountedFiles, slices: Iterable[list[Counted]]) -> Iterator[Counted]:
    """Yield what was counted, a file at a time whole, and keep it for the next time."""
    for some in slices:
        known.keep(some)
        yield from some


def _count(files: Sequence[Path], tokenizer: str, skipped: list[str], at_once: int) -> Iterator[list[Counted]]:
    """Yield what was counted in the files, those of a slice together."""
    slices = [files[start : start + at_once] for start in range(0, len(files), at_once)]
    processes = min(len(slices), os.cpu_count() or 1)
    if processes < 2:
        if files:
            yield list(_counted(with_progress(files, _DOING), tokenizer, skipped))
        return
    from concurrent.futures import ProcessPoolExecutor  # slow to import, and seldom needed

    # An interrupt reaches every process of a terminal: only the one that started the others answers it.
    pool = ProcessPoolExecutor(processes, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
    try:
        for result in with_progress([pool.submit(_slice, some, tokenizer) for some in slices], _DOING):
            found, reasons = result.result()
            skipped += reasons
            yield found
    finally:
        pool.shutdown(cancel_futures=True)


def _slice(files: Sequence[Path], tokenizer: str) -> tuple[list[Counted], list[str]]:
    skipped: list[str] = []
    return list(_counted(files, tokenizer, skipped)), skipped


def _counted(files: Iterable[Path], tokenizer: str, skipped: list[str]) -> Iterator[Counted]:
    for exchange in reading.count_exchanges(files, tokenizer, skipped, events=False):
        yield compare.counted(exchange, key_of(tokenizer, exchange.trace.model))
