"""Messages of the role `system` in mid-conversation, which many chat templates refuse: they allow it first, or once.

Folded, such a message becomes part of the user's message beside it, in the form of Claude Code's reminders, so that
what comes before it stays unchanged (and in the server's cache). All API formats are covered.
"""

from collections.abc import Sequence
from typing import Any

from traces.dialects.translation.notes import Notes

Fields = dict[str, Any]

ROLES = ("system", "developer")

REMINDER = "<system-reminder>\n{}\n</system-reminder>"
FOLDED = "a system message in mid-conversation: folded into the user's message"


def is_system(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") in ROLES


def has_midway(body: Fields) -> bool:
    """Return whether there is one after the conversation's beginning."""
    messages = _messages(body)
    return any(map(is_system, messages[begin(messages) :]))


def fold(body: Fields, notes: Notes) -> Fields:
    """Return the body with each such message in the user's message before it, else in the one after it."""
    messages = _messages(body)
    start = begin(messages)
    if not any(map(is_system, messages[start:])):
        return body
    new: list[Any] = list(messages[:start])
    waiting: list[str] = []
    for message in messages[start:]:
        if is_system(message):
            notes.add(FOLDED)
            reminder = REMINDER.format(text_of(message.get("content")))
            if new and _is_user(new[-1]):
                new[-1] = {**new[-1], "content": _join(new[-1].get("content"), [reminder], after=True)}
            else:
                waiting.append(reminder)
            continue
        if _is_result(message):
            new.append(message)  # must follow its call, so a reminder waits
            continue
        if waiting and _is_user(message):
            content = message.get("content")
            message = {**message, "content": _join(content, waiting, after=_holds_results(content))}
        elif waiting:
            new.append({"role": "user", "content": "\n".join(waiting)})
        waiting = []
        new.append(message)
    if waiting:
        new.append({"role": "user", "content": "\n".join(waiting)})
    return {**body, "messages" if "messages" in body else "input": new}


def merge_leading(messages: Sequence[Fields]) -> list[Fields]:
    """Return chat messages with the leading system messages merged into one."""
    start = begin(messages)
    if start < 2:
        return list(messages)
    return [
        {"role": "system", "content": "\n".join(text_of(each["content"]) for each in messages[:start])},
        *messages[start:],
    ]


def _messages(body: Fields) -> Sequence[Any]:
    given = body.get("messages", body.get("input"))
    return given if isinstance(given, list) else []


def begin(messages: Sequence[Any]) -> int:
    """Return the index at which the conversation begins, after the leading system messages."""
    return next((at for at, message in enumerate(messages) if not is_system(message)), len(messages))


def _is_user(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") == "user"


def _is_result(message: Any) -> bool:
    """Return whether it is a tool's result in one of OpenAI's formats."""
    return isinstance(message, dict) and (message.get("role") == "tool" or str(message.get("type")).endswith("_output"))


def _holds_results(content: Any) -> bool:
    """Return whether it holds tools' results in Anthropic's format, before which no text may stand."""
    return isinstance(content, list) and any(
        isinstance(part, dict) and part.get("type") == "tool_result" for part in content
    )


def text_of(content: Any) -> str:
    """Return a content, a text or a list of parts, as one text."""
    if isinstance(content, str):
        return content
    return "\n".join(str(part["text"]) for part in content or () if isinstance(part, dict) and "text" in part)


def _join(content: Any, reminders: Sequence[str], after: bool) -> Any:
    if isinstance(content, str) or content is None:
        texts = [content] if content else []
        return "\n".join([*texts, *reminders] if after else [*reminders, *texts])
    kind = next((part["type"] for part in content if isinstance(part, dict) and "text" in part), None)
    parts = [{"type": kind or "text", "text": reminder} for reminder in reminders]
    return [*content, *parts] if after else [*parts, *content]
