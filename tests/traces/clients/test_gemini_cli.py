"""Gemini CLI's requests, in shapes seen of 0.61, shortened."""

from typing import Any

import pytest

from traces.clients import client_of, ids_of, side_request
from traces.clients.gemini_cli import GEMINI_CLI
from traces.model import Ids, Json, Request, Trace

HEADERS = {"user-agent": "GeminiCLI/0.61.0/gemini-3.8-flash (linux; x64; terminal)"}


def body(prompt: str, *tools: str, **more: Any) -> Json:
    declared = [{"functionDeclarations": [{"name": name} for name in tools]}]
    return {"systemInstruction": {"parts": [{"text": prompt}]}, "contents": [], "tools": declared, **more}


REQUESTS: dict[str, tuple[Json, str | None]] = {
    "a turn": (body("You are Gemini CLI, an agent.", "read_file", "invoke_agent"), None),
    "a subagent's turn, with the same prompt": (
        body("You are Gemini CLI, an agent.", "read_file", "complete_task"),
        "SUBAGENT",
    ),
    "its routing": (body("\nYou are a specialized Task Routing AI. Your …"), "SIDE_REQUEST"),
    "a compaction": (
        body("You are a specialized system component responsible for distilling chat history"),
        "COMPACTION",
    ),
    "who speaks next": (body("You are Gemini CLI.", generationConfig={"responseJsonSchema": {}}), "SIDE_REQUEST"),
    "odd tools": ({"contents": [], "tools": [{"functionDeclarations": [7, None]}]}, None),
    "nothing": (None, None),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_what_it_asks_beside_the_conversation_is_known_by_its_prompt_or_its_tools(case: str) -> None:
    asked, kind = REQUESTS[case]
    assert client_of(HEADERS, asked) is GEMINI_CLI
    assert ids_of(HEADERS, asked) == Ids()
    request = Request("POST", "http://box/v1beta/models/m:streamGenerateContent?alt=sse", HEADERS, asked)
    assert side_request(Trace("2026-11-22T10:00:00.000Z", "gemini", request)) == kind
