"""`trace-analyzer import`, and other commands on records of other programs: what isn't known is shown as unknown."""

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.web import server
from analysis.web.watch import SessionFolder
from tests.support import answers, records
from tests.support.analyzer import Analyzer
from tests.support.records import ANSWER, BODY, SESSION
from traces.storage import store


@pytest.fixture
def analyzer(tmp_path: Path) -> Analyzer:
    return Analyzer(tmp_path)


def projects(folder: Path) -> Path:
    """Write the transcripts of a session and of its subagent, with the file that tells of it."""
    records.transcript().write(folder / "p" / f"{SESSION}.jsonl")
    agent = records.Transcript(isSidechain=True, agentId="a1")
    agent.user("Look")
    agent.said("msg_a1", answers.text("Seen."))
    path = agent.write(folder / "p" / SESSION / "subagents" / "agent-a1.jsonl")
    path.with_suffix(".meta.json").write_text('{"agentType": "Explore"}')
    return folder


def printed(analyzer: Analyzer, *arguments: object) -> Any:
    result = analyzer(*arguments, "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def test_what_is_imported_twice_is_there_once(analyzer: Analyzer) -> None:
    source = projects(analyzer.home / "projects")
    dry = analyzer("import", source, "--dry-run")
    assert dry.stdout.startswith(f"3 exchanges would be imported to {analyzer.root}/imported\n")
    assert not analyzer.root.exists()
    first, second = analyzer("import", source), analyzer("import", source)
    assert first.stdout.startswith(f"3 exchanges imported to {analyzer.root}/imported\n5 other records")
    assert "Not in Claude Code's transcript: times of the answer" in first.stdout
    assert second.stdout.startswith(f"0 exchanges imported to {analyzer.root}/imported\n3 exchanges already there\n")
    files = store.files(analyzer.root)
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    [session] = printed(analyzer, "session", SESSION)
    assert sorted(turn["request_type"] for turn in session["turns"]) == ["SUBAGENT", "TEXT_GENERATION", "TOOL_CALL"]
    assert [agent["name"] for agent in session["agents"]] == ["main", "Explore"]


def test_a_session_that_went_on_is_brought_up_to_date(analyzer: Analyzer) -> None:
    made = records.transcript()
    path = made.write(analyzer.home / "a.jsonl")
    analyzer("import", path)
    made.said("msg_2", answers.tool("Read", "t2", path="b"))  # another block of the last answer
    made.user([{"type": "tool_result", "tool_use_id": "t2", "content": "pear"}])
    made.said("msg_3", answers.text("And a pear."))
    made.write(path)
    again = analyzer("import", path)
    assert again.stdout.startswith(f"1 exchange imported to {analyzer.root}/imported\n1 exchange replaced")
    assert len(store.files(analyzer.root)) == 3


def test_what_the_proxy_recorded_is_not_imported_beside_it(analyzer: Analyzer) -> None:
    folder = records.raw_bodies(analyzer.home / "raw")
    made = records.Transcript()
    made.user("Hi")
    made.said(str(ANSWER["id"]), answers.text("Hello."))
    path = made.write(analyzer.home / "a.jsonl")
    assert analyzer("import", folder).stdout.startswith("2 exchanges imported")
    result = analyzer("import", path)
    assert "1 exchange left out: already there from another source" in result.stdout
    elsewhere = analyzer("import", path, "--into", analyzer.home / "other")
    assert elsewhere.stdout.startswith("1 exchange imported")


def test_what_is_not_understood_is_told_with_its_place(analyzer: Analyzer) -> None:
    path = records.transcript().write(analyzer.home / "a.jsonl")
    with path.open("a") as file:
        file.write('{"type": "user", "mess')
    result = analyzer("import", path)
    assert result.exit_code == 0
    assert f'Warning: {path}: 1 record was not understood and left out: line 7: not JSON: {{"type"' in result.stderr
    shown = analyzer("analyze", path)
    assert shown.exit_code == 0
    assert "line 7: not JSON" in shown.stderr


@pytest.mark.parametrize("name", ["nowhere.jsonl", "notes.txt", "empty"])
def test_what_cannot_be_imported_gets_one_line(name: str, analyzer: Analyzer) -> None:
    (analyzer.home / "notes.txt").write_text("hello")
    (analyzer.home / "empty").mkdir()
    result = analyzer("import", analyzer.home / name)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {analyzer.home / name}: ")
    assert result.stderr.count("\n") == 1


def test_shares_are_unknown_where_tools_and_system_prompt_are(analyzer: Analyzer) -> None:
    path = records.transcript().write(analyzer.home / "a.jsonl")
    shown = analyzer("analyze", path).stdout
    lines = {" ".join(line.split()) for line in shown.splitlines()}
    assert "System Prompt: – tokens ← not in this record" in lines
    assert "Tool Definitions: – tokens ← not in this record" in lines
    assert "%" not in shown
    assert "Times:   not recorded in this trace" in shown
    tokens = printed(analyzer, "analyze", path)["tokens"]
    assert [tokens[name] for name in ("system", "tools", "messages", "total", "difference")] == [None] * 5
    assert tokens["percent"] == {"system": None, "tools": None, "messages": None}
    assert (tokens["unknown"], tokens["reported"]["total"]) == (["messages", "system", "tools"], 1000)
    [row, _] = printed(analyzer, "compare", path)["traces"]
    assert (row["tools"], row["tools_percent"], row["total"]) == (None, None, None)
    assert printed(analyzer, "compare", path)["averages"] == []


def test_reuse_and_breaks_are_unknown_where_a_prompt_is_not_whole(analyzer: Analyzer) -> None:
    path = records.transcript().write(analyzer.home / "a.jsonl")
    [session] = printed(analyzer, "session", path)
    assert [(turn["input_tokens"], turn["new_tokens"], turn["reusable_tokens"]) for turn in session["turns"]] == [
        (1000, None, None),
        (1000, None, None),
    ]
    assert [session["time"][name] for name in ("waiting", "writing", "tools")] == [None, None, None]
    cache = analyzer("cache", path)
    assert cache.exit_code == 1
    assert "Nothing can be said of a prefix" in cache.stderr


def test_a_whole_request_has_its_shares(analyzer: Analyzer) -> None:
    folder = records.raw_bodies(analyzer.home / "raw")
    rows = printed(analyzer, "compare", folder)["traces"]
    assert len(rows) == 2
    for row in rows:
        assert row["system_percent"] + row["tools_percent"] + row["messages_percent"] == 100
    assert printed(analyzer, "cache", folder)["turns_left_out"] == 0


RECORDS = {
    "transcript": lambda home: projects(home / "projects"),
    "rollout": lambda home: records.jsonl(home / "rollout-1.jsonl", records.rollout()),
    "raw bodies": lambda home: records.raw_bodies(home / "raw"),
    "claude-tap": lambda home: records.jsonl(home / "tap.jsonl", [records.claude_tap()]),
    "claude-trace": lambda home: records.jsonl(home / "log.jsonl", [records.claude_trace()]),
    "har": lambda home: _har(home / "a.har"),
}


def _har(path: Path) -> Path:
    path.write_text(records.har(records.har_entry()))
    return path


@pytest.mark.parametrize("kind", RECORDS)
def test_every_command_reads_a_record_by_its_path(kind: str, analyzer: Analyzer) -> None:
    source = RECORDS[kind](analyzer.home)
    exchanges = len(printed(analyzer, "compare", source)["traces"])
    sessions = printed(analyzer, "session", source)
    assert sum(len(session["turns"]) for session in sessions) == exchanges > 0
    for command in (
        ["export", source, "-o", analyzer.home / "table.csv"],
        ["cost", source],
        ["report", source, "-o", analyzer.home / "page.html"],
        ["report", source, "-x", "1", "-o", analyzer.home / "trace.html"] if source.is_file() else ["columns"],
        ["analyze", source, "-v"] if source.is_file() else ["columns"],
        ["sessions", source] if source.is_dir() else ["columns"],
    ):
        result = analyzer(*command)
        assert (result.exit_code, result.stderr) == (0, ""), command
    assert not analyzer.root.exists()  # nothing was imported for it


def test_view_shows_a_transcript_while_it_goes_on(analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in analyzer.environment.items():
        monkeypatch.setenv(name, value)
    made = records.transcript()
    path = made.write(analyzer.home / "a.jsonl")
    assert server.folder_and_session(str(path)) == (path, None)
    shown = SessionFolder(path)
    before = shown.state()
    assert [row["turns"] for row in shown.sessions()["rows"]] == [2]
    made.user("Another?")
    made.said("msg_3", answers.text("No."))
    made.write(path)
    assert shown.state() != before
    assert len(shown.session(SESSION)["sessions"][0]["exchanges"]) == 3


def test_our_own_har_is_the_same_trace_again(analyzer: Analyzer) -> None:
    folder = records.raw_bodies(analyzer.home / "raw")
    analyzer("import", folder, "--into", analyzer.home / "one")
    har = analyzer.home / "a.har"
    assert analyzer("export", analyzer.home / "one", "-o", har).exit_code == 0
    analyzer("import", har, "--into", analyzer.home / "two")
    ones, twos = (list(map(store.load, store.files(analyzer.home / name))) for name in ("one", "two"))
    assert ones == twos
    assert ones[0].request.body is not None
    assert BODY["messages"] == ones[0].request.body["messages"]  # type: ignore[index]


def test_a_record_is_listed_by_its_path(analyzer: Analyzer) -> None:
    source = projects(analyzer.home / "projects")
    [session] = printed(analyzer, "sessions", source)
    [file] = [path for path in store.files(source) if path.stem == SESSION]
    for place in (source, file):
        listed = printed(analyzer, "list", place)
        assert {row["session"] for row in listed} == {SESSION}
        assert {row["ttft"] for row in listed} == {None}
        assert len({row["trace"] for row in listed}) == len(listed)
    assert len(printed(analyzer, "list", file, "-n", "1")) == 1
    assert printed(analyzer, "sessions", file)[0]["session"] == session["session"] == SESSION


def test_waiting_and_writing_are_unknown_where_only_the_whole_time_is_known(analyzer: Analyzer) -> None:
    source = records.jsonl(analyzer.home / "tap.jsonl", [records.claude_tap()])
    [listed] = printed(analyzer, "sessions", source)
    assert (listed["waiting"], listed["waiting_unknown"] > 0) == (None, True)
    text = analyzer("session", source).stdout
    [main] = [line for line in text.partition("\nAGENTS")[2].splitlines() if line.startswith("main")]
    assert main.split()[-3:-1] == ["–", "–"]


def test_an_export_says_that_an_answers_end_is_unknown(analyzer: Analyzer) -> None:
    source = records.jsonl(analyzer.home / "log.jsonl", [records.claude_trace()])
    har, spans = analyzer.home / "a.har", analyzer.home / "a.json"
    assert analyzer("export", source, "-o", har).exit_code == 0
    [entry] = json.loads(har.read_text())["log"]["entries"]
    assert entry["comment"] == "When its answer ended wasn't measured: its time is until the headers."
    assert analyzer("export", source, "--format", "otlp", "-o", spans).exit_code == 0
    [resource] = json.loads(spans.read_text())["resourceSpans"]
    chats = [span for span in resource["scopeSpans"][0]["spans"] if span["name"].startswith("chat")]
    marked = {"key": "anyclaude.end_unknown", "value": {"boolValue": True}}
    assert [marked in span["attributes"] for span in chats] == [True]
