"""Search in the folder of all traces, whose index is brought up to date first."""

from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection

from traces.errors import ToolkitError
from traces.search import elsewhere, fill, question
from traces.search.question import Hit, Question
from traces.search.scope import Scope
from traces.storage import store
from traces.storage.index import database, heads


def search(
    asked: Question, limit: int, skipped: list[str], each: fill.Each = iter, within: Scope | None = None
) -> list[Hit]:
    """Return the newest hits in all traces, or within a scope; -1: all.

    Reasons why files can't be read go to `skipped`. Hits in files of their own have no name of a session, and no turn.
    Raises ToolkitError where the question can't be understood, or the index can't be used.
    """
    root = store.root()
    if within is not None and within.alone:
        with elsewhere.indexed(within.files, root, skipped, each) as index:
            _check(index)
            return [replace(hit, short=None, turn=None) for hit in question.ask(index, root, asked, limit)]
    if not root.is_dir():
        return []
    condition = within.condition if within else None
    with database.opened(root) as index:
        if index is None:
            raise ToolkitError(
                f"{database.path_of(root)}: a search needs this index, and it can't be opened or written."
            )
        _check(index)
        database.attempt(root, lambda: _update(index, root, skipped, each))
        found = database.attempt(root, lambda: question.ask(index, root, asked, limit, condition))
    if found is None:
        raise ToolkitError("The index couldn't be read; ask once more.")
    return found


def _check(index: Connection) -> None:
    if not database.has_words(index):
        raise ToolkitError("A search needs FTS5, without which the SQLite of this Python was built.")


def _update(index: Connection, root: Path, skipped: list[str], each: fill.Each) -> None:
    heads.update(index, root, root, skipped)
    fill.fill(index, root, skipped, each)


def projects(skipped: list[str], each: fill.Each = iter) -> dict[Path, str]:
    """Return the folder that its user worked in, of each trace that says it, or whose session does.

    Reasons why files can't be read go to `skipped`. Without an index there is none.
    """
    root = store.root()
    with database.opened(root) as index:
        if index is None or not database.has_words(index):
            return {}
        return database.attempt(root, lambda: _projects(index, root, skipped, each)) or {}


def _projects(index: Connection, root: Path, skipped: list[str], each: fill.Each) -> dict[Path, str]:
    _update(index, root, skipped, each)
    rows = index.execute(
        "SELECT path, COALESCE(exchanges.project, known.project) FROM exchanges JOIN files ON files.id = file"
        " LEFT JOIN (SELECT named, MIN(project) AS project FROM exchanges GROUP BY named) AS known"
        " ON known.named = exchanges.named"
    )
    return {root / heads.text(path): heads.text(project) for path, project in rows if project is not None}
