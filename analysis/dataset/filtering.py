"""Filters on rows, of a data set or of traces: a `pyarrow.dataset` expression, or what pandas.read_parquet takes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analysis.frames import arrow, columns
from traces.errors import ToolkitError

if TYPE_CHECKING:
    import pandas as pd

DAY = "day"
"""The day of the timestamp, in UTC. A data set is partitioned by it; in a data frame there is none."""

ORDER = ("timestamp", "file")
"""The columns that rows are ordered by. The parts of a request stay in their order."""


def select(dataset: Any, filters: Any, wanted: Sequence[str]) -> Any:
    """Return the rows of a `pyarrow.dataset.Dataset` that pass, in order, as an Arrow table. Raises ToolkitError."""
    read = dict.fromkeys([*wanted, *ORDER])
    try:
        found = dataset.to_table(columns=list(read), filter=_expression(filters))
    except (arrow.pyarrow().ArrowInvalid, arrow.pyarrow().ArrowNotImplementedError, KeyError, TypeError) as error:
        raise ToolkitError(f"These filters can't be used: {' '.join(str(error).split())[:200]}") from error
    return found.sort_by([(name, "ascending") for name in ORDER]).select(list(wanted))


def apply(rows: Sequence[arrow.Row], by_part: bool, filters: Any, wanted: Sequence[str]) -> Any:
    """Return the rows that pass, in order, as an Arrow table. Raises ToolkitError."""
    pyarrow = arrow.pyarrow()
    table = arrow.table(rows, columns.columns(by_part))
    table = table.append_column(DAY, table["timestamp"].cast(pyarrow.date32()))
    return select(pyarrow.dataset.dataset(table), filters, wanted)


def frame(table: Any) -> "pd.DataFrame":
    """Return an Arrow table as a data frame with the types of `columns.DTYPES`."""
    import pandas as pd

    pyarrow = arrow.pyarrow()
    types = {pyarrow.string(): pd.StringDtype(), pyarrow.int64(): pd.Int64Dtype()}
    found: pd.DataFrame = table.to_pandas(types_mapper=types.get)
    return found


def _expression(filters: Any) -> Any:
    pyarrow = arrow.pyarrow()
    if filters is None or isinstance(filters, pyarrow.dataset.Expression):
        return filters
    try:
        return pyarrow.parquet.filters_to_expression(filters)
    except (ValueError, TypeError, AttributeError) as error:
        raise ToolkitError(
            f'{filters!r}: is no filter. One looks like this: [("model", "==", "claude-sonnet"), ("ttft", ">", 5)]'
        ) from error
