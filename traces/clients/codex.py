"""OpenAI's Codex: ids in one header of JSON, subagents as threads of their own, and its own words in messages.

Seen in Codex 0.171, which asks in OpenAI's responses format.
"""

import re
from collections.abc import Iterator
from typing import Any

from traces import jsonio
from traces.clients.base import Client, Headers, Phrases, Piece, lower, string, whole
from traces.model import Exchange, Ids, Json

METADATA = "x-codex-turn-metadata"

PARENT = "x-codex-parent-thread-id"

SUBAGENT = "x-openai-subagent"

_MAIN = ("", "root", "main", "default")

_COMPACTION = "You are performing a CONTEXT CHECKPOINT COMPACTION"
"""How Codex asks for a summary of the history."""

_OWN = re.compile(
    r"\s*<(environment_context|user_instructions|turn_aborted|subagent_notification|user_shell_command)>"
    r".*</\1>\s*",
    re.DOTALL,
)
"""A text that Codex wrote in the user's place, whole."""

_FILE = re.compile(r"\s*# AGENTS\.md instructions(?: for ([^\n]+))?\n")


def _metadata(headers: Headers, body: Json) -> dict[str, Any]:
    """What the header says, or the same in the body, where a proxy before ours sends headers of its own."""
    text = headers.get(METADATA) or string(body, "client_metadata", METADATA) or ""
    try:
        found = jsonio.loads(text.encode())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_sender(headers: Headers, body: Json) -> bool:
    originator = headers.get("originator", "") or headers.get("user-agent", "")
    by_body = string(body, "client_metadata", METADATA) is not None
    return METADATA in headers or by_body or originator.lower().startswith("codex")


def _ids(headers: Headers, body: Json) -> Ids:
    """A subagent is a thread of its own, and says so: by who started it, by its kind or by its name."""
    said = _metadata(headers, body)
    session = string(said, "session_id") or headers.get("session-id") or headers.get("session_id")
    session = session or string(body, "client_metadata", "session_id") or string(body, "prompt_cache_key")
    thread = string(said, "thread_id") or headers.get("thread-id")
    session = session or thread
    parent = headers.get(PARENT) or string(said, "parent_thread_id")
    started = parent or headers.get(SUBAGENT) or string(said, "subagent_kind") or _own_name(said)
    if thread is None or thread == session or not started:
        return Ids(session)
    return Ids(session, thread, None if parent == session else parent)


def _agent_type(headers: Headers, body: Json) -> str | None:
    said = _metadata(headers, body)
    return _own_name(said) or headers.get(SUBAGENT) or string(said, "subagent_kind")


def _own_name(said: dict[str, Any]) -> str | None:
    """An agent's name, a path below that of the main one; None for the main one, and where it has no other."""
    name = (string(said, "agent_name") or "").strip("/").rpartition("/")[2]
    return name if name not in _MAIN else None


def _side_request(trace: Exchange) -> str | None:
    headers = lower(trace.request.headers)
    asked = string(_metadata(headers, trace.request.body), "request_kind") or "turn"
    if "compact" in f"{asked} {headers.get(SUBAGENT)}" or _asks_summary(trace.request.body):
        return "COMPACTION"
    if asked != "turn":
        return "SIDE_REQUEST"
    return "SUBAGENT" if _ids(headers, trace.request.body).agent else None


def _asks_summary(body: Json) -> bool:
    """Whether the last thing that is said asks for a summary of the history."""
    match body:
        case {"input": [*_, {"role": "user", "content": [{"text": str(text)}, *_] | str(text)}]}:
            return text.startswith(_COMPACTION)
    return False


def _pieces(text: str, in_result: bool) -> Iterator[Piece] | None:
    """A text is Codex's as a whole, or not at all."""
    if in_result:
        return None
    if file := _FILE.match(text):
        return whole("claude_md", text, f"{file[1].strip()}/AGENTS.md" if file[1] else "AGENTS.md")
    return whole("reminder", text) if _OWN.fullmatch(text) else None


CODEX = Client(
    "codex",
    "Codex",
    is_sender=_is_sender,
    ids=_ids,
    agent_type=_agent_type,
    side_request=_side_request,
    pieces=_pieces,
    environment=("<environment_context>", "<cwd>", "<shell>"),
    phrases=Phrases(
        additions="developer_instructions or a profile in config.toml, a hook, another client",
        prompt="developer_instructions in config.toml",
        memory="AGENTS.md",
    ),
    remedies={
        "tools": "Turn no MCP server on or off within a session: [mcp_servers] in config.toml, before it begins.",
        "one-model": "Set the same model for subagents, reviews and compaction in config.toml: the one that is loaded.",
        "compaction": "Load the model with a larger context and tell Codex: model_context_window in config.toml.",
    },
    own_names=frozenset(
        (
            *("exec_command", "write_stdin", "request_user_input", "view_image", "multi_agent_v1", "apply_patch"),
            *("get_goal", "create_goal", "update_goal", "update_plan", "shell", "local_shell", "spawn_agent"),
            *("send_input", "resume_agent", "wait_agent", "close_agent", "web_search"),
        )
    ),
)
