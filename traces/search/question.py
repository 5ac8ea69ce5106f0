"""A question to the index -> hits, the newest first: where it was said, by whom, and a snippet of it."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traces.errors import ToolkitError
from traces.search.passages import Role
from traces.storage.index.heads import stored, text

_AROUND = 60
"""Characters of a snippet before and after what a regular expression found."""

_TOKENS = 20
"""Words of a snippet around what was found by words."""

START, END = "\x02", "\x03"
"""What stands around the words that were found, in a snippet."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for; None: any.

    words     all of them must be in one passage; "in quotes" in this order, and with a * behind, the beginning of one
    regex     whether the words are a regular expression instead
    tool      the tool's name, of its input and its results
    model     what the model's name contains
    since     the timestamp of the oldest
    project   the folder that the user worked in, or one above it
    """

    words: str
    regex: bool = False
    role: Role | None = None
    tool: str | None = None
    model: str | None = None
    since: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, where it was last said for the first time.

    short      a name of the session for commands: the beginning of its id that no other one has; None for none
    turn       its exchange's place among those of its session, from 1; None where not all of it was searched
    sessions   how many sessions it was said in
    snippet    with `START` and `END` around what was found
    """

    timestamp: str
    path: Path
    place: int
    session: str | None
    short: str | None
    turn: int | None
    title: str | None
    model: str | None
    project: str | None
    role: Role
    tool: str | None
    sessions: int
    snippet: str


def ask(
    connection: sqlite3.Connection,
    root: Path,
    question: Question,
    limit: int,
    within: tuple[str, Sequence[object]] | None = None,
) -> list[Hit]:
    """Return the newest hits, of exchanges for which a condition holds; -1: all.

    Raises ToolkitError where the question can't be understood.
    """
    find = _by_regex if question.regex else _by_words
    found, snippet = find(connection, question.words)
    where, values = _conditions(question)
    inside, more = within or ("TRUE", ())
    rows = connection.execute(
        "SELECT text_id, MAX(timestamp), path, place, session, exchanges.thread, exchanges.id, model, project,"
        " role, tool, count(*) FROM mentions JOIN exchanges ON exchanges.id = exchange JOIN files ON files.id = file"
        f" WHERE text_id IN ({found[0]}) AND {where} AND {inside} GROUP BY text_id ORDER BY 2 DESC LIMIT ?",
        (*found[1], *values, *more, limit),
    ).fetchall()
    return [_hit(connection, root, row, snippet) for row in rows]


_Found = tuple[tuple[str, Sequence[object]], Callable[[int], str]]
"""A query for the ids of texts, and its values; and the function that returns a text's snippet."""


def _by_words(connection: sqlite3.Connection, words: str) -> _Found:
    query = as_fts(words)

    def snippet(id: int) -> str:
        row = connection.execute(
            "SELECT snippet(words, 0, ?, ?, '…', ?) FROM words WHERE words MATCH ? AND rowid = ?",
            (START, END, _TOKENS, query, id),
        ).fetchone()
        return str(row[0])

    return ("SELECT rowid FROM words WHERE words MATCH ?", (query,)), snippet


def as_fts(words: str) -> str:
    """Return the words in the language of FTS5, where they mean nothing but themselves. Raises ToolkitError."""
    found = re.findall(r'"([^"]*)"|([^\s"]+)', words)
    terms = [_term(quoted or word, prefix=not quoted and word.endswith("*")) for quoted, word in found]
    terms = [term for term in terms if term]
    if not terms:
        raise ToolkitError(f"{words or 'Nothing'}: there is no word in it to search for; --regex searches for signs.")
    return " AND ".join(terms)


def _term(words: str, prefix: bool) -> str:
    """Return one term; "" where it holds neither letters nor digits, which FTS5 would pass over."""
    return f'"{words.rstrip("*")}"{"*" if prefix else ""}' if re.search(r"[^\W_]", words) else ""


def _by_regex(connection: sqlite3.Connection, pattern: str) -> _Found:
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ToolkitError(f"{pattern}: no regular expression: {error}.") from None
    connection.create_function("found", 1, lambda text: compiled.search(text) is not None, deterministic=True)

    def snippet(id: int) -> str:
        [(text,)] = connection.execute("SELECT text FROM texts WHERE id = ?", (id,))
        found = compiled.search(text)
        assert found is not None
        start, end = found.span()
        before, behind = max(start - _AROUND, 0), end + _AROUND
        cut = f"{text[before:start]}{START}{found[0][: 4 * _AROUND]}{END}{text[end:behind]}"
        return f"{'…' if before else ''}{cut}{'…' if behind < len(text) else ''}"

    return ("SELECT id FROM texts WHERE found(text)", ()), snippet


def _conditions(question: Question) -> tuple[str, Sequence[object]]:
    """Return the conditions on exchanges and mentions, as SQL and its values."""
    found = list(_each_condition(question))
    return " AND ".join(sql for sql, _ in found) or "TRUE", [value for _, values in found for value in values]


def _each_condition(question: Question) -> Iterator[tuple[str, Sequence[object]]]:
    if question.role:
        yield "role = ?", (question.role,)
    if question.tool:
        yield "role = 'tool' AND tool = ? COLLATE NOCASE", (stored(question.tool),)
    if question.model:
        yield "instr(lower(model), lower(?)) > 0", (stored(question.model),)
    if question.since:
        yield "timestamp >= ?", (question.since,)
    if question.project:
        inside = question.project.rstrip("/") + "/"
        yield "(project = ? OR substr(project, 1, ?) = ?)", (question.project, len(inside), inside)


def _hit(connection: sqlite3.Connection, root: Path, row: Sequence[Any], snippet: Callable[[int], str]) -> Hit:
    id, timestamp, path, place, session, thread, exchange, model, project, role, tool, sessions = row
    [(turn,)] = connection.execute(
        "SELECT count(*) FROM exchanges WHERE thread = ? AND (timestamp, id) <= (?, ?)", (thread, timestamp, exchange)
    )
    [(title,)] = connection.execute(
        "SELECT (SELECT title FROM exchanges WHERE thread = ? AND title <> ''"
        " ORDER BY kind <> 'TITLE', timestamp LIMIT 1)",
        (thread,),
    )
    return Hit(
        timestamp=text(timestamp),
        path=root / text(path),
        place=place,
        session=text(session) or None,
        short=_short(connection, text(session)) if session else None,
        turn=turn,
        title=text(title),
        model=text(model),
        project=text(project),
        role=role,
        tool=text(tool),
        sessions=sessions,
        snippet=snippet(id),
    )


_SHORT = 8
"""Characters of an id that are mostly unique."""


def _short(connection: sqlite3.Connection, session: str) -> str:
    query = "SELECT count(DISTINCT session) FROM exchanges WHERE substr(session, 1, ?) = ?"
    [(alike,)] = connection.execute(query, (_SHORT, stored(session[:_SHORT])))
    return session if alike > 1 else session[:_SHORT]
