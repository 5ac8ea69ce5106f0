"""Which traces a replay means, by their name.

Requests that ask no model for an answer (token counts) are left out. Prints nothing.
"""

from itertools import islice
from pathlib import Path

from traces import dialects
from traces.errors import TraceFormatError
from traces.model import Trace
from traces.storage import store
from traces.storage.resolve import HOW_TO_CAPTURE, NoTrace, place_from_end, resolve, traces_in


def traces(name: str, skipped: list[str]) -> list[Trace]:
    """At least one, oldest first. What can't be read in a folder is told in `skipped`. Raises ToolkitError."""
    if (number := place_from_end(name)) is not None:
        return [_newest(store.root(), number)]
    kind, _, path, _ = resolve(name)
    files = _of_session(name, skipped) if kind == "session" else store.files(path)
    found = [trace for file in files for trace in _read(file, path, skipped) if asks_a_model(trace)]
    if not found:
        raise NoTrace(f"{name}: holds no request that a model could answer. {HOW_TO_CAPTURE}")
    return found


def asks_a_model(trace: Trace) -> bool:
    place = trace.request.url.partition("?")[0]
    return dialects.asks_for_an_answer(place)


def _newest(root: Path, number: int) -> Trace:
    files = reversed(traces_in(root))
    newest = (trace for file in files for trace in reversed(_read(file, root, [])) if asks_a_model(trace))
    found = next(islice(newest, number - 1, None), None)
    if found is None:
        raise NoTrace(f"{root}: holds fewer than {number} requests that a model could answer. {HOW_TO_CAPTURE}")
    return found


def _read(file: Path, asked: Path, skipped: list[str]) -> list[Trace]:
    """A file that was named must be readable. In a folder, what is a replay already isn't replayed."""
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
