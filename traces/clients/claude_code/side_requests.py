"""Side requests: those that Claude Code makes beside a conversation, recognised by their shape.

A new one is one row in `_SIDE_REQUESTS`.
"""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from traces.model import Exchange


def side_request(trace: Exchange) -> str | None:
    """Return the kind of a side request, a name in `_SIDE_REQUESTS`; None for a turn of the main agent."""
    return next((name for name, is_one in _SIDE_REQUESTS.items() if is_one(trace)), None)


def _counts_tokens(trace: Exchange) -> bool:
    return urlsplit(trace.request.url).path.endswith("/count_tokens")


def _searches(trace: Exchange) -> bool:
    """Return whether the tool WebSearch sent it: the only tool is the server's own search."""
    match trace.request.body:
        case {"tools": [{"type": str(kind)}]}:
            return kind.startswith("web_search")
    return False


def _asks_title(trace: Exchange) -> bool:
    """Return whether it asks for a title: by a schema with nothing else, or in older clients by its prompt."""
    match trace.request.body:
        case {"output_config": {"format": {"schema": {"properties": dict(answer)}}}}:
            return list(answer) == ["title"]
        case {"tools": [_, *_]}:
            return False
        case {"system": [*_, {"text": str(prompt)}]}:
            return "new conversation topic" in prompt
    return False


def _probes_quota(trace: Exchange) -> bool:
    match trace.request.body:
        case {"max_tokens": 1, "messages": [{"role": "user", "content": "quota"}]}:
            return True
    return False


def _compacts(trace: Exchange) -> bool:
    return _class(trace) == "compaction" or "Your task is to create a detailed summary of" in _last_text(trace)


def _is_of_subagent(trace: Exchange) -> bool:
    """Return whether a subagent sent it, by its id, its class or the billing line at the top of its system prompt."""
    if trace.ids.agent is not None or _class(trace) in ("subagent", "workflow"):
        return True
    match trace.request.body:
        case {"system": [{"text": str(line)}, *_]}:
            return line.startswith("x-anthropic-billing-header:") and "cc_is_subagent=true" in line
    return False


def _class(trace: Exchange) -> str | None:
    """Return Claude Code's own name for this kind of request, sent with CLAUDE_CODE_GATEWAY_HINT_HEADERS=1."""
    headers = trace.request.headers.items()
    return next((value for key, value in headers if key.lower() == "x-claude-code-request-class"), None)


def _last_text(trace: Exchange) -> str:
    """Return the last text of the last message, where that is the user's; else an empty one."""
    match trace.request.body:
        case {"messages": [*_, {"role": "user", "content": str(text)}]}:
            return text
        case {"messages": [*_, {"role": "user", "content": [*_, {"type": "text", "text": str(text)}]}]}:
            return text
    return ""


_SIDE_REQUESTS: Mapping[str, Callable[[Exchange], bool]] = {
    "COUNT_TOKENS": _counts_tokens,
    "WEB_SEARCH": _searches,
    "WEB_FETCH": lambda trace: _last_text(trace).startswith("\nWeb page content:\n---"),
    "TITLE": _asks_title,
    "QUOTA_CHECK": _probes_quota,
    "SUGGESTION": lambda trace: _last_text(trace).startswith("[SUGGESTION MODE:"),
    "COMPACTION": _compacts,
    "SUBAGENT": _is_of_subagent,
    "SIDE_REQUEST": lambda trace: _class(trace) in ("auxiliary", "side_reply"),
}
"""Kind -> whether a request is of that kind. The first that fits counts: a subagent's web search is a web search."""
