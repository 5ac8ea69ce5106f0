"""The fixes: how to keep a prompt's prefix from turn to turn, and what each of them changes in a request.

Each session gets changes of its own, since most of them repeat what the session's first request said. A change takes a
body and returns a new one; a body that it doesn't understand is returned as it is. A new fix is a row in `FIXES`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from traces.clients.claude_code import billing
from traces.clients.claude_code.rewrite import TextChange, rewrite, system_texts
from traces.model import Json

Change = Callable[[Json], Json]
"""A request's body -> the fixed body."""

_DATE = re.compile(
    r"((?:Today's|The UTC|The current|Current) (?:date and time|date|time)(?: is|:)) (?!now\b)[^\n<.]*", re.IGNORECASE
)
"""Not "Today's date is now …": Claude Code says that once, at the end of a conversation, where it breaks nothing."""

_ENVIRONMENT = re.compile(
    r"^(# Environment)\n.*?(?=\s*Today's date|^# |\Z)"
    r"|(<env>).*?</env>"
    r"|(You are powered by the model) [^\n]*"
    r"|^(# gitStatus\n|gitStatus: ).*?(?=^# |</system-reminder>|\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to keep a prefix.

    what     what it changes, in one line
    how      what a user of Claude Code does to get the same for good
    start    a fresh change for one session; None where no change of a request can do it
    covers   other fixes that it includes
    text     a fresh change of a single text that the client wrote, where the fix changes only such texts
    others   what a user of any other client does; "" where that is the same
    """

    name: str
    what: str
    how: str
    start: Callable[[], Change] | None = None
    covers: tuple[str, ...] = ()
    text: Callable[[], TextChange] | None = None
    others: str = ""


def start_fixes(names: Sequence[str]) -> Change:
    """Return the named fixes as one fresh change for one session, in the order of `FIXES`. Raises KeyError."""
    wanted = {name: FIXES[name] for name in names}
    changes = [fix.start() for name, fix in FIXES.items() if name in wanted and fix.start is not None]

    def change(body: Json) -> Json:
        for each in changes:
            body = each(body)
        return body

    return change


def _remove_header() -> TextChange:
    return billing.remove_header


def _keep_date() -> TextChange:
    return _KeepFirst(_DATE)


def _keep_environment() -> TextChange:
    return _KeepFirst(_ENVIRONMENT)


def _remove_attribution() -> Change:
    change = _remove_header()
    return lambda body: rewrite(body, system=change)


def _keep_first_date() -> Change:
    first = _keep_date()
    return lambda body: rewrite(body, system=first, reminder=first)


def _keep_first_environment() -> Change:
    first = _keep_environment()
    return lambda body: rewrite(body, system=first, reminder=first)


class _KeepFirst:
    """Replaces each match of a pattern by the first match that had the same group: the words that it begins with."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._first: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        return self._pattern.sub(lambda found: self._first.setdefault(found[found.lastindex or 0], found[0]), text)


def _keep_tool_order() -> Change:
    """Return a change that keeps tools in the order in which the session first had them, new ones last."""
    ranks: dict[str, int] = {}

    def change(body: Json) -> Json:
        if not isinstance(body, dict) or (names := _tool_names(body)) is None:
            return body
        order = [ranks.setdefault(name, len(ranks)) for name in names]
        tools = [tool for _, tool in sorted(zip(order, body["tools"], strict=True), key=lambda pair: pair[0])]
        return {**body, "tools": tools}

    return change


def _keep_first_tools() -> Change:
    """Return a change that gives each agent the tools of its first request; an agent is known by its system prompt."""
    first: dict[bytes, list[Json]] = {}

    def change(body: Json) -> Json:
        if not isinstance(body, dict) or not _tool_names(body):
            return body  # a side request may well have no tools
        return {**body, "tools": first.setdefault(_agent_key(body), body["tools"])}

    return change


def _agent_key(body: Mapping[str, Any]) -> bytes:
    prompt = "\n".join(system_texts(body))
    return blake2b(billing.remove_header(prompt).encode(errors="surrogatepass"), digest_size=16).digest()


def _tool_names(body: Mapping[str, Any]) -> list[str] | None:
    """Return the tools' names; None where the tools aren't a list of tools with names."""
    tools = body.get("tools")
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        return None
    names = [_name(tool) or _name(tool.get("function")) for tool in tools]
    return [name for name in names if name] if all(names) else None


def _name(tool: Json) -> str | None:
    name = tool.get("name") if isinstance(tool, dict) else None
    return name if isinstance(name, str) else None


_FIXES = (
    Fix(
        "attribution",
        "leaves out the billing header at the top of the system prompt, which changes from request to request",
        "Set CLAUDE_CODE_ATTRIBUTION_HEADER=0 where claude runs (anyclaude sets it for local servers).",
        _remove_attribution,
        text=_remove_header,
    ),
    Fix(
        "date",
        "today's date stays the session's first",
        "Update Claude Code: 2.1.330 keeps a conversation's first date, also with --continue. Otherwise begin a new "
        "session on a new day.",
        _keep_first_date,
        text=_keep_date,
        others="Begin a new session on a new day, or keep the date out of the system prompt.",
    ),
    Fix(
        "environment",
        "the environment and the git status stay the session's first",
        "Update Claude Code: 2.1.330 keeps what a conversation began with, behind the system prompt. Otherwise set "
        '"includeGitInstructions": false in settings.json (or CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS=1), or start claude '
        "with --exclude-dynamic-system-prompt-sections.",
        _keep_first_environment,
        text=_keep_environment,
        others="Keep what changes, such as the state of the repository, out of the system prompt.",
    ),
    Fix(
        "tool-order",
        "tools keep the order in which the session first had them, new ones come last",
        "Let MCP servers be connected before the first request: MCP_CONNECTION_NONBLOCKING=0.",
        _keep_tool_order,
        others="Let MCP servers be connected before the first request, so that tools come in one order.",
    ),
    Fix(
        "tools",
        "each agent keeps the tools, and their descriptions, of its first request",
        "Let MCP servers be connected before the first request (MCP_CONNECTION_NONBLOCKING=0), and don't turn any on "
        "or off within a session (--strict-mcp-config --mcp-config FILE takes the same ones each time).",
        _keep_first_tools,
        covers=("tool-order",),
        others="Let MCP servers be connected before the first request, and don't turn any on or off within a session.",
    ),
    Fix(
        "slots",
        "the server holds several conversations, so that agents don't evict one another's",
        "llama.cpp: llama-server -np 2 with twice the -c, or --cache-ram 8192 (newer versions have it on). LM Studio: "
        "more Max Concurrent Predictions when loading. Ollama: OLLAMA_NUM_PARALLEL=2. vLLM holds as many as fit.",
    ),
    Fix(
        "side-requests",
        "the client sends no side requests between the turns of a conversation",
        "Set CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION=false and CLAUDE_CODE_DISABLE_TERMINAL_TITLE=1 where claude runs.",
        others="Turn titles and suggestions off in the client's settings, or let another server make them.",
    ),
    Fix(
        "one-model",
        "all requests go to one model: no cache serves two",
        "Set ANTHROPIC_DEFAULT_HAIKU_MODEL and CLAUDE_CODE_SUBAGENT_MODEL to the model that is loaded.",
        others="Set all models in the client's settings to the one that is loaded.",
    ),
    Fix(
        "compaction",
        "the conversation isn't compacted earlier than it must be",
        "Load the model with a larger context and set its size for the client: CLAUDE_CODE_MAX_CONTEXT_TOKENS.",
        others="Load the model with a larger context, and set its size in the client's settings.",
    ),
)

FIXES: Mapping[str, Fix] = {fix.name: fix for fix in _FIXES}
"""By name, in the order in which they are applied: a later one may change text that follows an earlier one's."""
