"""Whether two names are one model's: servers answer under a longer or a shorter name than the one they were asked by.

    qwen3, qwen3:latest, hub/qwen3, qwen3:2 (LM Studio's second instance), /models/qwen3-00001-of-00002.gguf
    claude-sonnet-4-5, claude-sonnet-4-5-20250929

Two tags of a model (`qwen3:4b`, `qwen3:8b`) are two models. Knows nothing of servers.
"""

import re

_FILE = re.compile(r"(-\d{5}-of-\d{5})?\.gguf$")
_LATEST = re.compile(r"[:-]latest$")
_MORE = re.compile(r"|[:/].+|[-@]\d{4}[\d-]*")
"""What one name may have more than the other: nothing, a tag or a place, a date."""


def alike(one: str, other: str) -> bool:
    ours, theirs = _plain(one), _plain(other)
    return _extends(ours, theirs) or _extends(re.split(r"[/\\]", ours)[-1], re.split(r"[/\\]", theirs)[-1])


def _plain(name: str) -> str:
    return _LATEST.sub("", _FILE.sub("", name.lower()))


def _extends(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and _MORE.fullmatch(long[len(short) :]) is not None
