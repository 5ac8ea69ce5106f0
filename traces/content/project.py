"""The folder that a client's user works in, as the client tells the model."""

import re
from collections.abc import Iterable
from functools import lru_cache

from traces.content.part import Part

_PROJECT = re.compile(r"(?:[Ww]orking directory: |working in the directory: |<cwd>)\s*([^\n<]*[^\s<])")
"""How clients name it: Claude Code and opencode, Gemini CLI and Qwen Code, Codex."""


def project_of(parts: Iterable[Part]) -> str | None:
    """Return the folder that the parts of a request name; None where the client doesn't say."""
    texts = (part.text for part in parts if part.kind in ("system", "reminder"))
    return next(filter(None, map(_project_in, texts)), None)


@lru_cache(256)  # a session's prompt is the same text again and again
def _project_in(text: str) -> str | None:
    found = _PROJECT.search(text)
    return found[1].strip() if found else None
