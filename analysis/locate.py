"""Which traces a command means: a file, a trace's name, `latest`, `last:N`. Counts and prints nothing."""

import re
from collections.abc import Sequence
from pathlib import Path

from traces import store
from traces.errors import ToolkitError

HOW_TO_CAPTURE = "To make one, run Claude Code through the proxy: anyclaude --mode lmstudio"


class NoTrace(ToolkitError):
    """What was asked for isn't there."""


def one(name: str) -> Path:
    """The file that a name stands for: `latest`, `last:2` (the one before it), a path, or a trace's name in `list`."""
    root = store.root()
    counted = re.fullmatch(r"last:([1-9]\d{0,8})", "last:1" if name == "latest" else name)
    if counted:
        return _newest(root, int(counted[1]))
    path = Path(name).expanduser()
    if path.is_dir():
        raise NoTrace(f"{name}: is a folder. Name one trace in it, or use: trace-analyzer compare {name}")
    if path.exists():
        return path
    named = next((file for file in store.files(root) if file.stem == name), None) if root.is_dir() else None
    if named is None:
        raise NoTrace(f"{name}: no such file, and no such trace in {root}. To see what is there: trace-analyzer list")
    return named


def _newest(root: Path, number: int) -> Path:
    files = store.files(root) if root.is_dir() else []
    if not files:
        raise NoTrace(f"No traces found in {root}. {HOW_TO_CAPTURE}")
    if number > len(files):
        raise NoTrace(f"last:{number}: there are only {len(files)} traces in {root}.")
    return files[-number]


def several(names: Sequence[str]) -> list[Path]:
    """The files that the names stand for, those of a folder oldest first. Raises where a name stands for none."""
    files: list[Path] = []
    for name in names:
        path = Path(name).expanduser()
        files += store.files(path) if path.is_dir() else [one(name)]
    if not files:
        raise NoTrace(f"No traces found in {', '.join(names)}. {HOW_TO_CAPTURE}")
    return files
