"""OpenAI's Codex: ids in one header of JSON, subagents as threads, and what it writes into messages.

Seen in Codex 0.171, which uses OpenAI's responses format.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from traces import jsonio
from traces.clients.base import Client, Headers, Phrases, Piece, lower, single_piece, text_at
from traces.clients.launch import KEY_VARIABLE, PATIENCE_MS, Address, Launch, Setup, has_any
from traces.model import Exchange, Ids, Json

METADATA = "x-codex-turn-metadata"

PARENT = "x-codex-parent-thread-id"

SUBAGENT = "x-openai-subagent"

_MAIN = ("", "root", "main", "default")

_COMPACTION = "You are performing a CONTEXT CHECKPOINT COMPACTION"
"""How Codex asks for a summary of the history."""

_CODEX_MESSAGE = re.compile(
    r"\s*<(environment_context|user_instructions|turn_aborted|subagent_notification|user_shell_command)>"
    r".*</\1>\s*",
    re.DOTALL,
)
"""A user's message that Codex wrote itself, as a whole."""

_FILE = re.compile(r"\s*# AGENTS\.md instructions(?: for ([^\n]+))?\n")


def _metadata(headers: Headers, body: Json) -> dict[str, Any]:
    """Return the metadata in the body, else that in the header.

    Another proxy before ours may replace headers, and those of a WebSocket are of its first request.
    """
    text = text_at(body, "client_metadata", METADATA) or headers.get(METADATA) or ""
    try:
        found = jsonio.loads(text.encode())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_sender(headers: Headers, body: Json) -> bool:
    originator = headers.get("originator", "") or headers.get("user-agent", "")
    by_body = text_at(body, "client_metadata", METADATA) is not None
    return METADATA in headers or by_body or originator.lower().startswith("codex")


def _ids(headers: Headers, body: Json) -> Ids:
    """Return the ids. A subagent is a thread of its own, with its parent's id, its kind or its name beside it."""
    metadata = _metadata(headers, body)
    session = text_at(metadata, "session_id") or headers.get("session-id") or headers.get("session_id")
    session = session or text_at(body, "client_metadata", "session_id") or text_at(body, "prompt_cache_key")
    thread = text_at(metadata, "thread_id") or headers.get("thread-id")
    session = session or thread
    parent = headers.get(PARENT) or text_at(metadata, "parent_thread_id")
    started = parent or headers.get(SUBAGENT) or text_at(metadata, "subagent_kind") or _agent_name(metadata)
    if thread is None or thread == session or not started:
        return Ids(session)
    return Ids(session, thread, None if parent == session else parent)


def _agent_type(headers: Headers, body: Json) -> str | None:
    metadata = _metadata(headers, body)
    return _agent_name(metadata) or headers.get(SUBAGENT) or text_at(metadata, "subagent_kind")


def _agent_name(metadata: dict[str, Any]) -> str | None:
    """Return an agent's name, the end of a path below the main agent's; None for the main agent, or without a name."""
    name = (text_at(metadata, "agent_name") or "").strip("/").rpartition("/")[2]
    return name if name not in _MAIN else None


def _side_request(trace: Exchange) -> str | None:
    headers = lower(trace.request.headers)
    request_kind = text_at(_metadata(headers, trace.request.body), "request_kind") or "turn"
    compacts = urlsplit(trace.request.url).path.endswith("/compact")
    if compacts or "compact" in f"{request_kind} {headers.get(SUBAGENT)}" or _asks_summary(trace.request.body):
        return "COMPACTION"
    if request_kind != "turn":
        return "SIDE_REQUEST"
    return "SUBAGENT" if _ids(headers, trace.request.body).agent else None


def _asks_summary(body: Json) -> bool:
    """Return whether the last message asks for a summary of the history."""
    match body:
        case {"input": [*_, {"role": "user", "content": [{"text": str(text)}, *_] | str(text)}]}:
            return text.startswith(_COMPACTION)
    return False


def _pieces(text: str, in_result: bool) -> Iterator[Piece] | None:
    """Return the text as one piece, where Codex wrote it: it writes whole messages, never parts of one."""
    if in_result:
        return None
    if file := _FILE.match(text):
        return single_piece("claude_md", text, f"{file[1].strip()}/AGENTS.md" if file[1] else "AGENTS.md")
    return single_piece("reminder", text) if _CODEX_MESSAGE.fullmatch(text) else None


def _setup(address: Address, env: Mapping[str, str]) -> Setup:
    """Return options that define a provider: they go before config.toml, and the user's own options before them."""
    provider: dict[str, Any] = {"name": "anyclaude", "base_url": f"{address.url}/v1", "wire_api": "responses"}
    provider |= {"env_key": KEY_VARIABLE} if address.key else {"requires_openai_auth": True}
    if address.is_local:
        provider["stream_idle_timeout_ms"] = PATIENCE_MS
    settings = {f"model_providers.anyclaude.{name}": value for name, value in provider.items()}
    settings["model_provider"] = "anyclaude"
    if address.model:
        settings["model"] = address.model
    # Its values are TOML, in which JSON's texts, numbers and true mean the same.
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={json.dumps(value)}")]
    return Setup({KEY_VARIABLE: address.key} if address.key else {}, words)


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
        "tools": "Don't turn MCP servers on or off within a session: set [mcp_servers] in config.toml before it "
        "begins.",
        "one-model": "Set the same model for subagents, reviews and compaction in config.toml: the one that is loaded.",
        "compaction": "Load the model with a larger context and set its size: model_context_window in config.toml.",
    },
    own_names=frozenset(
        (
            *("exec_command", "write_stdin", "request_user_input", "view_image", "multi_agent_v1", "apply_patch"),
            *("get_goal", "create_goal", "update_goal", "update_plan", "shell", "local_shell", "spawn_agent"),
            *("send_input", "resume_agent", "wait_agent", "close_agent", "web_search"),
        )
    ),
    resumed="codex resume --last",
    launch=Launch(
        "codex", "@openai/codex", _setup, has_any("exec", "e", "review"), dialect="responses", context=10_000
    ),
)
