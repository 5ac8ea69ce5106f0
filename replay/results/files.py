"""The files of results: one JSON file a run, written at once and whole, and never over another.

./trace-replays/simple-tool-call_replay_llama-3_1-8b_2025-10-26T14-23-45-123.json
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from replay.errors import NoResult, ResultError
from replay.result import ReplayResult
from replay.results import codec
from traces.storage import store
from traces.storage.resolve import existing_path

HOW_TO_CREATE = "To make some: trace-replayer replay latest"


def save(result: ReplayResult, folder: Path) -> Path:
    """Save a result in a new file and return its path. Raises OSError."""
    from importlib.metadata import version  # 20 ms that no request needs to wait for

    return store.create(folder, stem(result), codec.encode(result, version("anyclaude-toolkit")))


def reserve(folder: Path) -> None:
    """Create the folder. Raises ResultError where nothing can be saved there: better before a long run than after."""
    try:
        store.create(folder, ".probe", b"").unlink()
    except (FileExistsError, NotADirectoryError) as error:
        raise ResultError(f"{folder}: is not a folder. Name another with --output.") from error
    except OSError as error:
        raise ResultError(f"{folder}: {error.strerror or error}. Name another with --output.") from error


def stem(result: ReplayResult) -> str:
    """Return the file's name: the trace, the model and the time, to the millisecond."""
    run = result.run
    model = re.sub(r"[^a-zA-Z0-9-]", "_", run.model)
    return f"{_safe(run.trace.name)}_replay_{model[:100]}_{store.stem_of(result.started)}"


def _safe(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name)[:100].lstrip(".") or "trace"


def load(path: Path) -> ReplayResult:
    """Read a result. Raises ResultError, which names the file and the reason."""
    try:
        return codec.decode(path.read_bytes(), path)
    except OSError as error:
        raise ResultError(f"{path}: {error.strerror or error}.") from error


def load_all(paths: Iterable[Path], skipped: list[str]) -> list[ReplayResult]:
    """Read the results in files and folders, oldest first.

    What can't be read in a folder is added to `skipped`. Raises ResultError where a file that was named can't be read,
    or where there is no result at all.
    """
    paths = [existing_path(str(path), HOW_TO_CREATE) for path in paths]
    found = sorted(_readable(paths, skipped), key=lambda result: result.started)
    if not found:
        raise ResultError(f"No result files found in {', '.join(map(str, paths))}. {HOW_TO_CREATE}")
    return found


def load_successful(folder: Path) -> list[ReplayResult]:
    """Read the successful runs that are saved in a folder, without warm-ups: they needn't be made again."""
    saved = _readable([folder] if folder.is_dir() else [], [])
    return [result for result in saved if result.success and result.run.trace.hash and not result.run.warmup]


def _readable(paths: Iterable[Path], skipped: list[str]) -> Iterator[ReplayResult]:
    for path in paths:
        for file in store.files(path):
            try:
                yield load(file)
            except NoResult:
                if file == path:
                    raise
            except ResultError as error:
                if file == path:
                    raise
                skipped.append(str(error))
