"""Where the marker that makes a prompt new to a server's cache is put."""

import json
from typing import Any

import pytest

from replay.prepare.marker import NoPlace, add_marker, mark_first_message

TOOL = {"name": "Read", "description": "Reads.", "input_schema": {}}
FUNCTION = {"type": "function", "name": "Look", "parameters": {}}
HELLO = {"role": "user", "content": "Hello"}

MARKED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "blocks of a system prompt": (
        {"system": [{"type": "text", "text": "Be brief."}]},
        {"system": [{"type": "text", "text": "[x]"}, {"type": "text", "text": "Be brief."}]},
    ),
    "a text as system prompt": ({"system": "Be brief."}, {"system": "[x]\nBe brief."}),
    "no system prompt": (
        {"messages": [{"role": "user", "content": "Hello"}]},
        {"messages": [{"role": "user", "content": "[x]\nHello"}]},
    ),
    "a chat's system message": (
        {"messages": [{"role": "system", "content": [{"type": "text", "text": "Be brief."}]}]},
        {
            "messages": [
                {"role": "system", "content": [{"type": "text", "text": "[x]"}, {"type": "text", "text": "Be brief."}]}
            ]
        },
    ),
    "Claude Code's billing header, which a server knows by how it begins": (
        {"system": [{"type": "text", "text": "x-anthropic-billing-header: cch=1;"}]},
        {"system": [{"type": "text", "text": "x-anthropic-billing-header: [x]; cch=1;"}]},
    ),
    "tools, which some templates show first": (
        {"tools": [TOOL, TOOL], "system": "Be brief."},
        {"tools": [{**TOOL, "description": "[x] Reads."}, TOOL], "system": "[x]\nBe brief."},
    ),
    "a tool of the server's own first, which has no description": (
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}, TOOL], "system": "Be brief."},
        {
            "tools": [
                {"type": "web_search_20250305", "name": "web_search"},
                {**TOOL, "description": "[x] Reads."},
            ],
            "system": "[x]\nBe brief.",
        },
    ),
    "a toolset, a tool that Anthropic describes, and one that is loaded later": (
        {
            "tools": [
                {"type": "mcp_toolset", "mcp_server_name": "files"},
                {"type": "bash_20250124", "name": "bash"},
                {**TOOL, "defer_loading": True},
                {"type": "custom", "name": "Look", "input_schema": {}},
            ],
            "system": "Be brief.",
        },
        {
            "tools": [
                {"type": "mcp_toolset", "mcp_server_name": "files"},
                {"type": "bash_20250124", "name": "bash"},
                {**TOOL, "defer_loading": True},
                {"type": "custom", "name": "Look", "input_schema": {}, "description": "[x]"},
            ],
            "system": "[x]\nBe brief.",
        },
    ),
    "a server's tools only": (
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}], "messages": [HELLO]},
        {
            "tools": [{"type": "web_search_20250305", "name": "web_search"}],
            "messages": [{"role": "user", "content": "[x]\nHello"}],
        },
    ),
    "a chat's custom tools": (
        {"tools": [{"type": "web_search"}, {"type": "custom", "custom": {"name": "patch"}}], "messages": [HELLO]},
        {
            "tools": [{"type": "web_search"}, {"type": "custom", "custom": {"name": "patch", "description": "[x]"}}],
            "messages": [{"role": "user", "content": "[x]\nHello"}],
        },
    ),
    "a conversation that begins with an answer": (
        {"messages": [{"role": "assistant", "content": None}, {"role": "user", "content": "Hello"}]},
        {"messages": [{"role": "assistant", "content": None}, {"role": "user", "content": "[x]\nHello"}]},
    ),
    "the instructions and tools of the Responses API": (
        {"instructions": "Be brief.", "input": "Hello", "tools": [{"type": "web_search"}, FUNCTION]},
        {
            "instructions": "[x]\nBe brief.",
            "input": "Hello",
            "tools": [{"type": "web_search"}, {**FUNCTION, "description": "[x]"}],
        },
    ),
    "a text for input": ({"input": "Hello"}, {"input": "[x]\nHello"}),
    "items for input": (
        {"input": [{"type": "reasoning"}, {"role": "developer", "content": [{"type": "input_text", "text": "Hi"}]}]},
        {
            "input": [
                {"type": "reasoning"},
                {
                    "role": "developer",
                    "content": [{"type": "input_text", "text": "[x]"}, {"type": "input_text", "text": "Hi"}],
                },
            ]
        },
    ),
    "a chat's tools": (
        {"tools": [{"type": "function", "function": TOOL}], "messages": []},
        {"tools": [{"type": "function", "function": {**TOOL, "description": "[x] Reads."}}], "messages": []},
    ),
}


@pytest.mark.parametrize("what", MARKED)
def test_a_marker_is_before_everything_a_model_may_read_first(what: str) -> None:
    body, expected = MARKED[what]
    before = json.dumps(body)
    assert add_marker(body, "x") == expected
    assert json.dumps(body) == before


@pytest.mark.parametrize("body", [{}, {"messages": []}, {"messages": [{"role": "assistant", "content": "Hi"}]}])
def test_where_no_user_writes_there_is_no_place(body: dict[str, Any]) -> None:
    with pytest.raises(NoPlace):
        add_marker(body, "x")


FIRST_MESSAGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a text": ({"messages": [HELLO]}, {"messages": [{"role": "user", "content": "[x]\nHello"}]}),
    "blocks, behind a chat's system message": (
        {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [{"type": "text"}]}]},
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "[x]"}, {"type": "text"}]},
            ]
        },
    ),
    "items of the Responses API": (
        {
            "input": [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": [{"type": "input_text"}]},
            ]
        },
        {
            "input": [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": [{"type": "input_text", "text": "[x]"}, {"type": "input_text"}]},
            ]
        },
    ),
    "a text as the whole input": ({"input": "Hello"}, {"input": "[x]\nHello"}),
    "Gemini's contents": (
        {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]},
        {"contents": [{"role": "user", "parts": [{"text": "[x]"}, {"text": "Hello"}]}]},
    ),
}


@pytest.mark.parametrize("case", FIRST_MESSAGES)
def test_the_users_first_message_can_be_marked_and_nothing_before_it(case: str) -> None:
    body, marked = FIRST_MESSAGES[case]
    shared = {"tools": [TOOL], "system": "Be brief."}
    assert mark_first_message({**shared, **body}, "x") == {**shared, **marked}


@pytest.mark.parametrize("body", [{}, {"messages": []}, {"messages": [{"role": "assistant", "content": "Hello"}]}])
def test_without_a_message_of_the_user_there_is_no_first_one(body: dict[str, Any]) -> None:
    with pytest.raises(NoPlace):
        mark_first_message(body, "x")
