"""The folder that a client's user works in, as the client tells the model."""

import re
from collections.abc import Iterable
from functools import lru_cache

from traces.content.part import Part

_PROJECT = re.compile(
    r"(?:[Ww]orking directory: |<cwd>|working in the (?:directory: |following directories:\n *- )"
    r"|Workspace Directories:\**\n *- )\s*([^\n<]*[^\s<])"
)
"""How clients name the folder that the user works in, or the first: Claude Code and opencode, Codex, Qwen Code, Gemini
CLI."""


def project_of(parts: Iterable[Part]) -> str | None:
    """Return the folder that the parts of a request name; None where the client doesn't say."""
    texts = (part.text for part in parts if part.kind in ("system", "reminder"))
    return next(filter(None, map(_project_in, texts)), None)


@lru_cache(256)  # a session's prompt is the same text again and again
def _project_in(text: str) -> str | None:
    found = _PROJECT.search(text)
    return found[1].strip() if found else None
