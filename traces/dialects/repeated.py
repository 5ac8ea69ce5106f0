"""Events of a stream that differ from the one before in a single text, as nearly all of a long answer do.

What such an event says is known without parsing it once more, which takes many times as long: all but the text is
the same, character by character.
"""

from collections.abc import Callable
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import NamedTuple

from traces.dialects.sse import ServerEvent
from traces.model import Content


class OnlyText(NamedTuple):
    """The text that an event added, where it added nothing else.

    field     the name of the JSON field that holds it
    add       adds the text of the next such event to the same place
    """

    field: str
    text: str
    content: Content
    add: Callable[[str], object]


class Repeated(NamedTuple):
    """An event as it was, less the text: what stands before that, and behind it.

    name   the event's own name
    kind   its kind
    """

    before: str
    behind: str
    name: str | None
    kind: str
    content: Content
    add: Callable[[str], object]

    def text_in(self, event: ServerEvent) -> str | None:
        """Return the text of an event that is the same but for that, and isn't empty; None for any other event."""
        data = event.data
        if event.name != self.name or not (data.startswith(self.before) and data.endswith(self.behind)):
            return None
        try:
            text, end = scanstring(data, len(self.before), True)
        except (JSONDecodeError, IndexError):
            return None
        return text if text and end == len(data) - len(self.behind) else None


def repeated(event: ServerEvent, only: OnlyText, kind: str) -> Repeated | None:
    """Return what the next event may repeat of this one, whose only field of that name holds the text.

    None where there are several: then it isn't known which one counts.
    """
    data, key = event.data, f'"{only.field}"'
    at = data.find(key)
    if at < 0 or data.find(key, at + 1) >= 0:
        return None
    start = at + len(key)
    while start < len(data) and data[start] in " :\t":
        start += 1
    if data[start : start + 1] != '"':
        return None
    try:
        found, end = scanstring(data, start + 1, True)
    except (JSONDecodeError, IndexError):
        return None
    if found != only.text:
        return None
    return Repeated(data[: start + 1], data[end:], event.name, kind, only.content, only.add)
