"""How the files of traces are written: what the recorder needs of the store, without the archive and its SQLite.

A file appears whole or not at all (written beside, then renamed), and no trace is ever overwritten by another.
Folders are 0700 and files 0600: they hold what a person typed.
"""

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

LATEST = "latest.json"


def root() -> Path:
    """Return the folder of all traces: ANYCLAUDE_TRACE_DIR, else ~/.anyclaude/traces."""
    chosen = os.environ.get("ANYCLAUDE_TRACE_DIR")
    return Path(chosen).expanduser() if chosen else Path.home() / ".anyclaude" / "traces"


def stem_of(timestamp: str) -> str:
    """Return the name of a trace: its time, without characters that file systems reject."""
    return timestamp.removesuffix("Z").replace(":", "-").replace(".", "-")


def create(folder: Path, stem: str, data: bytes, announce: Callable[[Path], None] = lambda _: None) -> Path:
    """Write a new file `<stem>.json`, or `<stem>-2.json` and so on where that name is taken. Raises OSError.

    `announce` is called with its path before it appears there.
    """
    make_private_folder(folder)
    for number in count(1):
        path = folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
        part = path.with_name(f".{path.name}.new")  # whoever creates this file owns the name
        try:
            _write(part, data)
        except FileExistsError:
            continue
        try:
            if not path.exists():
                announce(path)
                part.rename(path)
                return path
        finally:
            part.unlink(missing_ok=True)
    raise AssertionError("unreachable")


def replace(path: Path, data: bytes) -> None:
    """Replace a file; a reader sees the old one or the new one. Raises OSError."""
    make_private_folder(path.parent)  # somebody may have cleared the traces meanwhile
    part = path.with_name(f".{path.name}.new")
    part.unlink(missing_ok=True)  # of a writer that was killed
    _write(part, data)
    part.replace(path)


def point_latest(path: Path) -> None:
    """Link `latest.json` beside it to `path`, where the file system has links."""
    link = path.with_name(LATEST)
    part = path.with_name(f".{LATEST}.{os.getpid()}")
    try:
        part.unlink(missing_ok=True)
        part.symlink_to(path.name)
        part.replace(link)
    except OSError:
        part.unlink(missing_ok=True)


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it, that only its owner can look into. Raises OSError."""
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def _write(path: Path, data: bytes) -> None:
    """Write a file that must be new; leave nothing behind where that fails."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError as error:
        path.unlink(missing_ok=True)
        error.filename = str(path)  # a full disk doesn't say which
        raise
