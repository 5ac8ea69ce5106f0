"""Whether two names mean the same model: a server may report a longer or shorter name than the one it was asked by.

    qwen3, qwen3:latest, hub/qwen3, qwen3:2 (LM Studio's second instance), /models/qwen3-00001-of-00002.gguf
    claude-sonnet-4-5, claude-sonnet-4-5-20250929

Two tags of a model (`qwen3:4b`, `qwen3:8b`) are two models.
"""

import re

_FILE = re.compile(r"(-\d{5}-of-\d{5})?\.gguf$")
_LATEST = re.compile(r"[:-]latest$")
_SUFFIX = re.compile(r"|[:/].+|[-@]\d{4}[\d-]*")
"""What one name may have after the other: nothing, a tag or a path, a date."""


def is_same_model(one: str, other: str) -> bool:
    """Return whether both names mean the same model, in either order."""
    ours, theirs = _plain(one), _plain(other)
    return _extends(ours, theirs) or _extends(re.split(r"[/\\]", ours)[-1], re.split(r"[/\\]", theirs)[-1])


def _plain(name: str) -> str:
    return _LATEST.sub("", _FILE.sub("", name.lower()))


def _extends(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and _SUFFIX.fullmatch(long[len(short) :]) is not None
