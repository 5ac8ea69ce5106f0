"""Rows as Arrow tables, which Parquet files are written of. This needs pyarrow, of the extra `parquet`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from analysis.frames.columns import Field, Type
from traces.errors import ToolkitError

Row = Mapping[str, object]


class ExportError(ToolkitError):
    """The requested file can't be written."""


def pyarrow() -> Any:
    """Return the package pyarrow. Raises ExportError where it is missing."""
    try:
        package = import_module("pyarrow")
        import_module("pyarrow.parquet")
        import_module("pyarrow.dataset")
        import_module("pyarrow.fs")
    except ImportError as error:
        raise ExportError(
            "Parquet needs pyarrow: pip install 'anyclaude-toolkit[parquet]', or write a .csv."
        ) from error
    return package


def schema(fields: Sequence[Field[Any]]) -> Any:
    """Return the Arrow schema of columns."""
    arrow = pyarrow()
    types = {
        "text": arrow.string(),
        "time": arrow.timestamp("ms", "UTC"),
        "count": arrow.int64(),
        "number": arrow.float64(),
    }
    return arrow.schema([(field.name, types[field.type]) for field in fields])


def table(rows: Sequence[Row], fields: Sequence[Field[Any]]) -> Any:
    """Return rows as an Arrow table with these columns."""
    columns = {field.name: [_value(row[field.name], field.type) for row in rows] for field in fields}
    return pyarrow().table(columns, schema=schema(fields))


def parse_timestamp(timestamp: object) -> datetime | None:
    """Return the moment that an ISO 8601 text gives, taken as UTC where it has no zone; None for any other text."""
    try:
        read = datetime.fromisoformat(str(timestamp))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _value(value: object, kind: Type) -> object:
    return parse_timestamp(value) if kind == "time" else value
