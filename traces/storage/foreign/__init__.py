"""Records of other programs, read as traces: a new format is one class in a module here, and one row in `FORMATS`.

Each trace is marked with what its source can't know (see `traces.storage.flowfile`), and names it (`Trace.origin`).
"""

from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path

from traces.errors import LeftOut, TraceFormatError
from traces.model import Trace
from traces.storage import wrapped
from traces.storage.foreign.base import HEAD, ForeignFormat, Notes
from traces.storage.foreign.claude_code import BESIDE, Transcript
from traces.storage.foreign.claude_tap import ClaudeTap, ClaudeTapBundle, ClaudeTapDatabase
from traces.storage.foreign.claude_trace import ClaudeTrace, ClaudeTracePage
from traces.storage.foreign.codex import Rollout
from traces.storage.foreign.har import Har
from traces.storage.foreign.raw_bodies import RESPONSE, RawBodies

FORMATS: tuple[ForeignFormat, ...] = (
    RawBodies(),
    Rollout(),
    ClaudeTap(),
    ClaudeTapBundle(),
    ClaudeTapDatabase(),
    ClaudeTrace(),
    ClaudeTracePage(),
    Har(),
    Transcript(),
)
"""Every format. The first that recognises a file reads it."""

SUFFIXES = tuple(dict.fromkeys(suffix for each in FORMATS for suffix in each.suffixes))


def format_of(path: Path) -> ForeignFormat | None:
    """Return the format of a file, by its name and its beginning; None where it is none of these, or can't be read."""
    able = [each for each in FORMATS if path.name.endswith(each.suffixes)]
    head = _head(path) if able else b""
    return next((each for each in able if each.recognises(path, head)), None)


def _head(path: Path) -> bytes:
    """Return the beginning of a file, without the mark of UTF-8; of what is no file, or can't be read, nothing."""
    try:
        if not path.is_file():
            return b""  # from a pipe, nothing may ever come
        with path.open("rb") as file:
            return file.read(HEAD).removeprefix(BOM_UTF8)
    except OSError:
        return b""


def is_foreign(path: Path) -> bool:
    """Return whether a file is in one of the formats."""
    return not belongs_to_another(path) and format_of(path) is not None


def belongs_to_another(path: Path | str) -> bool:
    """Return whether a file holds an answer alone, or what else is read together with another file."""
    return str(path).endswith((RESPONSE, BESIDE))


def read(path: Path, notes: Notes | None = None) -> Iterator[Trace]:
    """Yield the exchanges in a file of another program.

    Raises TraceFormatError where it is in none of the formats, or is broken; without `notes`, LeftOut at its end where
    records in it weren't understood.
    """
    told = Notes() if notes is None else notes
    found = format_of(path)
    if found is None:
        raise TraceFormatError(f"{path}: {_why_not(path)}")
    try:
        yield from found.read(path, told)
    except OSError as error:
        raise TraceFormatError(f"{path}: {error.strerror or error}.") from error
    if notes is None and told.problem:
        raise LeftOut(f"{path}: {told.problem}")


def _why_not(path: Path) -> str:
    if not path.exists():
        return "No such file."
    head = _head(path)
    return wrapped.advice(head) or (NOTHING if head else "Nothing is in it, or it is no file.")


def files(folder: Path) -> list[Path]:
    """Return the files of other programs in a folder and the folders below it, by their paths."""
    found = [path for path in sorted(folder.rglob("*")) if path.name.endswith(SUFFIXES) and path.is_file()]
    logs = {path.with_suffix("") for path in found if path.suffix == ".jsonl"}
    pages = {path for path in found if path.suffix == ".html" and path.with_suffix("") in logs}  # hold the same
    return [path for path in found if path not in pages and is_foreign(path)]


_TITLES = [each.title for each in FORMATS]

NOTHING = f"Nothing in a format that is known here: {', '.join(_TITLES[:-1])} or {_TITLES[-1]}."
"""Said of a file or a folder that no format recognises."""
