"""What `sessions` and `session` print: golden files of a made-up session, and how sessions are named."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.analyzer import Analyzer
from tests.support.factories import AGENT, SESSION, call, exchange, result
from tests.support.golden import golden
from traces.model import Event, Ids, Timing
from traces.storage import codec, store

ANSWERED = {"input_tokens": 200, "cache_read_input_tokens": 0, "output_tokens": 30}
CACHED = {"input_tokens": 6, "cache_read_input_tokens": 200, "output_tokens": 5}
GO = [call("Agent"), call("Read", "t2")]
BACK = [result("plum"), result("plum", "t2")]

TRACES = [
    exchange(0, "Go", failed="http_error", timing=Timing(total=0.25)),
    exchange(1.5, "Go", answer=GO, usage=ANSWERED),
    exchange(4, "Find it", ids=AGENT, prompt="Seek.", answer="plum", x_claude_code_agent_type="Explore"),
    exchange(8, "Go", GO, BACK, answer="They say plum.", usage=CACHED),
    exchange(9, "Go", url="http://localhost:8080/v1/messages/count_tokens", timing=Timing(total=0.01)),
    exchange(
        60, "Go", GO, BACK, "They say plum.", "Sure?", failed="client_disconnected", timing=Timing(1, 1.5, total=3)
    ),
    exchange(99, "Another", answer="one", ids=Ids("07e40000")),
    exchange(120, "Nobody's", answer="one", ids=Ids()),
]


@pytest.fixture
def traced(analyzer: Analyzer) -> Analyzer:
    for trace in TRACES:
        store.create(analyzer.root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))
    return analyzer


@pytest.mark.parametrize(
    ("file", "arguments"),
    [
        ("sessions.txt", ["sessions"]),
        ("sessions.md", ["sessions", "--format", "markdown"]),
        ("sessions.csv", ["sessions", "--format", "csv"]),
        ("session.txt", ["session", "5e55"]),
        ("session.md", ["session", SESSION, "--format", "markdown"]),
        ("session.csv", ["session", SESSION, "--format", "csv"]),
        ("session.json", ["session", SESSION, "--format", "json"]),
        ("session-unnamed.txt", ["session"]),
    ],
)
def test_output_equals_the_golden_file(traced: Analyzer, file: str, arguments: list[str]) -> None:
    shown = traced(*arguments)
    assert (shown.exit_code, shown.stderr) == (0, "")
    printed = shown.stdout.replace(str(traced.root), "TRACES")
    assert printed == golden(f"analysis/{file}", printed)


def test_as_many_sessions_are_listed_as_are_asked_for(traced: Analyzer) -> None:
    everything = json.loads(traced("sessions", "--format", "json", "-n", "0").stdout)
    assert len(everything) == 3
    assert json.loads(traced("sessions", "--format", "json", "-n", "1").stdout) == everything[:1]


def test_the_sessions_of_a_folder_are_those_in_it(traced: Analyzer, tmp_path: Path) -> None:
    one = tmp_path / "one"
    store.create(one, "a", codec.encode(TRACES[-2]))
    [row] = json.loads(traced("sessions", one, "--format", "json").stdout)
    assert row["session"] == "07e40000"


def test_every_session_of_a_folder_is_shown(traced: Analyzer) -> None:
    shown = json.loads(traced("session", traced.root, "--format", "json").stdout)
    assert [(one["session"][:4], len(one["turns"])) for one in shown] == [("5e55", 6), ("07e4", 1), ("2026", 1)]
    rows = csv.DictReader(io.StringIO(traced("session", traced.root, "--format", "csv").stdout))
    assert [row["session"][:4] for row in rows] == ["5e55"] * 6 + ["07e4", "2026"]


def test_decode_speed_comes_from_the_events(analyzer: Analyzer) -> None:
    made = exchange(0, "Hi", answer="hello", usage={"input_tokens": 9, "output_tokens": 21})
    events = tuple(Event(1 + number / 10, "content_block_delta", "text", 5) for number in range(21))
    store.create(analyzer.root / "llamacpp", "a", codec.encode(replace(made, events=events)))
    [turn] = json.loads(analyzer("session", "--format", "json").stdout)[0]["turns"]
    assert turn["decode_speed"] == pytest.approx(10)


def test_files_that_cannot_be_read_are_reported_and_left_out(traced: Analyzer) -> None:
    (traced.root / "broken.json").write_text("{")
    for command in (["sessions"], ["session", SESSION]):
        shown = traced(*command)
        assert shown.exit_code == 0
        assert "Warning: skipped" in shown.stderr
        assert "Skipped 1 file." in shown.stderr


@pytest.mark.parametrize("command", [["sessions"], ["session"], ["session", "abcd"]])
def test_where_there_are_no_traces_one_line_says_so(analyzer: Analyzer, command: list[str]) -> None:
    shown = analyzer(*command)
    assert shown.exit_code == 1
    assert shown.stderr.startswith("Error: ")
    assert "To make one, run Claude Code" in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_only_unreadable_files_are_an_error(analyzer: Analyzer) -> None:
    analyzer.root.mkdir()
    (analyzer.root / "broken.json").write_text("{")
    for command in ("sessions", "session"):
        assert analyzer(command).exit_code == 1
