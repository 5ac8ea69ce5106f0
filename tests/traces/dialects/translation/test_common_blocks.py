"""Blocks that only Anthropic's servers read, in blocks that every server knows."""

from typing import Any

import pytest

from tests.support.bodies import IMAGE, PDF, assistant, result, text, use, user
from traces.dialects.translation.common_blocks import loaded_tools, to_common_blocks
from traces.dialects.translation.notes import Notes


def in_common_blocks(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    return to_common_blocks(messages, Notes())


def server_call(ident: str, name: str, **given: Any) -> dict[str, Any]:
    return {"type": "server_tool_use", "id": ident, "name": name, "input": given}


def call(ident: str, name: str, **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": ident, "name": name, "input": given}


FOUND = {"type": "web_search_result", "url": "https://x.example", "title": "Tides", "encrypted_content": "Eo8C"}


@pytest.mark.parametrize(
    ("kind", "content", "shown"),
    [
        ("web_search_tool_result", [FOUND], [text("Tides"), text("https://x.example")]),
        (
            "web_search_tool_result",
            {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"},
            [text("Error: max_uses_exceeded")],
        ),
        (
            "code_execution_tool_result",
            {"type": "code_execution_result", "stdout": "4\n", "stderr": "", "return_code": 0, "content": []},
            [text("4\n")],
        ),
        (
            "web_fetch_tool_result",
            {"type": "web_fetch_result", "url": "https://x.example/a.pdf", "content": PDF},
            [text("https://x.example/a.pdf"), PDF],
        ),
        (
            "tool_search_tool_result",
            {
                "type": "tool_search_tool_search_result",
                "tool_references": [{"type": "tool_reference", "tool_name": "Grep"}],
            },
            [text("The tool Grep is loaded.")],
        ),
        ("mcp_tool_result", [text("one"), IMAGE], [text("one"), IMAGE]),
        ("mcp_tool_result", "one", [text("one")]),
        ("crystal_ball_tool_result", {"type": "vision", "seen": 1}, [text('{"seen":1}')]),
    ],
)
def test_what_a_server_ran_within_an_answer_is_a_turn_of_its_own(kind: str, content: Any, shown: Any) -> None:
    ran = {"type": kind, "tool_use_id": "s", "content": content}
    assert in_common_blocks(
        assistant(text("Let me see."), server_call("s", "look", q="tides"), ran, text("High."))
    ) == [
        assistant(text("Let me see."), call("s", "look", q="tides")),
        user(result("s", shown)),
        assistant(text("High.")),
    ]


def test_several_calls_of_a_server_are_as_many_turns_and_the_last_may_end_an_answer() -> None:
    ran = [{"type": "mcp_tool_result", "tool_use_id": ident, "content": "ok", "is_error": True} for ident in "abc"]
    calls = [{**server_call(ident, "look"), "type": "mcp_tool_use", "server_name": "files"} for ident in "abc"]
    assert in_common_blocks(assistant(calls[0], calls[1], ran[0], ran[1], calls[2], ran[2])) == [
        assistant(call("a", "look"), call("b", "look")),
        user(*(result(ident, [text("ok")], is_error=True) for ident in "ab")),
        assistant(call("c", "look")),
        user(result("c", [text("ok")], is_error=True)),
    ]


SEARCHED = {"type": "search_result", "source": "docs", "title": "Tides", "content": [text("High at six.")]}


@pytest.mark.parametrize(
    ("block", "blocks"),
    [
        (SEARCHED, [text("Tides"), text("docs"), text("High at six.")]),
        ({"type": "tool_reference", "tool_name": "Grep"}, [text("The tool Grep is loaded.")]),
        ({"type": "compaction", "content": "So far."}, [text("So far.")]),
        ({"type": "container_upload", "file_id": "f"}, []),
        (
            {"type": "document", "title": "T", "source": {"type": "content", "content": [text("a"), IMAGE]}},
            [text("T"), text("a"), IMAGE],
        ),
        ({**PDF, "context": "A map.", "citations": {"enabled": True}}, [text("A map."), PDF]),
        ({"type": "hologram", "of": "a cat"}, [text('{"of":"a cat"}')]),
        (text("Hi"), [text("Hi")]),
    ],
)
def test_what_other_servers_do_not_know_is_text_wherever_it_is(block: Any, blocks: Any) -> None:
    assert in_common_blocks(user(block)) == [user(*blocks)]
    assert in_common_blocks(user(result("a", [block]))) == [user(result("a", blocks))]
    assert in_common_blocks(assistant(block)) == [assistant(*blocks)]


def test_each_change_is_noted() -> None:
    notes = Notes()
    to_common_blocks([assistant(server_call("s", "web_search")), user(SEARCHED, {"type": "hologram"})], notes)
    assert notes.lines() == (
        "a call that the server ran itself (web_search): sent as a call of a tool",
        "a search_result: sent as text",
        "a block of the kind hologram: sent as its JSON",
    )


def test_a_tool_is_loaded_by_a_reference_or_by_being_called() -> None:
    found = {
        "type": "tool_search_tool_result",
        "tool_use_id": "s",
        "content": {"tool_references": [{"type": "tool_reference", "tool_name": "Glob"}]},
    }
    grep = result("a", [{"type": "tool_reference", "tool_name": "Grep"}])
    assert loaded_tools([assistant(use("a"), found), user(grep), user(text("Hi"))]) == {"Read", "Glob", "Grep"}
