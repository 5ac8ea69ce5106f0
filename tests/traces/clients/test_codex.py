"""Codex's requests, in shapes seen of 0.171, shortened."""

import json
from typing import Any

import pytest

from traces.clients import client_of, ids_of, pieces, side_request
from traces.clients.codex import CODEX
from traces.model import Ids, Json, Request, Trace


def metadata(**more: Any) -> dict[str, str]:
    metadata = {"session_id": "s-1", "thread_id": "s-1", "agent_name": "/root", "request_kind": "turn", **more}
    return {"x-codex-turn-metadata": json.dumps(metadata)}


IDS: dict[str, tuple[dict[str, str], Json, Ids]] = {
    "the main agent": (metadata(), {}, Ids("s-1")),
    "a subagent": (metadata(thread_id="t-2", agent_name="/root/scout"), {}, Ids("s-1", "t-2")),
    "a subagent of a subagent": (
        metadata(thread_id="t-3") | {"x-codex-parent-thread-id": "t-2"},
        {},
        Ids("s-1", "t-3", "t-2"),
    ),
    "one that the main agent started": (
        metadata(thread_id="t-2") | {"x-codex-parent-thread-id": "s-1"},
        {},
        Ids("s-1", "t-2"),
    ),
    "a subagent that has the main one's name": (
        metadata(thread_id="t-2", subagent_kind="thread_spawn", parent_thread_id="s-1"),
        {},
        Ids("s-1", "t-2"),
    ),
    "a thread of another name that nobody started": (metadata(thread_id="t-2"), {}, Ids("s-1")),
    "headers of their own": (
        {"originator": "codex_cli_rs", "session-id": "s-1", "thread-id": "t-2", "x-openai-subagent": "review"},
        {},
        Ids("s-1", "t-2"),
    ),
    "a thread without a session": (metadata(session_id=None), {}, Ids("s-1")),
    "an older one": ({"user-agent": "codex_exec/0.30", "session_id": "s-1"}, {}, Ids("s-1")),
    "the body alone": ({"originator": "codex_vscode"}, {"prompt_cache_key": "s-1"}, Ids("s-1")),
    "the body alone, behind another proxy": (
        {"user-agent": "litellm/1.80"},
        {"client_metadata": metadata(thread_id="t-2", agent_name="/root/scout")},
        Ids("s-1", "t-2"),
    ),
    "metadata that is no JSON": ({"x-codex-turn-metadata": "{", "session-id": "s-1"}, {}, Ids("s-1")),
    "metadata that is no object": ({"x-codex-turn-metadata": "[1]"}, {"prompt_cache_key": "s-1"}, Ids("s-1")),
    "metadata of other types": (metadata(session_id=7, thread_id=None), None, Ids()),
}


@pytest.mark.parametrize("case", IDS)
def test_session_and_agent_are_those_of_its_metadata(case: str) -> None:
    headers, body, ids = IDS[case]
    assert client_of(headers, body) is CODEX
    assert ids_of(headers, body) == ids


@pytest.mark.parametrize("text", ["You are performing a CONTEXT CHECKPOINT COMPACTION. Create a summary."])
@pytest.mark.parametrize("as_blocks", [True, False])
def test_a_question_for_a_summary_is_a_compaction(text: str, as_blocks: bool) -> None:
    content: Json = [{"type": "input_text", "text": text}] if as_blocks else text
    history: list[Json] = [{"role": "user", "content": "hello"}, {"role": "user", "content": content}]
    assert side_request(request(metadata(), {"input": history})) == "COMPACTION"
    assert side_request(request(metadata(), {"input": [*history, {"type": "compaction", "summary": "…"}]})) is None


def request(headers: dict[str, str], body: Json = None) -> Trace:
    return Trace("2026-11-22T10:00:00.000Z", "llamacpp", Request("POST", "http://box/v1/responses", headers, body))


SIDE: dict[str, tuple[dict[str, str], str | None]] = {
    "a turn": (metadata(), None),
    "a turn of which it doesn't say so": (metadata(request_kind=None), None),
    "a compaction": (metadata(request_kind="compaction"), "COMPACTION"),
    "a compaction by its header": (metadata() | {"X-OpenAI-Subagent": "compact"}, "COMPACTION"),
    "a compaction that the server makes": (metadata(request_kind="remote_compaction"), "COMPACTION"),
    "a subagent's compaction": (metadata(request_kind="compaction") | {"x-openai-subagent": "review"}, "COMPACTION"),
    "anything else": (metadata(request_kind="memory"), "SIDE_REQUEST"),
    "a subagent's turn": (metadata(thread_id="t-2", subagent_kind="thread_spawn"), "SUBAGENT"),
}


@pytest.mark.parametrize("case", SIDE)
def test_the_kind_of_a_request_is_the_one_that_it_says(case: str) -> None:
    headers, kind = SIDE[case]
    assert side_request(request(headers)) == kind


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (metadata(), None),
        (metadata(agent_name="/root/scout"), "scout"),
        (metadata(subagent_kind="review", agent_name="/root/x"), "x"),
        (metadata(subagent_kind="review"), "review"),
        (metadata() | {"x-openai-subagent": "review"}, "review"),
    ],
)
def test_a_subagents_type_is_the_one_that_it_says(headers: dict[str, str], kind: str | None) -> None:
    assert CODEX.agent_type(headers, {}) == kind


CONTEXT = "<environment_context>\n  <cwd>/src</cwd>\n</environment_context>"
INSTRUCTIONS = "# AGENTS.md instructions for /src\n\n<INSTRUCTIONS>\nBe brief.\n</INSTRUCTIONS>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CONTEXT, [("reminder", None, CONTEXT)]),
        (f"{CONTEXT}\n", [("reminder", None, f"{CONTEXT}\n")]),
        (INSTRUCTIONS, [("claude_md", "/src/AGENTS.md", INSTRUCTIONS)]),
        (f"{CONTEXT} and what I say", None),
        (f"what is {CONTEXT}?", None),
        ("<task_instructions>Do it.</task_instructions>", None),
        ("", None),
    ],
)
def test_what_it_writes_in_the_users_place_is_separated_from_what_the_user_wrote(text: str, expected: object) -> None:
    found = pieces(text)
    assert (None if found is None else list(found)) == expected


def test_what_a_tool_read_is_the_tools_result() -> None:
    assert pieces(CONTEXT, in_result=True) is None


def test_a_websockets_frame_speaks_for_itself_whatever_the_handshake_said() -> None:
    warmed = metadata(request_kind="prewarm")
    frame = {"client_metadata": metadata(request_kind="turn", thread_id="t-2", agent_name="/root/scout")}
    assert side_request(request(warmed, {"client_metadata": warmed})) == "SIDE_REQUEST"
    assert side_request(request(warmed, frame)) == "SUBAGENT"
    assert ids_of(warmed, frame) == Ids("s-1", "t-2")


def test_a_history_that_the_server_shortens_is_a_compaction() -> None:
    trace = Trace("", "local", Request("POST", "http://x/v1/responses/compact", metadata(), {"input": []}))
    assert side_request(trace) == "COMPACTION"
