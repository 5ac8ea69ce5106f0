"""Rows into a file, CSV or parquet, a batch at a time: a folder of any size fits. Knows nothing of traces.

The file appears when it is whole. pandas isn't needed for it; parquet needs pyarrow.
"""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from analysis.frames.columns import Field, Type
from traces.errors import ToolkitError

Row = Mapping[str, object]
Write = Callable[[Path, Sequence[Field[Any]], Iterable[Row]], int]

BATCH = 1_000


class ExportError(ToolkitError):
    """The file that was asked for can't be written."""


def writer_for(path: Path) -> Write:
    """Who writes files with this ending; raises ExportError before any work is done."""
    if path.suffix not in _WRITERS:
        raise ExportError(f"{path}: the name must end in {' or '.join(_WRITERS)}.")
    if path.suffix == ".parquet":
        _pyarrow()
    return _WRITERS[path.suffix]


def export(path: Path, fields: Sequence[Field[Any]], rows: Iterable[Row]) -> int:
    """Writes the rows and says how many. Raises ExportError where that can't be done."""
    write = writer_for(path)
    part = path.with_name(f".{path.name}.new")
    try:
        written = write(part, fields, rows)
        part.replace(path)
    except OSError as error:
        raise ExportError(f"{path}: can't be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return written


def moment(timestamp: object) -> datetime | None:
    """The moment that ISO 8601 text tells; None where it tells none."""
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
        while batch := list(islice(remaining, BATCH)):
            columns = {field.name: [_arrow_value(row[field.name], field.type) for row in batch] for field in fields}
            writer.write_table(arrow.table(columns, schema=schema))
            written += len(batch)
    return written


def _arrow_value(value: object, kind: Type) -> object:
    return moment(value) if kind == "time" else value


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
