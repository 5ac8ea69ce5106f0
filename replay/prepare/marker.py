"""Markers, which make a prompt new to a server's cache from where they are, in every API format.

The cold marker makes all of it new. It is put before the system prompt and into the first tool, since chat templates
differ in which of them comes first; without a system prompt, into the first message. A strict server accepts text from
a user in all of these places.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from traces.clients.claude_code import billing
from traces.model import Json

BILLING = billing.NAME

_SYSTEM = ("system", "instructions")
_CONVERSATION = ("messages", "input")
_MAY_BEGIN = ("system", "developer", "user")
"""The roles of messages that may begin a prompt, and whose text a user may write."""


class NoPlace(Exception):
    """The request has no place for a marker."""


def add_marker(body: Mapping[str, Any], marker: str) -> dict[str, Any]:
    """Return the body with the marker. Raises NoPlace."""
    new, text = dict(body), f"[{marker}]"
    if "contents" in body:
        return _mark_contents(new, text)
    if isinstance(tools := body.get("tools"), list):
        new["tools"] = _mark_tools(tools, text)
    if system := next((name for name in _SYSTEM if body.get(name)), None):
        new[system] = _before(text, body[system], "text")
    elif field := next((name for name in _CONVERSATION if body.get(name)), None):
        new[field] = _mark_messages(body[field], text)
    if new == body:
        raise NoPlace("nothing in it can contain one")
    return new


def mark_first_message(body: Mapping[str, Any], marker: str) -> dict[str, Any]:
    """Return the body with the marker at the beginning of the user's first message. Raises NoPlace.

    What is before it, the tools and the system prompt, stays what others send, too.
    """
    new, text = dict(body), f"[{marker}]"
    match body.get("contents"):
        case [{"parts": [*parts]} as first, *others]:
            return {**new, "contents": [{**first, "parts": [{"text": text}, *parts]}, *others]}
    field = next((name for name in _CONVERSATION if body.get(name)), None)
    if field is None:
        raise NoPlace("it has no message")
    new[field] = _mark_messages(body[field], text, ("user",))
    return new


def _mark_contents(body: dict[str, Any], text: str) -> dict[str, Any]:
    """Return a request of Gemini's with the marker, in a part of its own and before a function's description."""
    part = {"text": text}
    match body:
        case {"systemInstruction": {"parts": [*parts]} as system}:
            body["systemInstruction"] = {**system, "parts": [part, *parts]}
        case {"contents": [{"parts": [*parts]} as first, *others]}:
            body["contents"] = [{**first, "parts": [part, *parts]}, *others]
        case _:
            raise NoPlace("its first content has no parts")
    match body.get("tools"):
        case [{"functionDeclarations": [*declared]} as tool, *others]:
            body["tools"] = [{**tool, "functionDeclarations": _mark_tools(declared, text)}, *others]
    return body


def _mark_messages(messages: Any, text: str, roles: Sequence[str] = _MAY_BEGIN) -> Json:
    if isinstance(messages, str):
        return _at_start(text, messages)
    if not isinstance(messages, list):
        raise NoPlace(f"its messages are {messages!r:.60}")
    for at, message in enumerate(messages):
        if isinstance(message, dict) and message.get("role") in roles:
            kind = "input_text" if _is_item(message) else "text"
            first = {**message, "content": _before(text, message.get("content"), kind)}
            return [*messages[:at], first, *messages[at + 1 :]]
    raise NoPlace("it has no message of a user")


def _is_item(message: Mapping[str, Any]) -> bool:
    """Return whether a message is one of the Responses API, whose texts have a type of their own."""
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
    """Put the marker before a text, but after the name of a billing header: llama.cpp blanks part of such a header."""
    return f"{BILLING} {text};{words.removeprefix(BILLING)}" if words.startswith(BILLING) else f"{text}\n{words}"


def _mark_tools(tools: Sequence[Any], text: str) -> list[Json]:
    """Return the tools with the marker in the first one that has a description of the user's.

    The server's own tools have none, and tools that are loaded later aren't in the prompt.
    """
    new = list(tools)
    for at, tool in enumerate(tools):
        if isinstance(tool, dict) and (described := _holder_of_description(tool)) is not None:
            given = described.get("description")
            words = {**described, "description": f"{text} {given}" if given else text}
            holder = next((name for name, value in tool.items() if value is described), None)
            new[at] = {**tool, holder: words} if holder else words
            break
    return new


def _holder_of_description(tool: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the object with the description: the tool itself or, in chat completions, the one within it."""
    kind = tool.get("type", "custom")
    if kind not in ("function", "custom") or tool.get("defer_loading"):
        return None
    held = tool.get(kind)
    return held if isinstance(held, dict) else tool if "name" in tool else None
