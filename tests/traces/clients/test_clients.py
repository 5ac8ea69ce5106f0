"""Which client sent a request, and what is known of a request of an unknown client."""

import pytest

from traces.clients import CLIENTS, UNKNOWN, client_of, ids_of, remedy
from traces.clients.base import Client
from traces.clients.claude_code.client import CLAUDE_CODE
from traces.clients.claude_code.fixes import FIXES
from traces.clients.codex import CODEX
from traces.clients.opencode import OPENCODE
from traces.model import Ids, Json

SESSION = "0b9e8f3a-5a4c-4e0f-9a51-2f9e5a8d7c10"
BILLING = {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1; cch=1a2b3;"}
OPENING = [{"type": "text", "text": "You are Claude Code, Anthropic's official CLI for Claude."}]

SENDERS: dict[str, tuple[dict[str, str], Json, Client]] = {
    "its user agent": ({"user-agent": "claude-cli/2.1.330 (external, cli)"}, {}, CLAUDE_CODE),
    "its headers": ({"x-claude-code-session-id": SESSION}, {}, CLAUDE_CODE),
    "its metadata": ({}, {"metadata": {"user_id": f"user_a_account__session_{SESSION}"}}, CLAUDE_CODE),
    "its metadata, behind another proxy": (
        {"user-agent": "litellm/1.80"},
        {"metadata": {"user_id": f"user_a_account__session_{SESSION}"}},
        CLAUDE_CODE,
    ),
    "its billing header": ({"user-agent": "python-httpx/0.28"}, {"system": [BILLING]}, CLAUDE_CODE),
    "its prompt": ({}, {"system": OPENING}, CLAUDE_CODE),
    "its prompt, in another client": ({"user-agent": "opencode/1.18.33"}, {"system": OPENING}, OPENCODE),
    "its prompt, in an unknown client": ({"user-agent": "curl/8"}, {"system": OPENING}, UNKNOWN),
    "Codex": ({"originator": "codex_exec"}, {}, CODEX),
    "a script": ({"user-agent": "OpenAI/Python 2.8.0"}, {"messages": []}, UNKNOWN),
    "nothing": ({}, None, UNKNOWN),
}


@pytest.mark.parametrize("case", SENDERS)
def test_a_client_is_known_by_its_headers_or_by_what_only_it_writes(case: str) -> None:
    headers, body, client = SENDERS[case]
    assert client_of(headers, body) is client


@pytest.mark.parametrize(
    ("headers", "body", "ids"),
    [
        ({"x-session-id": "s-1"}, {"prompt_cache_key": "k"}, Ids("s-1")),
        ({"x-session-affinity": "s-1"}, {}, Ids("s-1")),
        ({"helicone-session-id": "s-1"}, {}, Ids("s-1")),
        ({"x-grok-conv-id": "s-1"}, {}, Ids("s-1")),
        ({"x-openwebui-chat-id": "s-1", "x-openwebui-message-id": "m"}, {}, Ids("s-1")),
        ({"x-kilocode-taskid": "t", "x-session-id": "s-1"}, {}, Ids("s-1")),
        ({"x-request-id": "r", "x-user-id": "u", "authorization": "a"}, {}, Ids()),
        ({"x-parent-session-id": "s-0", "x-conversation-id": "s-1"}, {}, Ids("s-1")),
        ({"x-request-id": "r", "x-session-id": ""}, {"session_id": "s-1"}, Ids("s-1")),
        ({}, {"metadata": {"session_id": "s-1"}, "prompt_cache_key": "k"}, Ids("s-1")),
        ({}, {"conversation": "conv_1", "prompt_cache_key": "k"}, Ids("conv_1")),
        ({}, {"conversation": {"id": "conv_1"}}, Ids("conv_1")),
        ({}, {"prompt_cache_key": "k"}, Ids("k")),
        ({}, {"prompt_cache_key": ""}, Ids()),
        ({}, {"prompt_cache_key": 7, "conversation": None}, Ids()),
        ({}, {"previous_response_id": "resp_1"}, Ids()),
        ({}, "text", Ids()),
        ({"x-claude-code-agent-id": "a"}, {"prompt_cache_key": "k"}, Ids("k")),
    ],
)
def test_a_session_of_any_client_is_a_headers_a_conversation_or_a_cache_key(
    headers: dict[str, str], body: Json, ids: Ids
) -> None:
    assert ids_of(headers, body) == ids


@pytest.mark.parametrize("client", [*CLIENTS, ""])
@pytest.mark.parametrize("fix", [name for name in FIXES if name != "attribution"])
def test_no_other_client_is_advised_to_set_what_is_claude_codes(client: str, fix: str) -> None:
    words = remedy(fix, client)
    assert words
    assert client == "claude_code" or not any(own in words for own in ("Claude", "CLAUDE", "MCP_CONN", "ANTHROPIC"))


def test_a_new_client_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Client(
        "mine",
        "My Client",
        is_sender=lambda headers, body: "x-mine" in headers,
        ids=lambda headers, body: Ids(headers["x-mine"]),
    )
    monkeypatch.setitem(CLIENTS, "mine", mine)
    assert client_of({"x-mine": "s"}, {}) is mine
    assert ids_of({"x-mine": "s"}, {}) == Ids("s")
    assert remedy("date", "mine") == FIXES["date"].others
