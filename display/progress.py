"""What is seen of work that goes on: a bar, or a line that is written over and over. On terminals only.

It goes to standard error, so that a pipe gets the result alone. This module must not know what the work is.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import TextIO, TypeVar

import click

from display.terminal import encodable, printable

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
