"""What `diff` prints, and the names it takes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.analyzer import Analyzer
from tests.support.golden import golden
from tests.support.side_by_side import FORK, NEW, OLD, fork, newer, older
from traces.model import Ids, Trace
from traces.numbers_only import without_text
from traces.storage import codec, store


def keep(folder: Path, traces: list[Trace]) -> None:
    for trace in traces:
        store.create(folder, store.stem_of(trace.timestamp), codec.encode(trace))


@pytest.fixture
def traced(analyzer: Analyzer) -> Analyzer:
    for name, talk in (("old", older()), ("new", newer()), ("fork", fork())):
        keep(analyzer.root / name, talk.traces)
    return analyzer


@pytest.mark.parametrize(
    ("file", "arguments"),
    [
        ("diff.txt", [OLD, NEW]),
        ("diff-fork.txt", [OLD, FORK]),
        ("diff-same.txt", [OLD, OLD]),
        ("diff.md", [OLD, NEW, "--format", "markdown"]),
        ("diff.csv", [OLD, NEW, "--format", "csv"]),
        ("diff.json", [OLD, NEW, "--format", "json"]),
    ],
)
def test_output_equals_the_golden_file(traced: Analyzer, file: str, arguments: list[str]) -> None:
    shown = traced("diff", *arguments)
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout == golden(f"analysis/{file}", shown.stdout)


def test_a_session_is_named_as_elsewhere(traced: Analyzer) -> None:
    expected = traced("diff", OLD, NEW).stdout
    file = next((traced.root / "new").glob("*.json"))
    for name in (NEW[:4], file, traced.root / "new"):
        assert traced("diff", OLD[:4], name).stdout == expected
    assert json.loads(traced("diff", "latest", OLD, "--format", "json").stdout)["left"]["session"] == NEW


def test_a_fork_is_compared_without_the_session_that_it_continues(traced: Analyzer) -> None:
    found = json.loads(traced("diff", FORK, OLD, "--format", "json").stdout)
    assert (found["left"]["session"], found["sums"]["turns"]["left"]) == (FORK, 2)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ((OLD, "nowhere"), "Error: nowhere: no such file, folder, trace or session in"),
        ((OLD, "{root}"), "Error: {root}: 3 sessions: f04c0000, 4e500000, 0ld00000. Name one of them."),
        ((OLD,), "Missing argument 'SESSION'"),
    ],
)
def test_what_names_no_one_session_is_refused_in_a_line(traced: Analyzer, names: tuple[str, ...], reason: str) -> None:
    shown = traced("diff", *(name.replace("{root}", str(traced.root)) for name in names))
    assert shown.exit_code
    assert reason.replace("{root}", str(traced.root)) in shown.stderr


def test_a_page_can_be_shared_as_numbers_alone(traced: Analyzer, tmp_path: Path) -> None:
    page = tmp_path / "diff.html"
    shown = traced("diff", OLD, NEW, "-o", page)
    assert (shown.exit_code, shown.stdout) == (0, f"{page} is written. Open it in a browser.\n")
    assert "conftest.py" in page.read_text()
    assert traced("diff", OLD, NEW, "-o", page, "--share=numbers").exit_code == 0
    written = page.read_text()
    for text in ("conftest.py", "swift", "Fix the test", OLD[:8], NEW[:8]):
        assert text not in written
    assert '"change":"changed"' in written
    assert "name it .html" in traced("diff", OLD, NEW, "-o", tmp_path / "diff.txt").stderr


def test_sessions_without_texts_are_not_called_the_same(traced: Analyzer) -> None:
    keep(traced.root / "pruned", [without_text(trace) for trace in older().traces])
    shown = traced("diff", traced.root / "pruned", NEW)
    assert shown.exit_code == 1
    assert "nothing of what was said in this session is in its records" in shown.stderr


def test_what_a_record_does_not_hold_is_no_difference(traced: Analyzer) -> None:
    partial = [replace(trace, marks=("system_unknown", "tools_unknown")) for trace in older().traces]
    keep(traced.root / "imported", [replace(trace, ids=Ids("1mported")) for trace in partial])
    found = json.loads(traced("diff", "1mported", NEW, "--format", "json").stdout)
    assert {part["group"] for part in found["prompt"]["parts"]} == {"reminders"}
    assert found["prompt"]["shared_tokens"] is None
    assert [row["match"] for row in found["turns"]] == ["answer", "right", "same", "answer"]
