"""What `trace-analyzer list` shows: the traces of each mode, read from the first line of each file.

Costs are left to `sessions` and `cost`: loading published prices takes as long as a list may.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import chain
from pathlib import Path

import click

from traces.clients import by_name
from traces.measures import by_key
from traces.storage import catalog, resolve, store
from traces.storage.head import Head
from traces.storage.index.heads import Found
from ui.tables import Column, Row, as_count, as_csv, as_json, as_markdown, as_seconds, as_size, as_table
from ui.terminal import printable, width

STATE_COLOURS = {"error": "red", "incomplete": "yellow"}

COLUMNS = (
    Column("trace", "When (UTC)"),
    Column("session", "Session", lambda value: str(value)[:8], align="left", spare=True),
    Column("client", "Client", optional=True, spare=True),
    Column("model", "Model", cut=True),
    Column("request_type", "Type"),
    Column("input_tokens", "Input", as_count),
    Column("ttft", by_key("ttft").brief, as_seconds),
    Column("state", "State", paint=lambda value: STATE_COLOURS.get(str(value))),
    Column("marks", "Marks", cut=True, optional=True),
    Column("tools", "Tool calls", cut=True, optional=True, spare=True),
    Column("size", "Size", as_size, spare=True),
)


@dataclass(frozen=True, slots=True)
class Folder:
    """The newest traces of one folder, which holds those of one mode, and how many there are in all."""

    mode: str
    rows: Sequence[Row]
    traces: int

    @property
    def title(self) -> str:
        shown = "" if len(self.rows) == self.traces else f", the {len(self.rows)} newest shown"
        return f"{self.mode}: {self.traces:,} {'trace' if self.traces == 1 else 'traces'}{shown}"


def folders(root: Path, mode: str | None, limit: int, skipped: list[str]) -> list[Folder]:
    """Return the newest traces of each mode, all of them with a limit of 0. Raises NoTrace where there are none.

    In place of a mode, a path can be given: of a folder, or of a file with several exchanges.
    """
    elsewhere = _elsewhere(root, mode)
    every, several = _of_any_program(elsewhere) if elsewhere else (resolve.by_folder(root / mode if mode else root), [])
    files = {str(Path(folder)): names for folder, names in every}
    shown = {folder: _newest(folder, files[folder], limit) for folder in sorted(files)}
    found = {one.path: one for one in catalog.look_up([*chain.from_iterable(shown.values()), *several], skipped)}
    ours = [
        _folder(root, Path(folder), [found[path] for path in paths if path in found], len(files[folder]))
        for folder, paths in shown.items()
    ]
    return [*ours, *(_file(found[path], limit) for path in several if path in found)]


def _elsewhere(root: Path, mode: str | None) -> Path | None:
    """Return the path that is named in place of a mode; None where it is a mode's."""
    if mode is None or ((root / mode).is_dir() and root in (root / mode).parents):
        return None
    return resolve.folder(mode) if store.exists(Path(mode).expanduser()) else None


def _of_any_program(place: Path) -> tuple[list[tuple[str, list[str]]], list[Path]]:
    """Return the traces of each folder, and the files that are shown by themselves: other programs', or the named one.

    Raises NoTrace where there is neither.
    """
    folders: dict[str, list[str]] = {}
    several = []
    for file in store.files(place):
        if file == place or (file.suffix != ".flow" and store.holds_several(file)):
            several.append(file)
        else:
            folders.setdefault(str(file.parent), []).append(file.name)
    if not folders and not several:
        raise resolve.no_traces_in(place)
    return list(folders.items()), several


def _file(found: Found, limit: int) -> Folder:
    """Return the newest exchanges of a file that holds several."""
    rows = [
        {**_row(found.path.name, found.path, head, found.version.size), "trace": store.stem_of(head.timestamp)}
        for head in found.heads
    ]
    rows.sort(key=lambda row: str(row["timestamp"]), reverse=True)
    return Folder(found.path.name, rows[:limit] if limit else rows, len(rows))


def _newest(folder: str, names: Sequence[str], limit: int) -> list[Path]:
    newest = nlargest(limit, names, key=store.stem) if limit else sorted(names, key=store.stem, reverse=True)
    return [Path(folder, name) for name in newest]


def _folder(root: Path, folder: Path, found: Sequence[Found], traces: int) -> Folder:
    """Return a folder with one row for each exchange: a .flow file may have several."""
    within = folder != root and folder.is_relative_to(root)
    mode = str(folder.relative_to(root)) if within else folder.name
    return Folder(
        mode, [_row(mode, file, head, version.size) for file, version, heads in found for head in heads], traces
    )


def _row(mode: str, file: Path, head: Head, size: int) -> Row:
    return {
        "mode": mode,
        "trace": file.stem,
        "session": head.ids.session,
        "client": by_name(head.client).title if head.client else None,
        "model": head.model,
        "request_type": head.kind,
        "input_tokens": head.input_tokens,
        "ttft": head.ttft,
        "state": head.state,
        "marks": ", ".join(head.marks) or None,
        "tools": ", ".join(head.tools),
        "size": size,
        "timestamp": head.timestamp,
        "file": str(file),
    }


def _page(folders: Sequence[Folder]) -> Iterator[str]:
    for folder in folders:
        yield f"{click.style(printable(folder.title), bold=True)}\n\n{as_table(folder.rows, COLUMNS, width())}"


def _all_rows(folders: Sequence[Folder]) -> list[Row]:
    return [row for folder in folders for row in folder.rows]


RENDERERS: Mapping[str, Callable[[Sequence[Folder]], str]] = {
    "table": lambda folders: "\n\n".join(_page(folders)),
    "json": lambda folders: as_json(_all_rows(folders)),
    "csv": lambda folders: as_csv(_all_rows(folders), ["mode", *(column.key for column in COLUMNS), "file"]),
    "markdown": lambda folders: as_markdown(_all_rows(folders), [Column("mode", "Mode"), *COLUMNS]),
}
"""The name of a format -> the function that returns the text."""
