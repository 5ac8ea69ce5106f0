"""What Claude Code writes into the user's messages: system reminders, and the CLAUDE.md contents in them.

opencode writes reminders in the same tags.
"""

import re
from collections.abc import Iterator

from traces.clients.base import Piece

OPEN = "<system-reminder>"

_CLOSE = re.compile(r"</system-reminder>\s*")

_HEADING = re.compile(r"^Contents of ([^\n]+):\n", re.MULTILINE)
"""Of a CLAUDE.md, a rule or a memory: `Contents of /src/CLAUDE.md (project instructions, …):`."""

_AFTER_FILES = re.compile(
    r"^(?:# (?:currentDate|gitStatus|userEmail|important-instruction-reminders)$"
    r"|[ \t]*IMPORTANT: this context may or may not be relevant|</system-reminder>)",
    re.MULTILINE,
)
"""What may follow the last file in a reminder."""


def pieces(text: str) -> Iterator[Piece]:
    """Yield the pieces of a text in order; joined, they are the text.

    A reminder that isn't closed is plain text. White space after one belongs to it.
    """
    done = 0
    while (start := text.find(OPEN, done)) >= 0 and (close := _CLOSE.search(text, start)):
        if start > done:
            yield "text", None, text[done:start]
        done = close.end()
        yield from _in_reminder(text[start:done])
    if done < len(text):
        yield "text", None, text[done:]


def _in_reminder(text: str) -> Iterator[Piece]:
    found = [(match.start(), match[1].partition(" (")[0]) for match in _HEADING.finditer(text)]
    files = [(start, path) for start, path in found if path.endswith(".md")]
    if not files:
        yield "reminder", None, text
        return
    after = _AFTER_FILES.search(text, files[-1][0])
    end = after.start() if after else len(text)
    yield "reminder", None, text[: files[0][0]]
    for (start, path), stop in zip(files, [*(start for start, _ in files[1:]), end], strict=True):
        yield "claude_md", path, text[start:stop]
    if end < len(text):
        yield "reminder", None, text[end:]
