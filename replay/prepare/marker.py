"""A marker at a prompt's beginning, which makes all of it new to a server's cache. In the shapes of all API formats.

It stands before the system prompt and in the first tool, since chat templates differ in which of them a model reads
first; without a system prompt, in the first message. Always in a place where a strict server lets a user write.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from traces.clients.claude_code import billing
from traces.model import Json

BILLING = billing.NAME

_SYSTEM = ("system", "instructions")
_CONVERSATION = ("messages", "input")
_MAY_BEGIN = ("system", "developer", "user")
"""The roles that a prompt begins with, and that a user may write for."""


class NoPlace(Exception):
    """The request has no place for a marker."""


def marked(body: Mapping[str, Any], marker: str) -> dict[str, Any]:
    """The body with the marker. Raises NoPlace."""
    new, text = dict(body), f"[{marker}]"
    if isinstance(tools := body.get("tools"), list):
        new["tools"] = _marked_tools(tools, text)
    if system := next((name for name in _SYSTEM if body.get(name)), None):
        new[system] = _before(text, body[system], "text")
    elif talk := next((name for name in _CONVERSATION if body.get(name)), None):
        new[talk] = _marked_talk(body[talk], text)
    if new == body:
        raise NoPlace("nothing in it can hold one")
    return new


def _marked_talk(messages: Any, text: str) -> Json:
    if isinstance(messages, str):
        return _at_start(text, messages)
    if not isinstance(messages, list):
        raise NoPlace(f"its messages are {messages!r:.60}")
    for at, message in enumerate(messages):
        if isinstance(message, dict) and message.get("role") in _MAY_BEGIN:
            kind = "input_text" if _is_item(message) else "text"
            first = {**message, "content": _before(text, message.get("content"), kind)}
            return [*messages[:at], first, *messages[at + 1 :]]
    raise NoPlace("it holds no message of a user")


def _is_item(message: Mapping[str, Any]) -> bool:
    """Whether a message is one of the Responses API, whose texts have a type of their own."""
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return any(isinstance(part, dict) and str(part.get("type")).startswith("input_") for part in parts)


def _before(text: str, content: Any, kind: str) -> Json:
    match content:
        case str():
            return _at_start(text, content)
        case [{"text": str(words)} as block, *others] if words.startswith(BILLING):
            return [{**block, "text": _at_start(text, words)}, *others]
        case list():
            return [{"type": kind, "text": text}, *content]
    raise NoPlace(f"its first content is {content!r:.60}")


def _at_start(text: str, words: str) -> str:
    """Claude Code's billing header still begins with its name: llama.cpp knows it by that, and blanks some of it."""
    return f"{BILLING} {text};{words.removeprefix(BILLING)}" if words.startswith(BILLING) else f"{text}\n{words}"


def _marked_tools(tools: Sequence[Any], text: str) -> list[Json]:
    """The first tool that a user describes. Those of the server's own have no description, and those that are loaded
    later aren't in the prompt."""
    new = list(tools)
    for at, tool in enumerate(tools):
        if isinstance(tool, dict) and (described := _described(tool)) is not None:
            given = described.get("description")
            words = {**described, "description": f"{text} {given}" if given else text}
            holder = next((name for name, value in tool.items() if value is described), None)
            new[at] = {**tool, holder: words} if holder else words
            break
    return new


def _described(tool: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What holds the description: the tool itself or, in chat completions, what it holds of its type."""
    kind = tool.get("type", "custom")
    if kind not in ("function", "custom") or tool.get("defer_loading"):
        return None
    held = tool.get(kind)
    return held if isinstance(held, dict) else tool if "name" in tool else None
