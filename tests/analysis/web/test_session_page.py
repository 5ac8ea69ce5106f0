"""The data of the page of sessions: the figures of `session` and `cache`, and every exchange, without repetition."""

import json
from dataclasses import replace
from typing import Any

import pytest

from analysis.web import pages, session_page
from tests.support import pages as shown_pages
from tests.support import synthetic
from tests.support.analyzer import Analyzer
from tests.support.talks import Talk, body, called, reminder, result, said, system, user
from traces.errors import ToolkitError
from traces.sessions import lookup


def story() -> Talk:
    """Return a talk with a tool call and a subagent, whose billing header changes with each turn."""
    question = user(reminder("Be brief."), "What is in it?")
    read = called("Read", "t1", path="/etc/hosts")
    talk = Talk(mode="lmstudio")
    talk.ask(body(question, system=system("cch=11111;")), read)
    talk.ask(body(user("Look for it."), tools=[]), said("It is there."), agent="a1")
    talk.ask(body(question, read, result("t1", "localhost"), system=system("cch=22222;")), said("A host."))
    return talk


@pytest.fixture
def recorded(analyzer: Analyzer) -> Analyzer:
    synthetic.write_all(story().traces, analyzer.root)
    return analyzer


def data(analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, name: str = "latest") -> dict[str, Any]:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(analyzer.root))
    monkeypatch.setenv("XDG_CACHE_HOME", str(analyzer.home / "cache"))
    return session_page.SessionsPage().data(lookup.find(name, []))


def kinds(page: dict[str, Any], place: int) -> list[str]:
    return [part["kind"] for part in shown_pages.parts(page, place)]


def test_its_figures_are_the_json_of_session_and_of_cache(recorded: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    [session] = data(recorded, monkeypatch)["sessions"]

    assert [session["report"]] == json.loads(recorded("session", "--format", "json").stdout)
    assert session["cache"] == json.loads(recorded("cache", "--format", "json").stdout)
    assert session["causes"][0] == {"kind": "billing-header", "label": "billing header"}


def test_each_exchange_has_its_request_and_its_answer(recorded: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    page = data(recorded, monkeypatch)
    first, subagents, last = page["sessions"][0]["exchanges"]

    assert kinds(page, first["parts"]) == [*["tool"] * 4, *["system"] * 3, "reminder", "user"]
    assert kinds(page, first["answer"]) == ["tool_input"]
    assert kinds(page, subagents["parts"]) == ["system"] * 3 + ["user"]
    assert kinds(page, last["parts"])[-3:] == ["user", "tool_input", "tool_result"]
    assert first["raw"]["request"]["url"] == "http://localhost:8080/v1/messages?beta=true"


def test_what_a_turn_repeats_is_on_the_page_once(recorded: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    page = data(recorded, monkeypatch)
    texts = [page["texts"][part["text"]] for part in page["parts"]]

    assert len(texts) == len(set(texts))
    assert len(page["parts"]) == 4 + 4 + 2 + 1 + 1 + 1 + 1 + 1  # the header comes twice


def test_the_timeline_has_every_activity_in_seconds_since_the_beginning(
    recorded: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    [session] = data(recorded, monkeypatch)["sessions"]

    assert session["timeline"] == [
        {"from": 0.0, "to": 1.0, "activity": "waiting", "agent": "main", "turn": 1},
        {"from": 1.0, "to": 2.0, "activity": "writing", "agent": "main", "turn": 1},
        {"from": 10.0, "to": 11.0, "activity": "waiting", "agent": "subagent", "turn": 2},
        {"from": 11.0, "to": 12.0, "activity": "writing", "agent": "subagent", "turn": 2},
        {"from": 20.0, "to": 21.0, "activity": "waiting", "agent": "main", "turn": 3},
        {"from": 21.0, "to": 22.0, "activity": "writing", "agent": "main", "turn": 3},
        {"from": 2.0, "to": 20.0, "activity": "tools", "agent": "main", "turn": 3},
    ]


def test_a_page_that_is_read_again_has_the_new_turn_and_the_old_ones(
    recorded: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(recorded.root))
    page = session_page.SessionsPage()
    before = page.data(lookup.find("latest", []))
    synthetic.write_all(story().ask(body(user("And now?")), said("Nothing.")).traces[3:], recorded.root)

    after = page.data(lookup.find("latest", []))

    assert [len(each["sessions"][0]["exchanges"]) for each in (before, after)] == [3, 4]
    assert after["sessions"][0]["exchanges"][:3] == before["sessions"][0]["exchanges"]
    assert kinds(after, after["sessions"][0]["exchanges"][3]["answer"]) == ["assistant"]


def test_an_exchange_whose_file_is_gone_has_no_raw_form(recorded: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(recorded.root))
    found = lookup.find("latest", [])
    next(recorded.root.rglob("*00-00-000.json")).unlink()

    [session] = session_page.SessionsPage().data(found)["sessions"]

    assert [exchange["raw"] is None for exchange in session["exchanges"]] == [True, False, False]


def test_a_session_that_the_server_refused_has_a_page(analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = replace(synthetic.failed(), ids=story().traces[0].ids)
    synthetic.write_all([refused], analyzer.root)

    [session] = data(analyzer, monkeypatch)["sessions"]

    assert (session["cache"], session["causes"]) == (None, [])


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("latest", "qwen3-coder, 3 turns, 2026-11-20T09:00:00.000Z"),
        ("5e551011", "qwen3-coder, 3 turns, 2026-11-20T09:00:00.000Z"),
        ("last:1", "qwen3-coder, TEXT_GENERATION, 2026-11-20T09:00:20.000Z"),
        ("2026-11-20T09-00-00-000", "qwen3-coder, TOOL_CALL, 2026-11-20T09:00:00.000Z"),
        ("{root}/lmstudio/2026-11-20T09-00-00-000.json", "qwen3-coder, TOOL_CALL, 2026-11-20T09:00:00.000Z"),
        ("{root}", "qwen3-coder, 3 turns, 2026-11-20T09:00:00.000Z"),
    ],
)
def test_a_name_means_a_session_or_a_trace(
    recorded: Analyzer, monkeypatch: pytest.MonkeyPatch, name: str, title: str
) -> None:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(recorded.root))

    page = pages.page_of(name.format(root=recorded.root), None, "o200k_base", None, [])

    assert page.data["title"] == title


def test_several_sessions_are_on_one_page_the_newest_first(recorded: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    synthetic.write_all([synthetic.tool_call()], recorded.root)

    page = data(recorded, monkeypatch, str(recorded.root))

    assert page["title"] == "2 sessions"
    began = [session["report"]["turns"][0]["timestamp"][:4] for session in page["sessions"]]
    assert began == ["2026", "2025"]


def test_a_name_that_means_nothing_is_an_error(recorded: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(recorded.root))

    with pytest.raises(ToolkitError, match="trace or session"):
        pages.page_of("nothing", None, "o200k_base", None, [])
