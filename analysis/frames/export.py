"""Writes rows to a CSV or parquet file, a batch at a time, so that a folder of any size fits into memory.

The file appears only when it is complete. CSV needs no package, parquet pyarrow.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from analysis.frames.columns import Field, Type
from traces.errors import ToolkitError

Row = Mapping[str, object]
Write = Callable[[Path, Sequence[Field[Any]], Iterable[Row]], int]

BATCH_ROWS = 1_000


class ExportError(ToolkitError):
    """The requested file can't be written."""


def writer_for(path: Path) -> Write:
    """Return the function that writes files with this suffix. Raises ExportError before any work is done."""
    if path.suffix not in _WRITERS:
        raise ExportError(f"{path}: the name must end in {' or '.join(_WRITERS)}.")
    if path.suffix == ".parquet":
        _pyarrow()
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


def parse_timestamp(timestamp: object) -> datetime | None:
    """Return the moment that an ISO 8601 text gives, taken as UTC where it has no zone; None for any other text."""
    try:
        read = datetime.fromisoformat(str(timestamp))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


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
    arrow = _pyarrow()
    types = {
        "text": arrow.string(),
        "time": arrow.timestamp("ms", "UTC"),
        "count": arrow.int64(),
        "number": arrow.float64(),
    }
    schema = arrow.schema([(field.name, types[field.type]) for field in fields])
    written = 0
    remaining = iter(rows)
    with arrow.parquet.ParquetWriter(path, schema) as writer:
        while batch := list(islice(remaining, BATCH_ROWS)):
            columns = {field.name: [_arrow_value(row[field.name], field.type) for row in batch] for field in fields}
            writer.write_table(arrow.table(columns, schema=schema))
            written += len(batch)
    return written


def _arrow_value(value: object, kind: Type) -> object:
    return parse_timestamp(value) if kind == "time" else value


def _pyarrow() -> Any:
    try:
        pyarrow = import_module("pyarrow")
        import_module("pyarrow.parquet")
    except ImportError as error:
        raise ExportError(
            "Parquet needs pyarrow: pip install 'anyclaude-toolkit[parquet]', or write a .csv."
        ) from error
    return pyarrow


_WRITERS: Mapping[str, Write] = {".csv": _write_csv, ".parquet": _write_parquet}
