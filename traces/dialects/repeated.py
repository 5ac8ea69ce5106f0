"""Events of a stream that differ from the one before in a single text, as nearly all of a long answer do.

What such an event says is known without parsing it once more, which takes many times as long: all but the text is
the same, character by character.
"""

from collections.abc import Sequence
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import NamedTuple


class Repeated(NamedTuple):
    """An event as it was, less the text: what stands before that, and behind it.

    path   where the text is, for who takes the next one
    kind   the event's kind
    """

    before: str
    behind: str
    path: Sequence[str | int]
    kind: str

    def text_in(self, data: str) -> str | None:
        """Return the text of an event that is the same but for that, and isn't empty; None for any other event."""
        if not (data.startswith(self.before) and data.endswith(self.behind)):
            return None
        try:
            text, end = scanstring(data, len(self.before), True)
        except (JSONDecodeError, IndexError):
            return None
        return text if text and end == len(data) - len(self.behind) else None


def repeated(data: str, name: str, text: str, path: Sequence[str | int], kind: str) -> Repeated | None:
    """Return what the next event may repeat of this JSON, whose only field of this name holds the text.

    None where there are several: then it isn't known which one counts.
    """
    key = f'"{name}"'
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
    return Repeated(data[: start + 1], data[end:], path, kind) if found == text else None
