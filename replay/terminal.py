"""What a person reads, made safe for the terminal it goes to: answers of a model are untrusted text.

Knows nothing of results.
"""

import os
import shutil
import sys
from typing import TextIO

import click

PLAIN = str.maketrans({"✓": "+", "✗": "x", "–": "-", "…": "...", "─": "-", "×": "x", "⚠": "!", "█": "#", "░": "."})
"""What our own signs become where the terminal's encoding doesn't have them."""


def printable(text: object) -> str:
    """One line without control characters: they are written out, as in `\\x1b`."""
    line = str(text)
    return line if line.isprintable() else "".join(map(_written_out, line))


def _written_out(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def say(text: str, *, error: bool = False) -> None:
    """Print, in whatever encoding the terminal has."""
    click.echo(encodable(text, sys.stderr if error else sys.stdout), err=error)


def encodable(text: str, stream: TextIO) -> str:
    """The text with what the stream's encoding lacks replaced, so that printing it can't fail."""
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return text


def width() -> int | None:
    """How many characters fit on a line; None where nobody reads it on a terminal."""
    return os.get_terminal_size(sys.stdout.fileno()).columns or None if sys.stdout.isatty() else None


class LiveLine:
    """One line on standard error that is written over and over; nothing at all where that is no terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._on = self._stream.isatty()

    def show(self, text: str) -> None:
        if self._on:
            room = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r\x1b[K{encodable(printable(text)[:room], self._stream)}")
            self._stream.flush()

    def clear(self) -> None:
        if self._on:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
