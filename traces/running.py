"""What is being spent: a file for each `anyclaude` that counts, for pages and for its client's status line.

    <root>/.running/<process id>     first line: the words, `$4.12 of $5.00 spent`; second line: the percentage, or ""

The process writes it and deletes it at its end; the file of one that was killed is passed over, and deleted.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from traces.storage import writing


class Spent(NamedTuple):
    """What is spent, in words, and of a budget the percentage; None where nothing limits it."""

    words: str
    percent: int | None = None


def path_of(root: Path, process: int) -> Path:
    """Return where a process writes what it has spent."""
    return root / ".running" / str(process)


def write(path: Path, spent: Spent) -> None:
    """Write it. Where that isn't possible, it isn't shown: nothing else depends on it."""
    with suppress(OSError):
        writing.replace(path, f"{spent.words}\n{'' if spent.percent is None else spent.percent}\n".encode())


def read_all(root: Path) -> list[Spent]:
    """Return what the running ones have spent, in the order of their process ids."""
    return list(_read_all(root / ".running"))


def _read_all(folder: Path) -> Iterator[Spent]:
    names = (path for path in folder.glob("*") if path.name.isascii() and path.name.isdigit())
    for path in sorted(names, key=lambda path: int(path.name)):
        with suppress(OSError, ValueError):
            if not _is_running(int(path.name)):
                path.unlink()
                continue
            words, percent, *_ = path.read_text(encoding="utf-8").split("\n")
            yield Spent(words, int(percent) if percent else None)


def _is_running(process: int) -> bool:
    if os.name != "posix":
        return True  # there, a signal of 0 is none, and the launcher doesn't run
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OverflowError:
        return False
    except PermissionError:
        return True
    return True
