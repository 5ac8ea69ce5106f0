"""Which traces a command means: `latest`, a file, a folder, a .flow file, or a trace by its name.

Requests that ask no model for an answer (token counts) are left out. Prints nothing.
"""

from pathlib import Path

from traces import message, store
from traces.errors import ToolkitError, TraceFormatError
from traces.model import Trace

HOW_TO_CAPTURE = "To make one, run Claude Code through the proxy: anyclaude --mode lmstudio"


class NoTrace(ToolkitError):
    """What was asked for isn't there, or can't be replayed."""


def traces(name: str, skipped: list[str]) -> list[Trace]:
    """At least one, oldest first. What can't be read in a folder is told in `skipped`. Raises ToolkitError."""
    root = store.root()
    if name == "latest":
        return [_latest(root)]
    path = _path(name, root)
    found = [trace for file in store.files(path) for trace in _read(file, path, skipped) if asks_a_model(trace)]
    if not found:
        raise NoTrace(f"{name}: holds no request that a model could answer. {HOW_TO_CAPTURE}")
    return found


def asks_a_model(trace: Trace) -> bool:
    place = trace.request.url.partition("?")[0]
    return message.dialect_of(place) is not None and not place.rstrip("/").endswith("/count_tokens")


def _latest(root: Path) -> Trace:
    files = sorted(store.files(root), key=lambda file: file.stem, reverse=True) if root.is_dir() else []
    newest = (trace for file in files for trace in reversed(_read(file, root, [])) if asks_a_model(trace))
    found = next(newest, None)
    if found is None:
        raise NoTrace(f"No traces found in {root}. {HOW_TO_CAPTURE}")
    return found


def _path(name: str, root: Path) -> Path:
    path = Path(name).expanduser()
    if path.exists():
        return path
    named = next((file for file in store.files(root) if file.stem == name), None) if root.is_dir() else None
    if named is None:
        raise NoTrace(f"{name}: no such file, and no such trace in {root}. To see what is there: trace-analyzer list")
    return named


def _read(file: Path, asked: Path, skipped: list[str]) -> list[Trace]:
    """A file that was named must be readable."""
    try:
        return list(store.read(file))
    except TraceFormatError as error:
        if file == asked:
            raise
        skipped.append(str(error))
        return []
