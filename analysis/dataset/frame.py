"""Traces and data sets as pandas data frames, with the columns of `analysis.frames.columns`."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.dataset import count, manifest
from analysis.frames import columns as tables
from analysis.frames.arrow import parse_timestamp
from analysis.tokens.counters import DEFAULT
from traces.errors import ToolkitError

Filters = Any
"""A `pyarrow.dataset` expression, or what pandas.read_parquet takes: [("model", "==", "x"), ("ttft", ">", 5)]."""


def load(
    path: str | Path,
    tokenizer: str = DEFAULT,
    *,
    filters: Filters = None,
    columns: Sequence[str] | None = None,
    cluster: str | None = None,
) -> pd.DataFrame:
    """Return a data frame with one row an exchange; its columns are `columns.EXCHANGES`.

    `path` is a .json file, a .flow file, a folder of them, any name that a command takes, a folder's URL (s3://, gs://,
    memory://), or a data set that `trace-analyzer export --partition day` wrote. A file in a folder that can't be read
    is left out with a warning. Of a data set only the rows that `filters` lets through, and the `columns`, are read;
    it is counted already, whatever `tokenizer` says. Filters may also be on `day`, a date. `cluster` is the address of
    a Dask cluster, or local:N for N processes, which read and count in place of this one.

    Raises ToolkitError where nothing can be read.
    """
    return _frame(path, tokenizer, False, filters, columns, cluster)


def parts(
    path: str | Path,
    tokenizer: str = DEFAULT,
    *,
    filters: Filters = None,
    columns: Sequence[str] | None = None,
    cluster: str | None = None,
) -> pd.DataFrame:
    """Return a data frame with one row a part of a request: each tool, system block and piece of a message.

    Its columns are `columns.PARTS`. All else is as with `load`.
    """
    return _frame(path, tokenizer, True, filters, columns, cluster)


def _frame(
    path: str | Path,
    tokenizer: str,
    by_part: bool,
    filters: Filters,
    columns: Sequence[str] | None,
    cluster: str | None,
) -> pd.DataFrame:
    wanted = [field.name for field in tables.columns(by_part) if columns is None or field.name in columns]
    if unknown := sorted(set(columns or ()) - set(wanted)):
        raise ToolkitError(f"{unknown[0]}: is no column. To see them: trace-analyzer columns")
    if manifest.is_dataset(path):
        from analysis.dataset import read

        return read.frame(path, by_part, filters, wanted)
    rows = _rows(str(path), tokenizer, by_part, cluster)
    if filters is not None:
        from analysis.dataset import filtering

        return filtering.frame(filtering.apply(rows, by_part, filters, wanted))
    return pd.DataFrame(
        {
            field.name: _series([row[field.name] for row in rows], field.type)
            for field in tables.columns(by_part)
            if field.name in wanted
        }
    )


def _rows(name: str, tokenizer: str, by_part: bool, cluster: str | None) -> list[dict[str, object]]:
    skipped: list[str] = []
    rows = list(count.rows_of(name, tokenizer, by_part, skipped, cluster))
    for reason in skipped:
        warnings.warn(f"left out: {reason}", stacklevel=4)
    return rows


def _series(values: list[Any], kind: tables.Type) -> "pd.Series[Any]":
    return pd.Series(list(map(parse_timestamp, values)) if kind == "time" else values, dtype=tables.DTYPES[kind])
