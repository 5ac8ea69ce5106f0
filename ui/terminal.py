"""What a person reads, made safe for the terminal it goes to.

Traces and the answers of models are untrusted text: a tool's name can hold an escape sequence that clears the screen.
This module takes text and streams; it must not know where the text is from.


What is seen of work that goes on: a bar, or a line that is written over and over. On terminals only.

It goes to standard error, so that a pipe gets the result alone. This module must not know what the work is.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import TextIO, TypeVar

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


def cut_middle(text: str, width: int) -> str:
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


def colour_setting() -> bool | None:
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


Item = TypeVar("Item")

PATIENCE = 1.0
"""Seconds of work that nobody needs to see a progress bar for."""


def with_progress(
    items: Sequence[Item],
    label: str,
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Item]:
    """The items, one by one; once that has taken a while on a terminal, with a bar."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield from items
        return
    began = clock()
    with ExitStack() as stack:
        bar = None
        for done, item in enumerate(items):
            if bar is None and clock() - began > PATIENCE:
                bar = stack.enter_context(click.progressbar(length=len(items), label=label, file=stream))
                bar.update(done)
            yield item
            if bar is not None:
                bar.update(1)


class LiveLine:
    """One line that is written over and over; nothing at all where that is no terminal."""

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
