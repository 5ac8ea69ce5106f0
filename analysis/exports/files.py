"""Writes an exported file piece by piece; it is visible only when it is complete."""

from collections.abc import Iterable
from pathlib import Path

from analysis.frames.export import new_file


def write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write the pieces to a file in the place of an older one. Raises ExportError, and leaves that one then."""
    with new_file(path) as part, part.open("wb") as file:
        file.writelines(pieces)
