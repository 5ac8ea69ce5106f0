"""What a model's name reveals: its tokenizer, its version of Claude, its context window.

The tables list how names begin; of any other model these are unknown.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

Value = TypeVar("Value", str, int)

_TOKENIZERS: Mapping[str, str] = {
    "gpt-oss": "o200k_harmony",
    "gpt-4o": "o200k_base",
    "gpt-4.1": "o200k_base",
    "gpt-5": "o200k_base",
    "chatgpt-4o": "o200k_base",
    "o1": "o200k_base",
    "o3": "o200k_base",
    "o4": "o200k_base",
    "gpt-4": "cl100k_base",
    "gpt-3.5": "cl100k_base",
    "qwen3.5": "qwen3.5",
}
"""The first match wins, so gpt-4o comes before gpt-4."""

_WINDOWS: Mapping[str, int] = {
    "gpt-oss": 131_072,
    "gpt-4o": 128_000,
    "gpt-4.1": 1_047_576,
    "gpt-5": 400_000,
    "chatgpt-4o": 128_000,
    "o1": 200_000,
    "o3": 200_000,
    "o4": 200_000,
    "smollm2": 8_192,
}

_CLAUDE = re.compile(r"claude-(?:[a-z]+-)*(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?")

LARGE_CLAUDE = (4, 7)
"""Since this version Claude takes a million tokens, and larger images (Claude Code's own catalogue says the same)."""


def most_used_model(models: Iterable[str | None]) -> str | None:
    """Return the model of most requests: titles may come from another one."""
    asked = Counter(model for model in models if model).most_common(1)
    return asked[0][0] if asked else None


def own_tokenizer(model: str | None) -> str | None:
    """Return the name of the model's own tokenizer: `openai/gpt-4o` -> `o200k_base`, `claude-opus-4-6` -> `claude`."""
    return "claude" if claude_version(model) else _find(_TOKENIZERS, model)


def claude_version(model: str | None) -> tuple[int, int] | None:
    """Return the version of Claude: `claude-opus-4-6-20260205` -> (4, 6); None for another model."""
    found = _CLAUDE.search(_bare_name(model))
    return (int(found[1]), int(found[2] or 0)) if found else None


def context_window(model: str | None) -> int | None:
    """Return how many tokens fit, request and answer together. A server may be configured for fewer."""
    version = claude_version(model)
    if version is None:
        return _find(_WINDOWS, model)
    return 1_000_000 if version >= LARGE_CLAUDE or _bare_name(model).endswith("[1m]") else 200_000


def _find(table: Mapping[str, Value], model: str | None) -> Value | None:
    plain = _bare_name(model)
    return next((value for start, value in table.items() if plain.startswith(start)), None)


def _bare_name(model: str | None) -> str:
    """Return the name in lower case, without the maker's name that routers put before it."""
    return (model or "").lower().rpartition("/")[2]
