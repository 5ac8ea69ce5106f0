"""Printing to a terminal: text made safe for it, and the progress of long work.

Traces and the answers of models are untrusted text: a tool's name can hold an escape sequence that clears the screen.
Progress goes to standard error, so that a pipe gets the result alone.
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
"""What the toolkit's own signs are replaced by where the terminal's encoding lacks them."""


def printable(text: object) -> str:
    """Return the text as one line in which control characters are written out, as in `\\x1b`."""
    line = str(text)
    return line if line.isprintable() else "".join(map(_written_out, line))


def _written_out(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def cut_middle(text: str, width: int) -> str:
    """Return the text in at most `width` characters, without its middle: the names of models differ at their ends."""
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[len(text) - tail :]}"


def width() -> int | None:
    """Return how many characters fit on a line; None if the output isn't a terminal."""
    if not sys.stdout.isatty():
        return None
    return os.get_terminal_size(sys.stdout.fileno()).columns or None


def colour_setting() -> bool | None:
    """Return click's setting for colours: False if NO_COLOR is set (https://no-color.org), else None (automatic)."""
    return False if os.environ.get("NO_COLOR") else None


def say(text: str, *, error: bool = False) -> None:
    """Print, in whatever encoding the terminal has."""
    stream = sys.stderr if error else sys.stdout
    click.echo(encodable(text, stream), err=error)


def encodable(text: str, stream: TextIO) -> str:
    """Return the text with what the stream's encoding lacks replaced, so that printing it can't fail."""
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return text


Item = TypeVar("Item")

PATIENCE = 1.0
"""Seconds of work after which a progress bar appears."""


def with_progress(
    items: Sequence[Item],
    label: str,
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Item]:
    """Yield the items, with a progress bar on a terminal once that has taken a while."""
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
    """One line of a terminal that is overwritten; on anything else nothing is written."""

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
