"""Paths, compared by the place that they mean: `./a/../b.py` in /src is `/src/b.py`."""

import posixpath
import re
from urllib.parse import unquote

_DRIVE = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_HOME = re.compile(r"/(?:home|Users)/[^/]+|/root|[a-z]:/users/[^/]+")


def place(path: str, folder: str) -> str:
    """Return the place that a path means to who works in `folder`, which is "" where that isn't known."""
    path = unquote(path.removeprefix("file://")) if path.startswith("file:///") else path
    folder, path = _plain(folder, folder), _plain(path, folder)
    if path == "~" or path.startswith("~/"):
        home = _HOME.match(folder)
        path = home[0] + path[1:] if home else path
        return posixpath.normpath(path)
    joined = path if is_absolute(path) else posixpath.join(folder, path)
    return re.sub("^//+", "/", posixpath.normpath(joined))


def is_absolute(path: str) -> bool:
    return path.startswith(("/", "~")) or bool(_DRIVE.match(path))


def same_place(one: str, other: str, folder: str) -> bool | None:
    """Return whether two paths mean the same place; None where the folder would have to be known to tell."""
    ours, theirs = place(one, folder), place(other, folder)
    if ours == theirs:
        return True
    if is_absolute(ours) == is_absolute(theirs):
        return False
    short, long = sorted((ours, theirs), key=is_absolute)
    return None if posixpath.join("/", long).endswith(posixpath.join("/", short)) else False


def _plain(path: str, folder: str) -> str:
    """Return the path with slashes, and a Windows one in small letters, since there they don't matter."""
    if _DRIVE.match(path) or _DRIVE.match(folder):
        return path.replace("\\", "/").lower()
    return path
