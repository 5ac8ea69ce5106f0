"""What an agent gets to its questions: small, in pages, without secrets, and one line where it can't be answered."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.mcp import answers, questions
from analysis.mcp.answers import Answer
from tests.support.factories import MODEL, SESSION, call, exchange, result
from traces.errors import ToolkitError
from traces.model import Ids, Trace
from traces.storage import codec, store

KEY = "sk-ant-api03-" + "A1b2C3d4" * 10
READ = [call("Read", file_path="notes.txt")]
NOTES = [result(f"The plum is ripe. The key is {KEY}")]
OTHER = "07e40000-0000-4000-8000-000000000001"

TRACES = [
    exchange(0, "What is ripe?", answer=READ),
    exchange(10, "What is ripe?", READ, NOTES, answer="The plum."),
    exchange(20, "What is ripe?", READ, NOTES, "The plum.", "Eat it.", answer="No.", prompt="You are hungry. "),
    exchange(99, "Draw a plum", answer="So", ids=Ids(OTHER)),
]


def keep(root: Path, *traces: Trace) -> None:
    for trace in traces:
        store.create(root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path / "traces"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    keep(tmp_path / "traces", *TRACES)
    return tmp_path / "traces"


def test_a_search_names_session_and_turn(root: Path) -> None:
    found = questions.search("plum", role="tool")["hits"]
    assert [(hit["session"], hit["turn"], hit["tool"]) for hit in found] == [(SESSION[:8], 2, "Read")]
    assert [hit["snippet"] for hit in questions.search("plum", role="assistant")["hits"]] == ["The **plum**."]


def test_sessions_are_listed_newest_first_and_not_older_than_asked(root: Path) -> None:
    assert [row["session"] for row in questions.sessions()["sessions"]] == [OTHER, SESSION]
    assert [row["session"] for row in questions.sessions("2026-11-20T09:01:00Z")["sessions"]] == [OTHER]
    assert questions.sessions("1d")["sessions"] == []


def test_pages_follow_one_another_without_a_gap(root: Path) -> None:
    first = questions.session(SESSION, limit=2)
    rest = questions.session(SESSION, offset=first["next_offset"], limit=2)
    assert [turn["number"] for turn in (*first["turns"], *rest["turns"])] == [1, 2, 3]
    assert "next_offset" not in rest
    [hit] = (page := questions.search("plum", limit=1))["hits"]
    assert hit != questions.search("plum", offset=page["next_offset"], limit=1)["hits"][0]
    [newest] = (page := questions.sessions(limit=1))["sessions"]
    assert [newest, *questions.sessions(offset=page["next_offset"])["sessions"]] == questions.sessions()["sessions"]


def test_a_turn_says_what_was_new_in_it(root: Path) -> None:
    assert questions.turn(SESSION, 2)["text"].startswith("[tool result Read]\nThe plum is ripe.")
    last = questions.turn(SESSION)
    assert (last["turn"], last["turns"], last["text"]) == (3, 3, "[user]\nEat it.\n\n[assistant]\nNo.")
    assert questions.turn(SESSION, section="system")["text"] == "[system]\nYou are hungry. "
    assert "Reads a file." in questions.turn(SESSION, section="tools")["text"]


def test_what_broke_the_prefix_comes_with_its_price_and_what_to_do(root: Path) -> None:
    found = questions.prefix_breaks(SESSION)
    assert "system-changed" in found["losses"]
    assert found["worst_turns"][0]["breaks"][0]["after"].startswith("You are hungry")
    assert found["remedies"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda: questions.turn(SESSION, 2),
        lambda: questions.search("plum", role="tool"),
        lambda: questions.search("ant", role="tool"),
    ],
    ids=["turn", "snippet", "what was found is in the secret"],
)
def test_a_secret_that_another_program_recorded_is_masked(root: Path, ask: Callable[[], Answer]) -> None:
    assert KEY in "".join(file.read_text() for file in root.rglob("*.json"))
    shown = answers.as_text(ask())
    assert "A1b2C3d4" not in shown
    assert "[redacted]" in shown


def test_no_answer_is_larger_than_an_agent_wants(root: Path) -> None:
    said = "plum " + "It is said at length. " * 200
    keep(root, *(exchange(200 + n, f"{n} {said * 20}", answer=said, ids=Ids(f"{n:08}-0")) for n in range(60)))
    assert questions.turn("00000003")["next_offset"] < questions.turn("00000003")["length"]
    for answer in (
        questions.search("plum", limit=100),
        questions.sessions(limit=100),
        questions.turn("00000003"),
    ):
        assert len(answers.as_text(answer)) < 1.2 * answers.MOST_CHARACTERS


def test_a_row_that_is_too_large_alone_is_shown_all_the_same() -> None:
    rows = [{"text": "x" * answers.MOST_CHARACTERS}] * 3
    assert answers.page("rows", rows, 1, 10) == {"rows": rows[:1], "next_offset": 2}


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (lambda: questions.session("nowhere"), "nowhere: no such file, folder, trace or session"),
        (lambda: questions.session("/etc/hostname"), "isn't among the recorded sessions"),
        (lambda: questions.session(".."), "isn't among the recorded sessions"),
        (lambda: questions.turn(SESSION, 9), "has the turns 1 to 3"),
        (lambda: questions.search("("), "there is no word"),
        (lambda: questions.search("(", regex=True), "no regular expression"),
        (lambda: questions.search("x", since="soon"), "neither an age"),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_line(root: Path, ask: Callable[[], Answer], reason: str) -> None:
    with pytest.raises(ToolkitError, match=reason.replace("(", r"\(")) as raised:
        ask()
    assert "\n" not in str(raised.value)


def test_a_file_that_cannot_be_read_is_counted(root: Path) -> None:
    (root / "llamacpp" / "2026-11-20T09-09-09-000.json").write_text("{")
    answer = questions.search("plum")
    assert (answer["unreadable_files"], len(answer["hits"])) == (1, 3)
    assert "Invalid JSON" in answer["first_reason"]


def test_an_answer_is_json_in_one_line(root: Path) -> None:
    assert json.loads(answers.as_text(answer := questions.session(SESSION))) == json.loads(json.dumps(answer))


def test_costs_are_added_up_and_what_is_unknown_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("HOME", str(root))
    (root / ".anyclauderc.json").write_text(json.dumps({"prices": {MODEL: {"input": 2, "output": 10}}}))
    used = {"input_tokens": 1_000_000, "output_tokens": 100_000}
    keep(root, exchange(300, "Much", answer="More", usage=used, ids=Ids("de40000-1")))
    [dearest, *rest] = questions.cost()["rows"]
    assert (dearest["session"], dearest["cost"]) == ("de40000-1", 3.0)
    assert {row["session"] for row in rest} == {OTHER, SESSION}
    assert questions.cost("de40000")["total"]["cost"] == 3.0
    assert questions.cost(SESSION)["unknown"]
    assert [row["model"] for row in questions.cost(by="model")["rows"]] == [MODEL]
