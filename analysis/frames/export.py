"""Writes rows to a CSV or parquet file, a batch at a time, so that a folder of any size fits into memory.

The file appears only when it is complete. CSV needs no package, parquet pyarrow.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from analysis.frames import arrow
from analysis.frames.arrow import ExportError as ExportError
from analysis.frames.arrow import Row, pyarrow
from analysis.frames.columns import Field

Write = Callable[[Path, Sequence[Field[Any]], Iterable[Row]], int]

BATCH_ROWS = 1_000


def writer_for(path: Path) -> Write:
    """Return the function that writes files with this suffix. Raises ExportError before any work is done."""
    if path.suffix not in _WRITERS:
        raise ExportError(f"{path}: the name must end in {' or '.join(_WRITERS)}.")
    if path.suffix == ".parquet":
        pyarrow()
    return _WRITERS[path.suffix]


def export(path: Path, fields: Sequence[Field[Any]], rows: Iterable[Row]) -> int:
    """Write the rows and return how many there were. Raises ExportError where the file can't be written."""
    write = writer_for(path)
    with new_file(path) as part:
        return write(part, fields, rows)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield an empty file for the block to write, which then takes the place of an older one at the path.

    It is for its owner alone, as traces are. Raises ExportError where it can't be written; the older one stays then.
    """
    part = path.with_name(f".{path.name}.new")
    try:
        part.unlink(missing_ok=True)  # of a process that was killed
        part.touch(mode=0o600, exist_ok=False)
        yield part
        part.replace(path)
    except OSError as error:
        raise ExportError(f"{path}: can't be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _write_csv(path: Path, fields: Sequence[Field[Any]], rows: Iterable[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields], lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _write_parquet(path: Path, fields: Sequence[Field[Any]], rows: Iterable[Row]) -> int:
    written = 0
    remaining = iter(rows)
    with pyarrow().parquet.ParquetWriter(path, arrow.schema(fields)) as writer:
        while batch := list(islice(remaining, BATCH_ROWS)):
            writer.write_table(arrow.table(batch, fields))
            written += len(batch)
    return written


_WRITERS: Mapping[str, Write] = {".csv": _write_csv, ".parquet": _write_parquet}
