"""Traces as pandas data frames, with the columns of `analysis.frames.columns`."""

import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.exchange import reading
from analysis.frames import columns
from analysis.frames.arrow import parse_timestamp
from analysis.tokens.counters import DEFAULT


def load(path: str | Path, tokenizer: str = DEFAULT) -> pd.DataFrame:
    """Return a data frame with one row an exchange; its columns are `columns.EXCHANGES`.

    `path` is a .json file, a .flow file, a folder of them, or any name that a command takes. A file in a folder that
    can't be read is left out with a warning. Raises ToolkitError where nothing can be read.
    """
    return _frame(path, tokenizer, by_part=False)


def parts(path: str | Path, tokenizer: str = DEFAULT) -> pd.DataFrame:
    """Return a data frame with one row a part of a request: each tool, system block and piece of a message.

    Its columns are `columns.PARTS`. `path` and errors are as with `load`.
    """
    return _frame(path, tokenizer, by_part=True)


def _frame(path: str | Path, tokenizer: str, by_part: bool) -> pd.DataFrame:
    skipped: list[str] = []
    reports = reading.read_reports(reading.files_of([str(path)]), tokenizer, skipped)
    rows = list(columns.rows(reports, by_part))
    for reason in skipped:
        warnings.warn(f"left out: {reason}", stacklevel=3)
    return pd.DataFrame(
        {field.name: _series([row[field.name] for row in rows], field.type) for field in columns.columns(by_part)}
    )


def _series(values: list[Any], kind: columns.Type) -> "pd.Series[Any]":
    return pd.Series(list(map(parse_timestamp, values)) if kind == "time" else values, dtype=columns.DTYPES[kind])
