"""What a person reads, made safe for the terminal it goes to.

Traces and the answers of models are untrusted text: a tool's name can hold an escape sequence that clears the screen.
This module takes text and streams; it must not know where the text is from.
"""

import os
import sys
from typing import TextIO

import click

PLAIN = str.maketrans(
    {"←": "<-", "…": "...", "–": "-", "—": "-", "─": "-", "×": "x", "✓": "+", "✗": "x", "⚠": "!", "█": "#", "░": "."}
)
"""What our own signs become where the terminal's encoding doesn't have them."""


def printable(text: object) -> str:
    """One line without control characters: they are written out, as in `\\x1b`."""
    line = str(text)
    return line if line.isprintable() else "".join(map(_written_out, line))


def _written_out(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def middle_cut(text: str, width: int) -> str:
    """The text in at most `width` characters. The middle goes: a model's name differs at its ends."""
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[len(text) - tail :]}"


def width() -> int | None:
    """How many characters fit on a line; None where nobody reads it on a terminal."""
    if not sys.stdout.isatty():
        return None
    return os.get_terminal_size(sys.stdout.fileno()).columns or None


def colours() -> bool | None:
    """What click is to do about colours: None leaves it to whether it's a terminal (https://no-color.org)."""
    return False if os.environ.get("NO_COLOR") else None


def say(text: str, *, error: bool = False) -> None:
    """Print, in whatever encoding the terminal has."""
    stream = sys.stderr if error else sys.stdout
    click.echo(encodable(text, stream), err=error)


def encodable(text: str, stream: TextIO) -> str:
    """The text with what the stream's encoding lacks replaced, so that printing it can't fail."""
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return text
