"""Where traces are kept, and how their files are written and read.

    <root>/<mode>/2025-10-26T14-23-45-123.json     one exchange each; the name is its UTC time
    <root>/<mode>/latest.json                      a link to the newest

A file appears whole or not at all (written beside, then renamed), and no trace is ever overwritten by another.
Folders are 0700 and files 0600: they hold what a person typed.
"""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from traces.errors import TraceFormatError
from traces.model import Trace
from traces.storage import codec
from traces.storage.codec import Head

LATEST = "latest.json"

LARGEST = 256 * 2**20
"""Bytes of the largest file that is read. Bodies are recorded up to 64 MiB each, so a larger file is no trace."""

_LONGEST_LINE = 64 * 2**10


def root() -> Path:
    """Return the folder of all traces: ANYCLAUDE_TRACE_DIR, else ~/.anyclaude/traces."""
    chosen = os.environ.get("ANYCLAUDE_TRACE_DIR")
    return Path(chosen).expanduser() if chosen else Path.home() / ".anyclaude" / "traces"


def stem_of(timestamp: str) -> str:
    """Return the name of a trace: its time, without characters that file systems reject."""
    return timestamp.removesuffix("Z").replace(":", "-").replace(".", "-")


def create(folder: Path, stem: str, data: bytes) -> Path:
    """Write a new file `<stem>.json`, or `<stem>-2.json` and so on where that name is taken. Raises OSError."""
    _private_folder(folder)
    for number in count(1):
        path = folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
        part = path.with_name(f".{path.name}.new")  # whoever creates this file owns the name
        try:
            _write(part, data)
        except FileExistsError:
            continue
        if not path.exists():
            part.rename(path)
            return path
        part.unlink()
    raise AssertionError("unreachable")


def replace(path: Path, data: bytes) -> None:
    """Replace a file; a reader sees the old one or the new one. Raises OSError."""
    _private_folder(path.parent)  # somebody may have cleared the traces meanwhile
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    _write(part, data)
    part.rename(path)


def point_latest(path: Path) -> None:
    """Link `latest.json` beside it to `path`, where the file system has links."""
    link = path.with_name(LATEST)
    part = path.with_name(f".{LATEST}.{os.getpid()}")
    try:
        part.unlink(missing_ok=True)
        part.symlink_to(path.name)
        part.rename(link)
    except OSError:
        part.unlink(missing_ok=True)


def _private_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _private_folder(folder.parent)
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


def files(path: Path) -> list[Path]:
    """Return the traces in a folder and the folders below it, oldest first and without links; of a file, itself.

    Raises TraceFormatError where `path` doesn't exist.
    """
    if path.is_dir():
        found = [
            (name.rpartition(".")[0], os.path.join(folder, name))  # noqa: PTH118 - a Path is slow for 10,000 files
            for folder, _, names in os.walk(path)
            for name in names
            if name.endswith((".json", ".flow")) and not name.startswith(".") and name != LATEST
        ]
        return [Path(file) for _, file in sorted(found)]
    if not path.exists():
        raise TraceFormatError(f"{path}: No such file or folder.")
    return [path]


def load(path: Path, events: bool = True) -> Trace:
    """Return the trace in a .json file. Raises TraceFormatError, naming the file and the reason."""
    return codec.decode(_read(path), path, events)


def read(path: Path, events: bool = True) -> Iterator[Trace]:
    """Yield the traces in a .json file (one) or a .flow file (each exchange with a model). Raises TraceFormatError.

    Without `events`, a .json file is read in half the time.
    """
    if path.suffix == ".flow":
        from traces.storage import (
            flowfile,  # mitmproxy takes a third of a second to import, and only .flow files need it
        )

        yield from flowfile.read(path)
    else:
        yield load(path, events)


def read_all(path: Path) -> Iterator[Trace]:
    """Yield each trace in a file or a folder, oldest first. Raises TraceFormatError at the first that can't be read."""
    for file in files(path):
        yield from read(file)


def peek(path: Path) -> Head:
    """Return the head of a .json file, from its first line where that has it. Raises TraceFormatError."""
    try:
        with path.open("rb") as file:
            head = codec.decode_head(file.readline(_LONGEST_LINE), path)
    except OSError as error:
        raise _unreadable(path, error) from error
    return head or codec.head_of(load(path))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST:
                raise TraceFormatError(
                    f"{path}: {size / 1e6:,.0f} MB is too large for a trace (at most {LARGEST / 1e6:,.0f} MB)."
                )
            return file.read()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> TraceFormatError:
    return TraceFormatError(f"{path}: {error.strerror or error}.")
