"""Gemini CLI: a message of context at a conversation's beginning, side requests for routing, and Gemini's format.

Seen in Gemini CLI 0.61.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from traces.clients.base import Client, Headers, Phrases, Piece, single_piece, system_start
from traces.clients.launch import Address, Home, Launch, Setup, has_any
from traces.errors import ToolkitError
from traces.model import Exchange, Json

_SIDE_REQUESTS = {
    "You are a specialized component responsible for distilling chat history": "COMPACTION",
    "You are a specialized system component responsible for distilling chat history": "COMPACTION",
    "You are an expert context compressor": "COMPACTION",
    "You are a specialized Task Routing AI": "SIDE_REQUEST",
    "You are a Task Routing AI": "SIDE_REQUEST",
    "You are a diagnostic agent that determines whether a conversational AI assistant is stuck": "SIDE_REQUEST",
    "You are an expert code-editing assistant": "SIDE_REQUEST",
    "You are a security": "SIDE_REQUEST",
    "You are an Auto Memory Extraction Agent": "SUBAGENT",
    "You are a sub-agent": "SUBAGENT",
}
"""How the system prompt of a request beside the main conversation begins -> its kind."""

_CONTEXT = "<session_context>"

HOME = "GEMINI_CLI_HOME"
"""Names the folder that holds `.gemini`. A file of system settings, which goes before all, must be root's."""


def _is_sender(headers: Headers, body: Json) -> bool:
    return headers.get("user-agent", "").startswith("GeminiCLI")


def _side_request(trace: Exchange) -> str | None:
    body = trace.request.body
    prompt = system_start(body).lstrip()
    if found := next((kind for start, kind in _SIDE_REQUESTS.items() if prompt.startswith(start)), None):
        return found
    match body:
        case {"generationConfig": {"responseJsonSchema": dict()} | {"responseSchema": dict()}}:
            return "SIDE_REQUEST"  # who speaks next, or a corrected edit: no turn asks for a schema
        case {"tools": [{"functionDeclarations": [*tools]}, *_]} if any(map(_reports_back, tools)):
            return "SUBAGENT"
    return None


def _reports_back(tool: Json) -> bool:
    """Return whether it is the tool by which a subagent gives its result, which only subagents have."""
    return isinstance(tool, dict) and tool.get("name") == "complete_task"


def _pieces(text: str, in_result: bool) -> Iterator[Piece] | None:
    """Return the text as one piece, where it is the message with which each conversation begins."""
    is_context = not in_result and text.lstrip().startswith(_CONTEXT)
    return single_piece("reminder", text) if is_context else None


def _setup(address: Address, env: Mapping[str, str]) -> Setup:
    """Return variables, and settings that choose the login by key: only with that it heeds the variables."""
    variables = {"GOOGLE_GEMINI_BASE_URL": address.url}
    variables |= {"GEMINI_API_KEY": address.key} if address.key else {}
    variables |= {"GEMINI_MODEL": address.model} if address.model else {}
    own = Path(env.get(HOME) or Path.home()) / ".gemini"
    settings = _settings(own / "settings.json")
    security = _dict_at(settings, "security")
    auth = {**_dict_at(security, "auth"), "selectedType": "gemini-api-key"}
    settings |= {"security": {**security, "auth": auth}}
    return Setup(variables, home=Home(HOME, own, "settings.json", settings))


_TEXT_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


def _settings(path: Path) -> dict[str, Any]:
    """Return the user's settings, which may hold comments. Raise ToolkitError where they can't be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ToolkitError(f"{path} can't be read: {error}") from None
    try:
        found = json.loads(_TEXT_OR_COMMENT.sub(r"\1", text) or "{}")
    except ValueError as error:
        raise ToolkitError(f"{path} can't be read as JSON ({error}): Gemini CLI can't use it either, mend it") from None
    return found if isinstance(found, dict) else {}


def _dict_at(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    held = settings.get(name)
    return held if isinstance(held, dict) else {}


GEMINI_CLI = Client(
    "gemini_cli",
    "Gemini CLI",
    is_sender=_is_sender,
    side_request=_side_request,
    pieces=_pieces,
    environment=("today's date is", "my operating system is", "the project's temporary directory", "workspace dir"),
    git=("git repository", "^git status"),
    phrases=Phrases(
        additions="GEMINI_SYSTEM_MD, an extension, a hook, another client",
        prompt="GEMINI_SYSTEM_MD",
        memory="GEMINI.md and memories",
    ),
    remedies={
        "tools": "Don't turn MCP servers on or off within a session: set mcpServers in settings.json before it begins.",
        "compaction": "Raise model.compressionThreshold in settings.json.",
    },
    own_names=frozenset(
        (
            *("activate_skill", "ask_user", "cli_help", "codebase_investigator", "enter_plan_mode", "exit_plan_mode"),
            *("generalist", "get_internal_docs", "glob", "google_web_search", "grep_search", "list_directory"),
            *("read_file", "read_many_files", "replace", "run_shell_command", "save_memory", "update_topic"),
            *("web_fetch", "write_file", "write_todos"),
        )
    ),
    resumed="gemini --resume latest",
    launch=Launch(
        "gemini",
        "@google/gemini-cli",
        _setup,
        has_any("-p", "--prompt", "--version", "--help"),
        server="gemini",
        dialect="gemini",
        context=12_000,
    ),
)
