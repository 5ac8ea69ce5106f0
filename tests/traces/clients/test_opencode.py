"""opencode's requests, in shapes seen of 1.18, shortened."""

import pytest

from traces.clients import client_of, ids_of, side_request
from traces.clients.opencode import OPENCODE
from traces.model import Ids, Json, Request, Trace

AGENT = {"user-agent": "opencode/1.18.33 ai-sdk/provider-utils/4.0.23 runtime/bun/1.3.14"}
SESSION = {"x-session-id": "ses_1", "x-session-affinity": "ses_1"}

IDS: dict[str, tuple[dict[str, str], Ids]] = {
    "the main agent": (AGENT | SESSION, Ids("ses_1")),
    "a subagent": (AGENT | {"x-session-id": "ses_2", "x-parent-session-id": "ses_1"}, Ids("ses_1", "ses_2")),
    "its own service": (AGENT | {"x-opencode-session": "ses_1", "x-opencode-request": "msg_1"}, Ids("ses_1")),
    "no ids": (AGENT, Ids()),
}


@pytest.mark.parametrize("case", IDS)
def test_the_session_is_a_headers_and_a_subagent_names_the_session_that_started_it(case: str) -> None:
    headers, ids = IDS[case]
    assert client_of(headers, {}) is OPENCODE
    assert ids_of(headers, {}) == ids


TITLE = "You are a title generator. You output ONLY a thread title. Nothing else."
USER = {"role": "user", "content": "hello"}

SIDE: dict[str, tuple[Json, str | None]] = {
    "a turn": ({"messages": [{"role": "system", "content": "You are opencode."}, USER]}, None),
    "a title": ({"messages": [{"role": "system", "content": TITLE}, USER]}, "TITLE"),
    "a title, in Anthropic's format": ({"system": [{"type": "text", "text": TITLE}], "messages": [USER]}, "TITLE"),
    "a title, in the responses format": ({"instructions": TITLE, "input": "hello"}, "TITLE"),
    "a title, as the developer's": ({"input": [{"role": "developer", "content": TITLE}]}, "TITLE"),
    "a compaction": (
        {"messages": [{"role": "system", "content": "You are a context summarization agent. You …"}, USER]},
        "COMPACTION",
    ),
    "a user who speaks of titles": ({"messages": [{"role": "user", "content": TITLE}]}, None),
    "nothing": (None, None),
}


@pytest.mark.parametrize("case", SIDE)
def test_what_it_asks_on_the_side_is_known_by_its_system_prompt(case: str) -> None:
    body, kind = SIDE[case]
    request = Request("POST", "http://box/v1/chat/completions", {"User-Agent": AGENT["user-agent"]}, body)
    assert side_request(Trace("2026-11-22T10:00:00.000Z", "llamacpp", request)) == kind


def test_a_subagents_turn_is_one() -> None:
    headers = AGENT | {"x-session-id": "ses_2", "x-parent-session-id": "ses_1"}
    request = Request("POST", "http://box/v1/chat/completions", headers, {"messages": [USER]})
    assert side_request(Trace("2026-11-22T10:00:00.000Z", "llamacpp", request)) == "SUBAGENT"
