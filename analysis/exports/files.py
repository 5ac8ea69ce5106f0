"""Writes an exported file piece by piece: for its owner alone, as traces are, and visible only when it is complete."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from analysis.frames.export import ExportError


def write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write the pieces to a file in the place of an older one. Raises ExportError, and leaves that one then."""
    part = path.with_name(f".{path.name}.new")
    try:
        part.unlink(missing_ok=True)  # of a process that was killed
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(pieces)
        part.replace(path)
    except OSError as error:
        raise ExportError(f"{path}: can't be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
