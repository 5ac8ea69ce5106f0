"""What the fixes change in a request, and that they leave alone what isn't theirs."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.json_values import json_values
from traces.clients.claude_code.fixes import FIXES, start_fixes

KEYS = [
    *("system", "messages", "tools", "input", "role", "user", "content", "type", "text", "name", "function"),
    *("instructions", "x-anthropic-billing-header: 1", "Today's date is 1", "# Environment\n1", "<env></env>"),
    *("<system-reminder>", "</system-reminder>"),
]

CHANGING = [name for name, fix in FIXES.items() if fix.start]

BODIES = st.dictionaries(st.sampled_from(KEYS), json_values(st.sampled_from(KEYS)), max_size=6)


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def billing(cch: str) -> str:
    return f"x-anthropic-billing-header: cc_version=2.1; cc_entrypoint=cli; cch={cch};"


def tool(name: str, description: str = "") -> dict[str, Any]:
    return {"name": name, "description": description, "input_schema": {"type": "object"}}


def environment(branch: str, day: str) -> str:
    return f"# Environment\nYou are in:\n - Directory: /src\n - Branch: {branch}\n\nToday's date is {day}."


def git_status(branch: str) -> str:
    return f"<system-reminder>\n# gitStatus\nThis is it.\n\nCurrent branch: {branch}\n</system-reminder>\n"


TURNS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "attribution": (
        {"system": [text(billing("1a")), text("You code.")]},
        {"system": [text(billing("2b")), text("You code.")]},
    ),
    "attribution in a string": (
        {"system": f"{billing('1a')}\nYou code."},
        {"system": f"{billing('2b')}\nYou code."},
    ),
    "attribution in a system message": (
        {"messages": [{"role": "system", "content": f"You code.\n{billing('1a')}"}]},
        {"messages": [{"role": "system", "content": f"You code.\n{billing('2b')}"}]},
    ),
    "date": (
        {"messages": [{"role": "system", "content": [text(environment("main", "2026-11-22"))]}]},
        {"messages": [{"role": "system", "content": [text(environment("main", "2026-11-23"))]}]},
    ),
    "date, a time": ({"system": "Current time: 10:31\nGo."}, {"system": "Current time: 10:32\nGo."}),
    "environment, the model": (
        {"system": "You are powered by the model a.\nGo."},
        {"system": "You are powered by the model b.\nGo."},
    ),
    "date in a reminder": (
        {"messages": [{"role": "user", "content": "<system-reminder>\nToday's date: Nov 22\n</system-reminder>Hi"}]},
        {"messages": [{"role": "user", "content": "<system-reminder>\nToday's date: Nov 23\n</system-reminder>Hi"}]},
    ),
    "environment": (
        {"system": [text(environment("main", "2026-11-22"))]},
        {"system": [text(environment("fix", "2026-11-22"))]},
    ),
    "environment in tags": (
        {"system": "Here:\n<env>\nOS: a\n</env>\nGo."},
        {"system": "Here:\n<env>\nOS: b\n</env>\nGo."},
    ),
    "environment, the git status": (
        {"system": [text("You code.\ngitStatus: This is it.\nStatus:\n M a.py")]},
        {"system": [text("You code.\ngitStatus: This is it.\nStatus:\n M b.py")]},
    ),
    "environment, the git status in a reminder": (
        {"messages": [{"role": "user", "content": [text(git_status("main")), text("Hi")]}]},
        {"messages": [{"role": "user", "content": [text(git_status("fix")), text("Hi")]}]},
    ),
    "tool-order": (
        {"tools": [tool("Read"), tool("Bash"), tool("Edit")]},
        {"tools": [tool("Bash"), tool("Edit"), tool("Read")]},
    ),
    "tool-order of chat completions": (
        {"tools": [{"function": tool("Read")}, {"function": tool("Bash")}]},
        {"tools": [{"function": tool("Bash")}, {"function": tool("Read")}]},
    ),
    "tools, one added": (
        {"system": "You code.", "tools": [tool("Read")]},
        {"system": "You code.", "tools": [tool("mcp__x__y"), tool("Read")]},
    ),
    "tools, another description": (
        {"system": "You code.", "tools": [tool("Read", "today")]},
        {"system": "You code.", "tools": [tool("Read", "tomorrow")]},
    ),
}
"""Two turns of a session that differ in nothing but what the fix is for; its name comes first."""


@pytest.mark.parametrize("case", TURNS)
def test_two_turns_are_alike_once_fixed(case: str) -> None:
    change = start_fixes([case.split()[0].strip(",")])
    first, second = TURNS[case]
    assert first != second
    assert change(first) == change(second)


@pytest.mark.parametrize("case", TURNS)
def test_a_sessions_first_request_stays_as_it_was_but_for_the_billing_header(case: str) -> None:
    first, _ = TURNS[case]
    change = start_fixes([name for name in CHANGING if name != "attribution"])
    assert change(first) == first


@pytest.mark.parametrize("case", TURNS)
def test_another_session_begins_with_what_it_says_itself(case: str) -> None:
    name = case.split()[0].strip(",")
    _, second = TURNS[case]
    start_fixes([name])(TURNS[case][0])
    if name != "attribution":
        assert start_fixes([name])(second) == second


def test_what_a_user_says_about_a_date_is_left_alone() -> None:
    said = {"messages": [{"role": "user", "content": "Today's date is Monday."}]}
    change = start_fixes(["date"])
    change({"system": "Today's date is Sunday."})
    assert change(said) == said


def test_a_reminder_of_a_new_date_stays() -> None:
    reminder = {
        "messages": [{"role": "user", "content": "<system-reminder>Today's date is now Monday.</system-reminder>"}]
    }
    change = start_fixes(["date"])
    change({"system": "Today's date is Sunday."})
    assert change(reminder) == reminder


def test_a_billing_block_is_left_out_whole() -> None:
    body = {"system": [text(billing("1")), text("You code.")]}
    assert start_fixes(["attribution"])(body) == {"system": [text("You code.")]}


def test_another_agent_keeps_tools_of_its_own() -> None:
    change = start_fixes(["tools"])
    change({"system": "You code.", "tools": [tool("Read"), tool("Bash")]})
    searcher = {"system": "You search.", "tools": [tool("Grep")]}
    assert change(searcher) == searcher


def test_an_agent_is_known_in_spite_of_its_billing_header() -> None:
    change = start_fixes(["tools"])
    change({"system": [text(billing("1")), text("You code.")], "tools": [tool("Read")]})
    assert change({"system": [text(billing("2")), text("You code.")], "tools": [tool("Bash")]}) == {
        "system": [text(billing("2")), text("You code.")],
        "tools": [tool("Read")],
    }


def test_a_new_tool_comes_last() -> None:
    change = start_fixes(["tool-order"])
    change({"tools": [tool("Read"), tool("Bash")]})
    assert change({"tools": [tool("New"), tool("Bash"), tool("Read")]}) == {
        "tools": [tool("Read"), tool("Bash"), tool("New")]
    }


def test_fixes_work_together_in_whatever_order_they_are_named() -> None:
    first = {"system": [text(billing("1")), text(environment("main", "Sunday"))], "tools": [tool("A"), tool("B")]}
    second = {"system": [text(billing("2")), text(environment("fix", "Monday"))], "tools": [tool("B"), tool("C")]}
    for names in (CHANGING, CHANGING[::-1]):
        change = start_fixes(names)
        assert change(first) == change(second)


def test_what_no_request_can_fix_is_advice_only() -> None:
    assert [name for name in FIXES if name not in CHANGING] == ["slots", "side-requests", "one-model", "compaction"]
    body = {"system": "You code."}
    assert start_fixes(["slots"])(body) is body


@given(BODIES, BODIES)
def test_no_fix_changes_the_request_it_is_given(first: dict[str, Any], second: dict[str, Any]) -> None:
    change = start_fixes(CHANGING)
    kept = copy.deepcopy((first, second))
    change(first)
    change(second)
    assert repr((first, second)) == repr(kept)


@given(json_values(st.sampled_from(KEYS)))
def test_a_fix_brings_forth_a_request_whatever_it_is_given(anything: object) -> None:
    change = start_fixes(CHANGING)
    once = change(anything)
    assert type(once) is type(anything)
    assert repr(change(once)) == repr(once)
