"""Messages of the role `system` in mid-conversation, which many chat templates refuse: they want it first, or once.

Folded, such a message is part of the user's message beside it, marked as Claude Code marks a reminder, so that what
comes before it stays as it was (and in the server's cache). In the shapes of all API formats.
"""

from collections.abc import Sequence
from typing import Any

from traces.dialects.translation.notes import Notes

Fields = dict[str, Any]

ROLES = ("system", "developer")

REMINDER = "<system-reminder>\n{}\n</system-reminder>"
FOLDED = "a system message in mid-conversation: folded into the user's message (--system-role keep sends it as it is)"
KEPT = "a system message in mid-conversation: servers whose template wants it first refuse it (--system-role fold)"


def is_system(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") in ROLES


def has_midway(body: Fields) -> bool:
    """Whether there is one after the conversation's beginning."""
    messages = _messages(body)
    return any(map(is_system, messages[_begin(messages) :]))


def folded(body: Fields, notes: Notes) -> Fields:
    """The body with each of them in the user's message before it, else in the one after it."""
    messages = _messages(body)
    begin = _begin(messages)
    if not any(map(is_system, messages[begin:])):
        return body
    new: list[Any] = list(messages[:begin])
    waiting: list[str] = []
    for message in messages[begin:]:
        if is_system(message):
            notes.add(FOLDED)
            reminder = REMINDER.format(_text(message.get("content")))
            if new and _is_user(new[-1]):
                new[-1] = {**new[-1], "content": _joined(new[-1].get("content"), [reminder], after=True)}
            else:
                waiting.append(reminder)
            continue
        if _is_result(message):
            new.append(message)  # must follow its call, so a reminder waits
            continue
        if waiting and _is_user(message):
            message = {**message, "content": _joined(message.get("content"), waiting, after=False)}
        elif waiting:
            new.append({"role": "user", "content": "\n".join(waiting)})
        waiting = []
        new.append(message)
    if waiting:
        new.append({"role": "user", "content": "\n".join(waiting)})
    return {**body, "messages" if "messages" in body else "input": new}


def led_by_one(messages: Sequence[Fields]) -> list[Fields]:
    """Chat messages with the system messages that lead them as one."""
    begin = _begin(messages)
    if begin < 2:
        return list(messages)
    return [
        {"role": "system", "content": "\n".join(_text(each["content"]) for each in messages[:begin])},
        *messages[begin:],
    ]


def _messages(body: Fields) -> Sequence[Any]:
    given = body.get("messages", body.get("input"))
    return given if isinstance(given, list) else []


def _begin(messages: Sequence[Any]) -> int:
    """Where the conversation begins, after the system messages that lead it."""
    return next((at for at, message in enumerate(messages) if not is_system(message)), len(messages))


def _is_user(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") == "user"


def _is_result(message: Any) -> bool:
    """Whether it is a tool's result in one of OpenAI's formats."""
    return isinstance(message, dict) and (message.get("role") == "tool" or str(message.get("type")).endswith("_output"))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(part["text"]) for part in content or () if isinstance(part, dict) and "text" in part)


def _joined(content: Any, reminders: Sequence[str], after: bool) -> Any:
    if isinstance(content, str) or content is None:
        said = [content] if content else []
        return "\n".join([*said, *reminders] if after else [*reminders, *said])
    kind = next((part["type"] for part in content if isinstance(part, dict) and "text" in part), None)
    parts = [{"type": kind or "text", "text": reminder} for reminder in reminders]
    return [*content, *parts] if after else [*parts, *content]
