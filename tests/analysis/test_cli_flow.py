"""mitmproxy's own files, which can hold many exchanges."""

import csv
import json
from pathlib import Path

import pytest

from tests.support.analyzer import Analyzer
from tests.support.flows import recorded_flow


@pytest.fixture
def flow(analyzer: Analyzer) -> Path:
    """Three exchanges, each with a longer question."""
    folder = analyzer.root / "claude"
    folder.mkdir(parents=True)
    recorded_flow(folder / "session.flow", 3)
    return folder / "session.flow"


def test_one_exchange_is_analyzed_and_named(analyzer: Analyzer, flow: Path) -> None:
    totals = [_total(analyzer, flow, "-x", number) for number in (1, 2, 3)]
    assert totals == sorted(set(totals))
    assert _total(analyzer, flow) == totals[-1]
    assert "Exchange:      2 in session.flow" in analyzer("analyze", flow, "-x", 2).stdout
    assert "Exchange:      3 in session.flow" in analyzer("analyze", flow).stdout


def _total(analyzer: Analyzer, *arguments: object) -> int:
    return int(json.loads(analyzer("analyze", *arguments, "--format", "json").stdout)["tokens"]["total"])


def test_every_exchange_is_listed_and_compared(analyzer: Analyzer, flow: Path) -> None:
    listed = json.loads(analyzer("list", "--format", "json").stdout)
    assert [row["request_type"] for row in listed] == ["TEXT_GENERATION"] * 3
    assert len(json.loads(analyzer("compare", flow, "--format", "json").stdout)["traces"]) == 3


def test_every_exchange_is_exported(analyzer: Analyzer, flow: Path) -> None:
    assert analyzer("export", flow, "-o", analyzer.home / "out.csv").stdout.startswith("3 rows")
    with (analyzer.home / "out.csv").open(newline="") as file:
        assert {row["model"] for row in csv.DictReader(file)} == {"m"}


def test_a_file_without_exchanges_says_so(analyzer: Analyzer) -> None:
    recorded_flow(analyzer.home / "empty.flow", 0)
    for command in ("analyze", "compare"):
        result = analyzer(command, analyzer.home / "empty.flow")
        assert result.exit_code == 1
        assert len(result.stderr.splitlines()) == 1
