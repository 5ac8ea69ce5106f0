"""What a shared page still says about who made it."""

import json
from typing import Any

import pytest

from ui.anonymize import anonymize

OWN = ("ana", "anas-laptop.lan")


def names(text: str, **more: Any) -> str:
    return str(anonymize({"text": text, **more}, "names", OWN)["text"])


def test_nothing_is_changed_unless_it_is_asked_for() -> None:
    assert anonymize({"text": "/home/ana"}, None, OWN) == {"text": "/home/ana", "shared": None}


@pytest.mark.parametrize(
    ("text", "shared"),
    [
        ("/home/ana/project", "/home/user/project"),
        ("/Users/Ana/project", "/Users/user/project"),
        (r"C:\Users\ana\project", r"C:\Users\user\project"),
        (r'{"cwd":"C:\\Users\\ana"}', r'{"cwd":"C:\\Users\\user"}'),
        ("/home/x/y", "/home/user/y"),
        ("-rw-r--r-- 1 ana staff", "-rw-r--r-- 1 user staff"),
        ("~/.claude/projects/-home-ana-project", "~/.claude/projects/-home-user-project"),
        ("banana and Anatol", "banana and Anatol"),
        ("anaſ-laptop and ANAS-LAPTOP", "user and host"),
        ("ssh anas-laptop, anas-laptop.lan", "ssh host, host"),
        ("ana.k+git@example.org wrote", "user@example.com wrote"),
        ("npm i @scope/tool@1.2.3", "npm i @scope/tool@1.2.3"),
        ("http://192.168.1.7:1234/v1", "http://host:1234/v1"),
        ("http://127.0.0.1:1234/v1", "http://127.0.0.1:1234/v1"),
        ("session 1b4e28ba-2fa1-4d3b-9a0c-6f2b1c5d7e90", "session 00000000-0000-0000-0000-000000000000"),
        (f"device {'a1' * 32}", f"device {'0' * 64}"),
        (f"user_{'a1' * 32}_session", f"user_{'0' * 64}_session"),
        ("req_011CSomething and msg_01AbCdEfGh", "req_0000000000000 and msg_0000000000"),
        ("%2Fhome%2Fgundula%2Fx", "%2Fhome%2Fuser%2Fx"),
        ("http://100.101.5.7:8080", "http://host:8080"),
    ],
)
def test_names_are_replaced(text: str, shared: str) -> None:
    assert names(text) == shared


def test_a_user_whom_a_home_path_names_is_found_in_all_texts() -> None:
    assert names("bob wrote this", other="/home/bob/notes") == "user wrote this"


def test_common_user_names_stay() -> None:
    assert names("the user and root", other="/home/user/notes and /home/root") == "the user and root"


def test_the_host_that_requests_went_to_is_found_in_all_texts() -> None:
    assert names("gpu-box is down", raw={"url": "http://gpu-box:8000/v1/messages"}) == "host is down"


def test_a_public_host_stays() -> None:
    assert names("api.anthropic.com", raw={"url": "https://api.anthropic.com/v1"}) == "api.anthropic.com"


def test_names_of_fields_are_replaced_as_well() -> None:
    result = anonymize({"headers": {"/home/ana": "1"}}, "names", OWN)
    assert result == {"headers": {"/home/user": "1"}, "shared": "names"}


def test_strings_that_the_page_is_drawn_by_stay_even_if_a_user_has_the_same_name() -> None:
    page = {
        "report": {"turns": 1},
        "parts": [{"kind": "claude_md", "section": "tools"}],
        "text": "/home/report /home/claude",
    }

    result = anonymize(page, "names", ("tools", "parts"))

    assert result == {**page, "text": "/home/user /home/user", "shared": "names"}


def test_servers_in_a_comparison_are_numbered_but_not_named() -> None:
    labels = ["qwen3 @http://gpu-rig.corp:8080", "qwen3@http://macstudio.local:1234"]
    page = {"title": labels[0], "rows": [{"label": label} for label in labels], "advice": [f"Best: {labels[1]}"]}

    result = json.dumps([anonymize(page, share, OWN) for share in ("names", "numbers")])

    assert "gpu-rig" not in result
    assert "macstudio" not in result
    assert result.count("http://host:8080") == result.count("http://host-2:1234") == 4


PAGE = {
    "title": "qwen3, TOOL_CALL, 2026-11-20",
    "texts": ["private"],
    "items": [["private"]],
    "exchanges": [
        {
            "report": {
                "model": "qwen3",
                "state": "error",
                "error": {"kind": "http_error", "message": "private"},
                "ids": {"session": "private"},
                "tools": [{"name": "Read", "tokens": 7}, {"name": "mcp__private__x", "server": "private", "tokens": 9}],
                "tools_used": ["mcp__private__x"],
                "system": [{"number": 1, "start": "private", "tokens": 5}],
            },
            "raw": {"request": {"url": "private"}},
        }
    ],
    "parts": [{"kind": "tool", "name": "mcp__private__x", "text": 0, "media": "private"}],
}


def test_without_texts_only_numbers_and_known_words_stay() -> None:
    result = anonymize(PAGE, "numbers", OWN)

    assert "private" not in json.dumps(result)
    [exchange] = result["exchanges"]
    report = exchange["report"]
    assert (report["model"], report["state"], report["error"]["kind"]) == ("qwen3", "error", "http_error")
    assert [tool["tokens"] for tool in report["tools"]] == [7, 9]
    assert [tool["name"] for tool in report["tools"]] == ["Read", "name 1"]
    assert report["tools_used"] == [result["parts"][0]["name"]] == ["name 1"]
    assert report["tools"][1]["server"] == "server 1"
    assert (result["texts"], exchange["raw"], result["parts"][0]["text"]) == ([], None, None)


def test_without_texts_a_user_in_the_path_of_a_model_is_replaced() -> None:
    assert anonymize({"model": "/home/ana/qwen3.gguf"}, "numbers", OWN)["model"] == "/home/user/qwen3.gguf"


SESSION = {
    "title": "Session 5e551011, qwen3, 2026-11-20T09:00:00.000Z",
    "sessions": [
        {
            "report": {
                "session": "private",
                "turns": [
                    {"agent": "private", "tool_calls": ["Read", "mcp__private"], "why": "first", "file": "private"}
                ],
                "agents": [{"name": "private", "id": "private", "turns": 1}],
            },
            "cache": {
                "turns": [{"culprit": "date", "where": "tool private", "before": "private", "after": "private"}],
                "remedies": [{"name": "date", "how": "Begin a new session.", "tokens": 7}],
            },
            "causes": [{"kind": "date", "label": "date"}],
            "remarks": ["Input is the server's count."],
            "timeline": [{"from": 0, "to": 1.5, "activity": "waiting", "agent": "private", "turn": 1}],
            "exchanges": [{"parts": 0, "answer": 1, "raw": {"request": {"url": "private"}}}],
        }
    ],
    "lists": [[[0, 1]]],
    "itemLists": [[[0, 1]]],
}


def test_a_session_without_texts_still_has_its_figures_and_kinds() -> None:
    result = anonymize(SESSION, "numbers", OWN)

    assert "private" not in json.dumps(result)
    [session] = result["sessions"]
    [turn], [agent] = session["report"]["turns"], session["report"]["agents"]
    assert turn["agent"] == agent["name"] == session["timeline"][0]["agent"] == "name 1"
    assert turn["tool_calls"] == ["Read", "name 2"]
    assert (session["timeline"][0]["activity"], session["cache"]["turns"][0]["culprit"]) == ("waiting", "date")
    assert session["cache"]["remedies"][0] == {"name": "date", "how": "Begin a new session.", "tokens": 7}
    assert (result["lists"], session["exchanges"][0]["raw"]) == ([[[0, 1]]], None)
