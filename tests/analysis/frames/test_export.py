"""Traces as a file for a notebook or a spreadsheet."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from analysis.frames import columns
from analysis.frames.arrow import parse_timestamp
from analysis.frames.export import ExportError, export
from tests.support.analyzer import Analyzer
from tests.support.needs import need
from traces.errors import TraceFormatError

ROW: dict[str, object] = {field.name: None for field in columns.EXCHANGES}


def exported(analyzer: Analyzer, name: str, *options: str) -> Path:
    path = analyzer.home / name
    result = analyzer("export", analyzer.root, "-o", path, *options)
    assert (result.exit_code, result.stderr) == (0, "")
    return path


def test_csv_has_a_row_for_each_exchange(traced: Analyzer) -> None:
    with exported(traced, "traces.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [field.name for field in columns.EXCHANGES]
    assert [row["request_type"] for row in rows] == ["TOOL_CALL", "TEXT_GENERATION", "UNKNOWN"]
    assert (rows[0]["reported_input"], rows[0]["ttft"], rows[2]["ttft"]) == ("510", "0.5", "")
    assert (traced.home / "traces.csv").stat().st_mode & 0o077 == 0


def test_the_parts_of_a_request_add_up_to_it(traced: Analyzer) -> None:
    with exported(traced, "parts.csv", "--parts").open(newline="") as file:
        parts = [row for row in csv.DictReader(file) if "14-23-45" in row["file"]]
    whole = json.loads(traced("analyze", "last:3", "--format", "json").stdout)["tokens"]
    assert sum(int(part["tokens"]) for part in parts) == whole["total"]
    assert sum(float(part["percent"]) for part in parts) == pytest.approx(100, abs=0.1)
    assert {part["server"] for part in parts} == {"", "github"}


def test_parquet_has_the_documented_types(traced: Analyzer) -> None:
    need(find_spec("pyarrow"), "pyarrow is missing: pip install 'anyclaude-toolkit[parquet]'")
    parquet: Any = import_module("pyarrow.parquet")
    table = parquet.read_table(exported(traced, "traces.parquet"))
    assert table.num_rows == 3
    assert {name: str(table.schema.field(name).type) for name in ("file", "timestamp", "total_tokens", "ttft")} == {
        "file": "string",
        "timestamp": "timestamp[ms, tz=UTC]",
        "total_tokens": "int64",
        "ttft": "double",
    }
    assert table["timestamp"][0].as_py() == datetime(2025, 10, 26, 14, 23, 45, 123000, UTC)


def test_without_pyarrow_parquet_says_what_to_do(traced: Analyzer) -> None:
    hidden = "import sys; sys.modules['pyarrow'] = None; from analysis.cli import main; main()"
    arguments = ["export", str(traced.root), "-o", str(traced.home / "traces.parquet")]
    surroundings = {**os.environ, **traced.environment}
    result = subprocess.run(
        [sys.executable, "-c", hidden, *arguments], env=surroundings, capture_output=True, text=True
    )
    assert result.returncode == 1
    assert result.stderr == (
        "Error: Parquet needs pyarrow: pip install 'anyclaude-toolkit[parquet]', or write a .csv.\n"
    )


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "traces.csv"
    path.write_text("what was there before")

    def broken() -> Iterator[dict[str, object]]:
        yield ROW
        raise TraceFormatError("the second trace is broken")

    with pytest.raises(TraceFormatError):
        export(path, columns.EXCHANGES, broken())
    assert path.read_text() == "what was there before"
    assert list(tmp_path.iterdir()) == [path]


def test_rows_are_written_as_they_come(tmp_path: Path) -> None:
    written = export(tmp_path / "many.csv", columns.EXCHANGES, (ROW for _ in range(2_500)))
    assert written == 2_500
    assert len((tmp_path / "many.csv").read_text().splitlines()) == 2_501


@pytest.mark.parametrize("name", ["traces.xlsx", "traces", "missing/traces.csv", "file/traces.csv"])
def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match=name):
        export(tmp_path / name, columns.EXCHANGES, [ROW])


@pytest.mark.parametrize(
    ("timestamp", "found"),
    [
        ("2025-10-26T14:23:45.123Z", datetime(2025, 10, 26, 14, 23, 45, 123000, UTC)),
        ("2025-10-26T14:23:45", datetime(2025, 10, 26, 14, 23, 45, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_a_timestamp_is_read_or_missing(timestamp: str | None, found: datetime | None) -> None:
    assert parse_timestamp(timestamp) == found
