"""The traces that a name means to `trace-replayer replay`, without those that ask no model for an answer."""

from itertools import islice
from pathlib import Path

from traces import dialects
from traces.errors import TraceFormatError
from traces.model import Trace
from traces.storage import store
from traces.storage.resolve import HOW_TO_CAPTURE, NoTrace, place_from_end, resolve, traces_in


def traces(name: str, skipped: list[str]) -> list[Trace]:
    """Return at least one trace, oldest first. What can't be read in a folder is added to `skipped`.

    Raises ToolkitError where there is none, or where a file that was named can't be read.
    """
    if (number := place_from_end(name)) is not None:
        return [_newest(store.root(), number)]
    kind, _, path, _ = resolve(name)
    files = _of_session(name, skipped) if kind == "session" else store.files(path)
    found = [trace for file in files for trace in _read(file, path, skipped) if asks_a_model(trace)]
    if not found:
        raise NoTrace(f"{name}: holds no request that a model could answer. {HOW_TO_CAPTURE}")
    whole = [trace for trace in found if not trace.unknown_sections]
    if not whole:
        missing = ", ".join(sorted(frozenset().union(*(trace.unknown_sections for trace in found))))
        raise NoTrace(
            f"{name}: holds no whole request ({missing} missing), and so none to send again. {HOW_TO_CAPTURE}"
        )
    partial = (trace for trace in found if trace.unknown_sections)
    skipped += [f"{trace.source}, {trace.timestamp}: not a whole request." for trace in partial]
    return whole


def asks_a_model(trace: Trace) -> bool:
    """Return whether the request is for an answer, and not, for example, for a count of tokens."""
    return dialects.asks_for_an_answer(trace.request.url.partition("?")[0])


def _newest(root: Path, number: int) -> Trace:
    files = reversed(traces_in(root))
    newest = (trace for file in files for trace in reversed(_read(file, root, [])) if asks_a_model(trace))
    found = next(islice(newest, number - 1, None), None)
    if found is None:
        raise NoTrace(f"{root}: holds fewer than {number} requests that a model could answer. {HOW_TO_CAPTURE}")
    return found


def _read(file: Path, asked: Path, skipped: list[str]) -> list[Trace]:
    """Read a file's traces. If it wasn't named itself, replays are left out, and an error is added to `skipped`."""
    try:
        return [trace for trace in store.read(file) if file == asked or not trace.replayed]
    except TraceFormatError as error:
        if file == asked:
            raise
        skipped.append(str(error))
        return []


def _of_session(name: str, skipped: list[str]) -> list[Path]:
    from traces.sessions import lookup  # reads sessions, which most names aren't of

    return lookup.files_of(name, skipped)
