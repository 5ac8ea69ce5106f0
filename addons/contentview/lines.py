"""Text in lines that fit mitmweb's details of a flow. Must not know what the text is about."""

import re
from collections.abc import Iterator
from typing import Literal

Line = tuple[Literal["header", "text"], str]
"""A style of mitmproxy's, and the text."""

WIDTH = 84
"""Characters in a line: half of a screen 1,440 pixels wide, which is what mitmweb gives to the details of a flow."""

BLANK: Line = ("text", " ")  # mitmweb gives no height to a line with nothing in it


def wrapped(text: str, limit: int, indent: str = "") -> Iterator[Line]:
    """The text in lines that fit, cut at the limit, and how much was cut."""
    for line in text[:limit].splitlines():
        yield from (("text", indent + piece) for piece in _fitting(line, WIDTH - len(indent)))
    if len(text) > limit:
        yield "text", f"{indent}… {len(text) - limit:,} more characters"


def short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def printable(text: str) -> str:
    """The text without what a log or UTF-8 can't take: control characters and halves of surrogate pairs."""
    return re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _fitting(line: str, width: int) -> Iterator[str]:
    """The line, broken between words where it is too long: what follows keeps its indentation.

    `textwrap` takes forty times as long, and mitmproxy's event loop waits meanwhile.
    """
    if len(line) <= width:
        yield line or " "
        return
    words = line.lstrip()
    own = line[: len(line) - len(words)][: width // 2]
    room = width - len(own)
    for piece in re.findall(rf".{{1,{room}}}(?:\s+|$)|.{{{room}}}", words):
        yield own + piece.rstrip()
