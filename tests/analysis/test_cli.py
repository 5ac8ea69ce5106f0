"""What the commands print: golden files of synthetic traces, and how traces are named."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import synthetic
from tests.support.analyzer import Analyzer
from tests.support.golden import golden

TOOL_CALL, TEXT, FAILED = "2025-10-26T14-23-45-123", "2025-10-26T14-23-50-000", "2025-10-26T14-24-01-007"


@pytest.mark.parametrize(
    ("file", "arguments"),
    [
        ("list.txt", ["list"]),
        ("list.md", ["list", "--format", "markdown"]),
        ("analyze.txt", ["analyze", TOOL_CALL]),
        ("analyze-verbose.txt", ["analyze", TOOL_CALL, "-v", "--context", "32768"]),
        ("analyze.md", ["analyze", TOOL_CALL, "--format", "markdown"]),
        ("analyze.csv", ["analyze", TOOL_CALL, "--format", "csv"]),
        ("analyze.json", ["analyze", TOOL_CALL, "--format", "json"]),
        ("analyze-text.txt", ["analyze", TEXT]),
        ("analyze-failed.txt", ["analyze", FAILED]),
        ("compare.txt", ["compare", "{root}"]),
        ("compare.md", ["compare", "{root}", "--format", "markdown"]),
        ("columns.md", ["columns", "--format", "markdown"]),
        ("columns-parts.md", ["columns", "--parts", "--format", "markdown"]),
    ],
)
def test_output_equals_the_golden_file(traced: Analyzer, file: str, arguments: list[str]) -> None:
    result = traced(*(argument.format(root=traced.root) for argument in arguments))
    assert (result.exit_code, result.stderr) == (0, "")
    shown = result.stdout.replace(str(traced.root), "TRACES")
    assert shown == golden(f"analysis/{file}", shown)


def test_shares_add_up_to_a_hundred(traced: Analyzer) -> None:
    tokens = json.loads(traced("analyze", TOOL_CALL, "--format", "json").stdout)["tokens"]
    assert sum(tokens["percent"].values()) == 100
    assert tokens["system"] + tokens["tools"] + tokens["messages"] == tokens["total"]
    assert tokens["difference"] == tokens["total"] - tokens["reported"]["total"]


@pytest.mark.parametrize(
    ("name", "trace"),
    [
        ("latest", FAILED),
        ("last:1", FAILED),
        ("last:3", TOOL_CALL),
        (TEXT, TEXT),
        ("{root}/lmstudio/" + TEXT + ".json", TEXT),
    ],
)
def test_a_trace_has_several_names(traced: Analyzer, name: str, trace: str) -> None:
    result = traced("analyze", name.format(root=traced.root), "--format", "json")
    assert Path(json.loads(result.stdout)["file"]).stem == trace


def test_without_a_name_it_is_the_latest(traced: Analyzer) -> None:
    assert traced("analyze").stdout == traced("analyze", "latest").stdout


def test_only_the_newest_are_listed_and_it_says_so(traced: Analyzer) -> None:
    result = traced("list", "-n", "1")
    assert "3 traces, the 1 newest shown" in result.stdout
    assert FAILED in result.stdout
    assert TEXT not in result.stdout


def test_a_list_reads_no_further_than_the_first_line(traced: Analyzer) -> None:
    expected = traced("list").stdout
    for file in traced.root.rglob("*.json"):
        first, _, rest = file.read_bytes().partition(b"\n")
        file.write_bytes(first + b"\n" + b"?" * len(rest))
    assert traced("list").stdout == expected


def test_a_mode_can_be_listed_alone(traced: Analyzer) -> None:
    synthetic.write(replace(synthetic.text(), mode="ollama"), traced.root)
    both = json.loads(traced("list", "--format", "json").stdout)
    assert {row["mode"] for row in both} == {"lmstudio", "ollama"}
    assert [row["mode"] for row in json.loads(traced("list", "ollama", "--format", "json").stdout)] == ["ollama"]


def test_a_folder_elsewhere_can_be_listed(traced: Analyzer, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    synthetic.write(replace(synthetic.text(), mode="ollama"), elsewhere)
    listed = json.loads(traced("list", str(elsewhere / "ollama"), "--format", "json").stdout)
    assert [row["mode"] for row in listed] == ["ollama"]


def test_a_listed_row_in_csv_is_what_the_first_line_of_its_file_says(traced: Analyzer) -> None:
    newest, *_ = csv.DictReader(io.StringIO(traced("list", "--format", "csv").stdout))
    assert (newest["trace"], newest["state"], newest["ttft"]) == (FAILED, "error", "")


def test_compared_rows_and_averages_hold_the_same_figures_in_every_format(traced: Analyzer) -> None:
    rows = json.loads(traced("compare", traced.root, "--format", "json").stdout)
    table = list(csv.DictReader(io.StringIO(traced("compare", traced.root, "--format", "csv").stdout)))
    assert [int(row["total"]) for row in table] == [row["total"] for row in rows["traces"]]
    assert {row["request_type"]: row["traces"] for row in rows["averages"]} == {
        "TOOL_CALL": 1,
        "TEXT_GENERATION": 1,
        "UNKNOWN": 1,
    }


def test_traces_are_compared_in_the_order_in_which_they_are_named(traced: Analyzer) -> None:
    rows = json.loads(traced("compare", "latest", "last:3", "--format", "json").stdout)["traces"]
    assert [row["trace"] for row in rows] == [FAILED, TOOL_CALL]


def test_another_tokenizer_counts_differently_and_is_named(traced: Analyzer) -> None:
    tokens = json.loads(traced("analyze", TOOL_CALL, "--tokenizer", "cl100k_base", "--format", "json").stdout)["tokens"]
    assert tokens["counter"] == "cl100k_base"


def test_traces_of_anyclaude_itself_are_read(analyzer: Analyzer) -> None:
    trace = synthetic.text()
    assert trace.response
    old = {
        "timestamp": trace.timestamp,
        "mode": "lmstudio",
        "request": {"method": "POST", "url": trace.request.url, "headers": {}, "body": trace.request.body},
        "response": {"statusCode": 200, "headers": {}, "body": trace.response.body},
    }
    file = analyzer.root / "lmstudio" / "2025-10-26T14-23-50-000.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(old, indent=2))
    result = analyzer("analyze", file)
    assert result.exit_code == 0
    assert "TEXT_GENERATION" in result.stdout
    assert "not recorded in this trace" in result.stdout
    assert "TEXT_GENERATION" in analyzer("list").stdout


@pytest.mark.parametrize("command", ["list", "analyze", "compare", "export", "columns"])
def test_every_command_explains_itself(analyzer: Analyzer, command: str) -> None:
    result = analyzer(command, "--help")
    assert result.exit_code == 0
    assert f"Usage: trace-analyzer {command}" in result.stdout
