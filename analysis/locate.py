"""The files that a command means: the one that a name stands for, or all that several do. Reads and prints nothing."""

from collections.abc import Sequence
from pathlib import Path

from traces.storage import locate, store
from traces.storage.locate import NoTrace


def one(name: str) -> Path:
    """The file that a name stands for: `latest`, `last:2` (the one before it), a path, or a trace's name in `list`."""
    number = locate.place_from_end(name)
    if number is not None:
        return locate.newest(number)
    path = locate.named(name)
    if path.is_dir():
        raise NoTrace(f"{name}: is a folder. Name one trace in it, or use: trace-analyzer compare {name}")
    return path


def several(names: Sequence[str]) -> list[Path]:
    """The files that the names stand for, those of a folder oldest first. Raises where a name stands for none."""
    files: list[Path] = []
    for name in names:
        path = Path(name).expanduser()
        files += store.files(path) if path.is_dir() else [one(name)]
    if not files:
        raise locate.none_in(", ".join(names))
    return files
