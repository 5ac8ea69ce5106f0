"""Changes the texts of a request that the client wrote by itself: the system prompt, and reminders in messages.

The texts of the user, the model and the tools stay as they are, and so does whatever isn't shaped like a request to
Anthropic or OpenAI.
"""

from collections.abc import Callable, Iterator
from typing import Any

from traces.clients.claude_code import reminders
from traces.model import Json

TextChange = Callable[[str], str]

SYSTEM_ROLES = ("system", "developer")


def _unchanged(text: str) -> str:
    return text


def rewrite(body: Json, system: TextChange, reminder: TextChange = _unchanged) -> Json:
    """Return a new body, with its texts changed by these.

    `system` changes the system prompt and messages with that role, `reminder` each <system-reminder> in the user's
    messages. A block that ends up empty is left out.
    """
    if not isinstance(body, dict):
        return body
    new = dict(body)
    for name in ("system", "instructions"):
        if name in body:
            new[name] = _content(body[name], system)
    for name in ("messages", "input"):
        if isinstance(messages := body.get(name), list):
            new[name] = [_message(message, system, reminder) for message in messages]
    return new


def system_texts(body: Json) -> Iterator[str]:
    """Yield the texts of the system prompt: its fields, then the messages with that role at the beginning."""
    if not isinstance(body, dict):
        return
    contents = [body.get("system"), body.get("instructions")]
    for name in ("messages", "input"):
        messages = body.get(name)
        for message in messages if isinstance(messages, list) else ():
            if not isinstance(message, dict) or message.get("role") not in SYSTEM_ROLES:
                break
            contents.append(message.get("content"))
    for content in contents:
        blocks = content if isinstance(content, list) else [content]
        yield from (text for block in blocks if (text := _text(block)) is not None)


def _message(message: Json, system: TextChange, reminder: TextChange) -> Json:
    if not isinstance(message, dict) or "content" not in message:
        return message
    role = message.get("role")
    if role in SYSTEM_ROLES:
        return {**message, "content": _content(message["content"], system)}
    if role == "user" and reminder is not _unchanged:
        return {**message, "content": _content(message["content"], lambda text: _in_reminders(text, reminder))}
    return message


def _content(content: Json, change: TextChange) -> Json:
    """Return a content with its texts changed: a string, or a list of blocks of which some hold a text."""
    if isinstance(content, str):
        return change(content)
    if not isinstance(content, list):
        return content
    changed = [(block, _block(block, change)) for block in content]
    return [new for old, new in changed if new == old or _text(new) != ""]


def _block(block: Json, change: TextChange) -> Json:
    text = _text(block)
    if text is None:
        return block
    return change(text) if isinstance(block, str) else {**_fields(block), "text": change(text)}


def _text(block: Json) -> str | None:
    text = block.get("text") if isinstance(block, dict) else block
    return text if isinstance(text, str) else None


def _fields(block: Json) -> dict[str, Any]:
    assert isinstance(block, dict)
    return block


def _in_reminders(text: str, change: TextChange) -> str:
    return "".join(change(words) if kind == "reminder" else words for kind, _, words in reminders.pieces(text))
