"""`trace-analyzer export --partition day`, as a user calls it."""

import subprocess
import sys
import uuid
from pathlib import Path

import pytest

import analysis
from tests.support import synthetic
from tests.support.analyzer import Analyzer


def test_a_data_set_is_written_and_brought_up_to_date(traced: Analyzer) -> None:
    dataset = traced.home / "dataset"
    first = traced("export", traced.root, "-o", dataset, "--partition", "day")
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout == (f"3 exchanges and 18 parts written to {dataset}\nIt holds 3 exchanges and 18 parts now.\n")
    [file] = traced.root.rglob("*-123.json")
    file.write_bytes(file.read_bytes() + b"\n")
    again = traced("export", traced.root, "-o", dataset, "--partition", "day")
    assert again.stdout == (
        f"1 exchange and 14 parts written to {dataset}, in place of what 1 file of traces held before\n"
        "It holds 3 exchanges and 18 parts now.\n"
    )


def test_files_that_cannot_be_read_are_told(traced: Analyzer) -> None:
    (traced.root / "lmstudio" / "broken.json").write_text("{")
    result = traced("export", traced.root, "-o", traced.home / "dataset", "--partition", "day")
    assert result.exit_code == 0
    assert "3 exchanges and" in result.stdout
    assert "broken.json: Invalid JSON" in result.stderr


def test_a_url_is_read_and_written(traced: Analyzer) -> None:
    url = f"memory://{uuid.uuid4()}/dataset"
    assert traced("export", traced.root, "-o", url, "--partition", "day").stdout.startswith("3 exchanges")
    assert len(analysis.load(url)) == 3
    assert traced("export", url, "-o", traced.home / "x.csv").exit_code == 1  # a data set holds no traces


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--partition", "day"], 2, "Name the data set's folder or URL with -o."),
        (["--partition", "day", "-o", "x", "--parts"], 2, "--partition writes Parquet files with both tables"),
        (["--partition", "day", "-o", "x", "--format", "har"], 2, "--partition writes Parquet files with both tables"),
        (["--partition", "week", "-o", "x"], 2, "'week' is not 'day'"),
        (["-o", "s3://bucket/x.parquet"], 1, "only a data set can be written there. Add --partition day"),
        (["-o", "x.har", "--cluster", "local:2"], 2, "--cluster is for a table or a data set: not for har."),
        (["-o", "x.csv", "--cluster", "local:none"], 1, "local:none: is no cluster. One is named like tcp://"),
        (["-o", "az://x/y", "--partition", "day"], 1, "az:// needs a package that isn't installed: "),
    ],
)
def test_what_does_not_go_together_is_one_line(traced: Analyzer, options: list[str], code: int, told: str) -> None:
    result = traced("export", traced.root, *options)
    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("missing", "arguments", "told"),
    [
        ("pyarrow", ["export", "ROOT", "-o", "d", "--partition", "day"], "Parquet needs pyarrow: pip install 'any"),
        ("fsspec", ["export", "ROOT", "-o", "d", "--partition", "day"], "needs fsspec: pip install 'anyclaude-toolk"),
        ("s3fs", ["export", "ROOT", "-o", "s3://b/d", "--partition", "day"], "s3:// needs s3fs: pip install 'anycla"),
        ("distributed", ["export", "ROOT", "-o", "x.csv", "--cluster", "local:1"], "--cluster needs Dask distributed:"),
        ("duckdb", ["sql", "select 1"], "sql needs DuckDB: pip install 'anyclaude-toolkit[sql]'"),
        ("pyarrow", ["sql", "select 1"], "Parquet needs pyarrow: pip install"),
    ],
)
def test_an_extra_that_is_missing_is_named(traced: Analyzer, missing: str, arguments: list[str], told: str) -> None:
    hidden = f"import sys; sys.modules[{missing!r}] = None; from analysis.cli import main; main()"
    given = [str(traced.root) if argument == "ROOT" else argument for argument in arguments]
    result = subprocess.run(
        [sys.executable, "-c", hidden, *given],
        env={**traced.environment, "PATH": "", "PYTHONPATH": str(Path(__file__).parents[3])},
        cwd=traced.home,
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (1, "", 1)
    assert told in result.stderr


def test_tables_need_none_of_the_extras(traced: Analyzer) -> None:
    hidden = ["pyarrow", "fsspec", "s3fs", "distributed", "dask", "duckdb"]
    code = f"import sys; sys.modules.update(dict.fromkeys({hidden})); from analysis.cli import main; main()"
    environment = {**traced.environment, "PATH": "", "PYTHONPATH": str(Path(__file__).parents[3])}
    for arguments in (["list"], ["export", traced.root, "-o", traced.home / "x.csv"], ["export", "--help"]):
        command = [sys.executable, "-c", code, *map(str, arguments)]
        result = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert (result.returncode, result.stderr) == (0, "")
    assert len((traced.home / "x.csv").read_text().splitlines()) == 4


def test_exported_tables_may_come_from_a_url(traced: Analyzer) -> None:
    synthetic.write_all(synthetic.all_kinds(), traced.home / "copy")
    url = f"file://{traced.home}/copy"
    assert traced("export", url, "-o", traced.home / "one.csv").stdout.startswith("3 rows written")
    assert traced("export", traced.home / "copy", "-o", traced.home / "two.csv").exit_code == 0
    one, two = ((traced.home / name).read_text() for name in ("one.csv", "two.csv"))
    assert one.replace("file://", "") == two
