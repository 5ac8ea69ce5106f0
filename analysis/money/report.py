"""Reads what the command `cost` reports."""

from collections.abc import Sequence
from pathlib import Path

from analysis.exchange import reading
from analysis.money.entries import entries
from analysis.money.text import Report
from traces.money import book
from traces.search import history
from traces.search.fill import Each
from traces.storage import catalog, store
from traces.storage.resolve import no_traces_in


def report(name: str | None, by: str, skipped: list[str], each: Each = iter) -> Report:
    """Return what the exchanges of a session, a folder or a file cost; without a name, of all traces.

    Raises ToolkitError where there are none, or the user's own prices can't be used.
    """
    prices = book.load()
    files = reading.files_of([name]) if name else _all()
    projects = history.projects(skipped, each) if by == "project" else {}
    found = list(reading.at_least_one(catalog.look_up(files, skipped), skipped))
    return Report(by, entries(found, prices, projects), prices)


def _all() -> Sequence[Path]:
    root = store.root()
    files = store.files(root) if root.is_dir() else []
    if not files:
        raise no_traces_in(root)
    return files
