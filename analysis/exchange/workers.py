"""Compares many files in several processes, a slice of the files at a time.

Loading a vocabulary takes as long as reading a thousand traces; in several processes neither waits for the other. The
processes share what they counted through the cache's file.
"""

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from analysis.exchange import compare, reading
from analysis.tokens.counters import counter
from ui.tables import Row
from ui.terminal import with_progress

SLICE = 250
"""Files that one process takes at a time; this many or fewer aren't worth a second process."""

_DOING = "Counting"


def rows(files: Sequence[Path], tokenizer: str, skipped: list[str], at_once: int = SLICE) -> Iterator[Row]:
    """Yield the row of every exchange in the files, in order; add to `skipped` why a file was left out."""
    counter(tokenizer)  # an unknown name is an error before the first file is read
    slices = [files[start : start + at_once] for start in range(0, len(files), at_once)]
    processes = min(len(slices), os.cpu_count() or 1)
    if processes < 2:
        yield from _rows(with_progress(files, _DOING), tokenizer, skipped)
        return
    from concurrent.futures import ProcessPoolExecutor  # slow to import, and seldom needed

    # An interrupt reaches every process of a terminal: only the one that started the others answers it.
    pool = ProcessPoolExecutor(processes, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
    try:
        for result in with_progress([pool.submit(_slice, some, tokenizer) for some in slices], _DOING):
            found, reasons = result.result()
            skipped += reasons
            yield from found
    finally:
        pool.shutdown(cancel_futures=True)


def _slice(files: Sequence[Path], tokenizer: str) -> tuple[list[Row], list[str]]:
    skipped: list[str] = []
    return list(_rows(files, tokenizer, skipped)), skipped


def _rows(files: Iterable[Path], tokenizer: str, skipped: list[str]) -> Iterator[Row]:
    return compare.rows(reading.count_exchanges(files, tokenizer, skipped, events=False))
