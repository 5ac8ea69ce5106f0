"""How `trace-analyzer export` is told what to write, and what it says where that can't be done."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from analysis.exports import command
from tests.analysis.exports.conftest import DAY, write
from tests.support import flows
from tests.support.analyzer import Analyzer
from tests.support.factories import SESSION, exchange, trace


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Name the file to write with -o, or a collector of OpenTelemetry with --otlp."),
        (["-o", "{home}/x.jsonl"], "else name a --format: csv, parquet, har, otlp, sft, mooncake, weka, aiperf."),
        (["-o", "{home}/x.har", "--parts"], "--parts is for a table"),
        (["-o", "{home}/x.har", "--text"], "--text is for the spans of otlp: not for har."),
        (["-o", "{home}/x.csv", "--block-size", "8"], "--block-size is for mooncake and weka: not for a table."),
        (["-o", "{home}/x.txt", "--format", "csv"], "the name must end in .csv."),
        (["-o", "{home}", "--format", "har"], "is a folder. Name a file."),
        (["-o", "{home}/none/x.har"], "can't be written: No such file or directory."),
        (["-o", "{home}/x.json", "--format", "weka"], "3 sessions need a folder (a name without .json), or a .jsonl."),
        (["-o", "{home}/x", "--format", "har", "--otlp", "http://h"], "--otlp sends spans, and --format har has none."),
        (["-o", "{home}/x", "--format", "pdf"], "'pdf' is not one of 'csv', 'parquet', 'har'"),
        (["-o", "{home}/x.json", "--format", "aiperf"], "AIPerf asks one endpoint in a run."),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_line(day: Analyzer, arguments: list[str], words: str) -> None:
    done = day("export", day.root, *(argument.format(home=day.home) for argument in arguments))
    assert done.exit_code in (1, 2)
    assert words in " ".join(done.stderr.split())
    assert [path.name for path in day.home.iterdir() if path.name.startswith((".x", "x"))] == []


@pytest.mark.parametrize("name", [name for name in command.names() if name not in ("csv", "parquet")])
def test_each_format_is_written_from_a_session_and_said(analyzer: Analyzer, name: str) -> None:
    write(analyzer, exchange(0, "Go", answer="Gone."))
    done = analyzer("export", SESSION[:8], "--format", name, "-o", analyzer.home / "out")
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"written to {analyzer.home / 'out'}" in done.stdout.splitlines()[0]
    assert (analyzer.home / "out").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", [name for name in command.names() if name not in ("csv", "parquet")])
def test_what_holds_no_request_to_a_model_is_no_traceback(analyzer: Analyzer, name: str) -> None:
    write(analyzer, trace(None, None, at=0))
    write(analyzer, trace("no JSON", "neither", at=9, url="http://localhost/v1/messages"))
    done = analyzer("export", analyzer.root, "--format", name, "-o", analyzer.home / "out")
    assert done.exit_code in (0, 1)
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_an_unreadable_file_is_skipped_and_named(day: Analyzer, exported: Callable[..., Any]) -> None:
    broken = day.root / "llamacpp" / "2026-11-20T09-10-00-000.json"
    broken.write_text("{")
    done = day("export", day.root, "-o", day.home / "day.har")
    assert done.exit_code == 0
    assert str(broken) in done.stderr
    assert done.stdout.startswith(f"{len(DAY)} exchanges written")


def test_aiperfs_inputs_are_the_requests_by_session_and_agent(analyzer: Analyzer, exported: Callable[..., Any]) -> None:
    for one in DAY[:7]:
        write(analyzer, one)
    path, printed = exported("inputs.json", "--format", "aiperf")
    data = json.loads(path.read_text())["data"]
    assert [(each["session_id"].partition("/")[2], len(each["payloads"])) for each in data] == [
        ("main", 5),
        ("a1b2c3d4", 1),
    ]
    assert data[0]["payloads"][0] == DAY[1].request.body  # the first one was refused
    assert printed.splitlines()[1] == "Left out: 1 request that no model was given, or not recorded whole."
    assert "--endpoint-type messages" in printed


def test_a_flow_file_is_read_as_well(analyzer: Analyzer) -> None:
    flows.recorded_flow(analyzer.home / "day.flow", 2)
    done = analyzer("export", analyzer.home / "day.flow", "-o", analyzer.home / "day.har")
    assert done.stdout == f"2 exchanges written to {analyzer.home / 'day.har'}\n"
