"""Lines of text that fit the pane in which mitmweb shows a flow's details."""

import re
from collections.abc import Iterator
from typing import Literal

Line = tuple[Literal["header", "text"], str]
"""One of mitmproxy's text styles, and the text."""

WIDTH = 84
"""Characters in a line: half of a screen 1,440 pixels wide, which is what mitmweb gives to the details of a flow."""

BLANK: Line = ("text", " ")  # mitmweb gives no height to a line with nothing in it


def wrap(text: str, limit: int, indent: str = "") -> Iterator[Line]:
    """Yield the text in lines that fit, cut after `limit` characters; then how many were cut."""
    for line in text[:limit].splitlines():
        yield from (("text", indent + piece) for piece in _break(line, WIDTH - len(indent)))
    if len(text) > limit:
        yield "text", f"{indent}… {len(text) - limit:,} more characters"


def shorten(text: str, width: int) -> str:
    """Return the text, cut to this width with an ellipsis where it is longer."""
    return text if len(text) <= width else text[: width - 1] + "…"


def printable(text: str) -> str:
    """Return the text with replacement characters for control characters and lone surrogates.

    A log can't take the former, UTF-8 can't take the latter.
    """
    return re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)


def quantity(number: int, noun: str) -> str:
    """Return the number with its noun, in the plural where it isn't one: `1,024 tokens`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _break(line: str, width: int) -> Iterator[str]:
    """Yield the line, broken between words where it is too long; the rest keeps its indentation.

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
