"""Search in the folder of all traces, whose index is brought up to date first."""

from pathlib import Path
from sqlite3 import Connection

from traces.errors import ToolkitError
from traces.search import fill, question
from traces.search.question import Hit, Question
from traces.storage import store
from traces.storage.index import database, heads


def search(asked: Question, limit: int, skipped: list[str], each: fill.Each = iter) -> list[Hit]:
    """Return the newest hits in all traces; -1: all. Reasons why files can't be read go to `skipped`.

    Raises ToolkitError where the question can't be understood, or the index can't be used.
    """
    root = store.root()
    if not root.is_dir():
        return []
    with database.opened(root) as index:
        if index is None:
            raise ToolkitError(
                f"{database.path_of(root)}: a search needs this index, and it can't be opened or written."
            )
        if not database.has_words(index):
            raise ToolkitError("A search needs FTS5, without which the SQLite of this Python was built.")
        database.attempt(root, lambda: _update(index, root, skipped, each))
        found = database.attempt(root, lambda: question.ask(index, root, asked, limit))
    if found is None:
        raise ToolkitError("The index couldn't be read; ask once more.")
    return found


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
