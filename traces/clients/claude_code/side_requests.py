"""The requests that Claude Code makes on the side of a conversation, known by their shape.

A new one is one row in `_SIDE_REQUESTS`.
"""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from traces.model import Exchange


def side_request(trace: Exchange) -> str | None:
    """COUNT_TOKENS, WEB_SEARCH, WEB_FETCH, TITLE, QUOTA_CHECK, SUGGESTION, COMPACTION, SUBAGENT or SIDE_REQUEST."""
    return next((name for name, is_one in _SIDE_REQUESTS.items() if is_one(trace)), None)


def _counts_tokens(trace: Exchange) -> bool:
    return urlsplit(trace.request.url).path.endswith("/count_tokens")


def _searches(trace: Exchange) -> bool:
    """The tool WebSearch asks a model that is given the server's own search and nothing else."""
    match trace.request.body:
        case {"tools": [{"type": str(kind)}]}:
            return kind.startswith("web_search")
    return False


def _asks_title(trace: Exchange) -> bool:
    """A JSON answer that is a title and nothing else; older clients say so in the prompt only."""
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
    """By its id, by its class, or by the billing line at the top of its system prompt."""
    if trace.ids.agent is not None or _class(trace) in ("subagent", "workflow"):
        return True
    match trace.request.body:
        case {"system": [{"text": str(line)}, *_]}:
            return line.startswith("x-anthropic-billing-header:") and "cc_is_subagent=true" in line
    return False


def _class(trace: Exchange) -> str | None:
    """Claude Code's own word for the request, sent with CLAUDE_CODE_GATEWAY_HINT_HEADERS=1."""
    headers = trace.request.headers.items()
    return next((value for key, value in headers if key.lower() == "x-claude-code-request-class"), None)


def _last_text(trace: Exchange) -> str:
    """What the last message says at its end, where that is the user's."""
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
"""Name -> whether a request is one. The first that says yes names it: a subagent's web search is a web search."""
