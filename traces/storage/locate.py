"""Which files a name stands for: `latest`, `last:N`, a trace's name, a path. And what to say where there is nothing.

Every command that is given a trace asks here. Reads no trace, and must not know what a command does with one.
"""

import re
from pathlib import Path

from traces.errors import ToolkitError
from traces.storage import store

HOW_TO_CAPTURE = "To make one, run Claude Code through the proxy: anyclaude --mode lmstudio"


class NoTrace(ToolkitError):
    """What was asked for isn't there."""


def place_from_end(name: str) -> int | None:
    """1 for `latest`, N for `last:N`; None for any other name."""
    counted = re.fullmatch(r"last:([1-9]\d{0,8})", "last:1" if name == "latest" else name)
    return int(counted[1]) if counted else None


def held(folder: Path) -> list[Path]:
    """The traces in a folder and the folders below it, oldest first. Raises NoTrace where there are none."""
    files = store.files(folder) if folder.is_dir() else []
    if not files:
        raise none_in(folder)
    return files


def named(name: str) -> Path:
    """The file or the folder at that path, or the trace that `list` calls so. Raises NoTrace where there is neither."""
    path = Path(name).expanduser()
    found = path if path.exists() else listed(name)
    if found is None:
        root = store.root()
        raise NoTrace(f"{name}: no such file, and no such trace in {root}. To see what is there: trace-analyzer list")
    return found


def listed(name: str) -> Path | None:
    """The trace that `list` calls so."""
    root = store.root()
    return next((file for file in store.files(root) if file.stem == name), None) if root.is_dir() else None


def newest(number: int) -> Path:
    """The N-th newest trace. Raises NoTrace where there are fewer."""
    root = store.root()
    files = held(root)
    if number > len(files):
        raise NoTrace(f"last:{number}: there are only {len(files)} traces in {root}.")
    return files[-number]


def none_in(place: object) -> NoTrace:
    return NoTrace(f"No traces found in {place}. {HOW_TO_CAPTURE}")
