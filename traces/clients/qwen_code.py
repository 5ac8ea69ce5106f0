"""Qwen Code: no ids in its requests, reminders in Claude Code's tags, and OpenAI's chat format.

Seen in Qwen Code 0.24.
"""

from collections.abc import Mapping

from traces.clients.base import Client, Headers, Phrases, system_start
from traces.clients.claude_code.reminders import OPEN, pieces
from traces.clients.launch import Address, Launch, Setup, has_any
from traces.model import Exchange, Json

_SIDE_REQUESTS = {
    "You are the component that summarizes a conversation": "COMPACTION",
    "You are a specialized context summarizer": "COMPACTION",
    "You are an independent Goal Verifier": "SIDE_REQUEST",
    "You are a security classifier": "SIDE_REQUEST",
    "You are an assistant that rewrites raw coding-agent output": "SIDE_REQUEST",
    "You are a general-purpose subagent": "SUBAGENT",
    "You are a subagent spawned": "SUBAGENT",
    "You are a forked worker process": "SUBAGENT",
    "You are a file search specialist agent": "SUBAGENT",
    "You are a status line setup agent": "SUBAGENT",
    "You are a web search agent": "SUBAGENT",
}
"""How the system prompt of a request beside the main conversation begins -> its kind."""


def _is_sender(headers: Headers, body: Json) -> bool:
    return headers.get("user-agent", "").startswith("QwenCode/")


def _side_request(trace: Exchange) -> str | None:
    prompt = system_start(trace.request.body)
    return next((kind for start, kind in _SIDE_REQUESTS.items() if prompt.startswith(start)), None)


def _setup(address: Address, env: Mapping[str, str]) -> Setup:
    """Return variables, and the options that go before a login and a server in the user's settings."""
    url = f"{address.url}/v1"
    variables = {"OPENAI_BASE_URL": url}
    variables |= {"OPENAI_API_KEY": address.key} if address.key else {}
    variables |= {"OPENAI_MODEL": address.model} if address.model else {}
    return Setup(variables, ("--auth-type", "openai", "--openai-base-url", url))


QWEN_CODE = Client(
    "qwen_code",
    "Qwen Code",
    is_sender=_is_sender,
    side_request=_side_request,
    pieces=lambda text, in_result: pieces(text) if OPEN in text else None,
    environment=("today's date is", "my operating system is", "i'm currently working in the directory"),
    git=("git repository",),
    phrases=Phrases(
        additions="--append-system-prompt, an extension, a hook, another client",
        prompt="--append-system-prompt and output-language.md",
        memory="QWEN.md and memories",
    ),
    remedies={
        "tools": "Don't turn MCP servers on or off within a session: set mcpServers in settings.json before it begins.",
        "compaction": "Load the model with a larger context, and set its size in settings.json "
        "(model.generationConfig.contextWindowSize).",
    },
    own_names=frozenset(
        (
            *("agent", "ask_user_question", "edit", "exit_plan_mode", "get_goal", "glob", "grep_search", "list_agents"),
            *("list_directory", "lsp", "read_file", "run_shell_command", "save_memory", "skill", "task_stop"),
            *("todo_write", "tool_call", "tool_search", "update_goal", "web_fetch", "web_search", "write_file"),
            *("general-purpose", "Explore", "statusline-setup"),
        )
    ),
    resumed="qwen --continue",
    launch=Launch(
        "qwen",
        "@qwen-code/qwen-code",
        _setup,
        lambda arguments: bool(arguments) and not has_any("-i", "--prompt-interactive")(arguments),
        dialect="chat",
        context=20_000,
    ),
)
