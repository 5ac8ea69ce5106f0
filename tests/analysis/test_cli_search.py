"""What `search` prints, and the page that it opens."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from analysis.web import server
from tests.support import records
from tests.support.analyzer import Analyzer
from tests.support.factories import SESSION, call, exchange, result
from tests.support.golden import golden
from traces.model import Ids
from traces.storage import codec, store

READ = [call("Read", file_path="notes.txt")]
NOTES = [result("The plum is ripe.\nThe \x1b[31mpear\x1b[0m isn't.")]

TRACES = [
    exchange(0, "What is ripe?", answer=READ),
    exchange(10, "What is ripe?", READ, NOTES, answer="The plum."),
    exchange(99, "Draw a plum", answer="So", ids=Ids("07e40000-0000-4000-8000-000000000001")),
    exchange(120, "A pear, for nobody", answer="So", ids=Ids()),
]


@pytest.fixture
def traced(analyzer: Analyzer) -> Analyzer:
    for trace in TRACES:
        store.create(analyzer.root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))
    return analyzer


@pytest.mark.parametrize(
    ("file", "arguments"),
    [
        ("search.txt", ["plum"]),
        ("search-unnamed.txt", ["--regex", "p[e]ar"]),
        ("search-repeated.txt", ["careful", "agent"]),
        ("search.md", ["plum", "-n", "1", "--format", "markdown"]),
        ("search-nothing.txt", ["quince"]),
    ],
)
def test_hits_are_shown_with_what_opens_them(traced: Analyzer, file: str, arguments: list[str]) -> None:
    result = traced("search", *arguments)
    assert result.exit_code == 0, result.output
    shown = result.output.replace(str(traced.root), "{root}")
    assert shown == golden(f"analysis/{file}", shown)


def test_json_and_csv_have_the_same_values(traced: Analyzer) -> None:
    [row] = json.loads(traced("search", "ripe", "--tool", "Read", "--format", "json").stdout)
    assert (row["session"], row["turn"], row["role"], row["tool"]) == (SESSION, 2, "tool", "Read")
    assert row["command"] == f"trace-analyzer view {SESSION[:8]} --turn 2"
    [line] = csv.DictReader(io.StringIO(traced("search", "ripe", "--tool", "Read", "--format", "csv").stdout))
    assert line == {key: "" if value is None else str(value) for key, value in row.items()}


def test_the_options_narrow_the_search(traced: Analyzer) -> None:
    def sessions(*options: str) -> list[str]:
        return [row["session"] for row in json.loads(traced("search", "plum", "--format", "json", *options).stdout)]

    assert len(sessions()) == 3
    assert sessions("--role", "user") == ["07e40000-0000-4000-8000-000000000001"]
    assert sessions("-n", "1") == ["07e40000-0000-4000-8000-000000000001"]
    assert sessions("--model", "opus") == sessions("--since", "2030-01-01") == sessions("--project", "/nowhere") == []


@pytest.mark.parametrize(
    ("words", "name", "turn"), [("plum ripe", SESSION[:8], 2), ("nobody", "2026-11-20T09-02-00-000", None)]
)
def test_the_newest_hit_is_opened(
    traced: Analyzer, monkeypatch: pytest.MonkeyPatch, words: str, name: str, turn: int | None
) -> None:
    served: list[object] = []
    monkeypatch.setattr(server, "serve", lambda *arguments: served.append(arguments))
    result = traced("search", words, "--open")
    assert result.exit_code == 0, result.output
    assert served == [(name, 0, True, "o200k_base", turn)]


def test_nothing_is_opened_where_nothing_is_found(traced: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "serve", lambda *arguments: pytest.fail("served"))
    assert traced("search", "quince", "--open").output == "Nothing was found.\n"


def test_a_search_in_a_place_finds_what_is_there(traced: Analyzer, tmp_path: Path) -> None:
    def found(*words: str, place: object) -> list[tuple[object, object, object, str]]:
        rows = json.loads(traced("search", *words, "--in", place, "--format", "json").stdout)
        return [(row["session"] and row["session"][:8], row["turn"], row["role"], row["command"]) for row in rows]

    ours, first, second = SESSION[:8], *sorted(traced.root.glob("*/*.json"))[:2]
    answer = (ours, 2, "assistant", f"trace-analyzer view {ours} --turn 2")
    drawn = ("07e40000", 1, "user", "trace-analyzer view 07e40000 --turn 1")
    assert found("plum", place=traced.root)[0] == found("plum", place=first.parent)[0] == drawn
    assert answer in found("plum", "The", place=ours)
    assert found("Draw", place=ours) == []

    repeated = f"trace-analyzer view {second.stem}"  # a trace is searched in all that it holds, not only in what is new
    assert found("What", "ripe", place=second.stem) == [(ours, None, "user", repeated)]
    assert found("What", "ripe", place="latest") == []

    elsewhere = shutil.copytree(first.parent, tmp_path / "else where")
    copy = elsewhere / first.name
    opens = f"trace-analyzer view '{copy}'"
    assert found("What", "ripe", place=elsewhere) == found("What", "ripe", place=copy) == [(ours, None, "user", opens)]
    assert f"  {copy}  user" in traced("search", "What", "--in", copy).output
    (elsewhere / "broken.json").write_text("no trace")
    assert "broken.json: Invalid JSON" in traced("search", "What", "--in", elsewhere).stderr
    assert "no such file" in traced("search", "What", "--in", "nowhere.json").stderr


def test_what_another_program_recorded_is_searched_as_it_is(analyzer: Analyzer, tmp_path: Path) -> None:
    log = records.transcript().write(tmp_path / "a.jsonl")
    rows = json.loads(analyzer("search", "plum", "--in", log, "--format", "json").stdout)
    assert sorted((row["role"], row["tool"] or "", row["file"]) for row in rows) == [
        ("assistant", "", str(log)),
        ("tool", "Read", str(log)),
    ]


@pytest.mark.parametrize("arguments", [["(", "--regex"], ["--", "-"], ["plum", "--since", "yesterday"]])
def test_a_question_that_makes_no_sense_is_one_line(traced: Analyzer, arguments: list[str]) -> None:
    result = traced("search", *arguments)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
