"""What `trace-analyzer search` shows: where something was said, a snippet of it, and the command that opens it."""

import shlex
from collections.abc import Callable, Mapping, Sequence

import click

from traces.search.history import search as search
from traces.search.question import END, START, Hit
from traces.storage import store
from ui.tables import Column, Row, as_csv, as_json, as_markdown
from ui.terminal import printable

COLUMNS = (
    Column("timestamp", "When (UTC)"),
    Column("session", "Session"),
    Column("turn", "Turn"),
    Column("title", "Title"),
    Column("role", "Role"),
    Column("tool", "Tool"),
    Column("model", "Model"),
    Column("project", "Project"),
    Column("snippet", "Snippet"),
    Column("sessions", "Sessions"),
    Column("command", "To open it"),
    Column("file", "File"),
)


def row(hit: Hit) -> Row:
    """Return a hit as names and values."""
    return {
        "timestamp": hit.timestamp,
        "session": hit.session,
        "turn": hit.turn,
        "title": hit.title,
        "role": hit.role,
        "tool": hit.tool,
        "model": hit.model,
        "project": hit.project,
        "snippet": _one_line(hit.snippet).replace(START, "").replace(END, ""),
        "sessions": hit.sessions,
        "command": command(hit),
        "file": str(hit.path),
    }


def command(hit: Hit) -> str:
    """Return the command that opens what was found: its session in a browser, or its trace where no id names one."""
    return f"trace-analyzer view {shlex.quote(name(hit))}" + (f" --turn {hit.turn}" if hit.short else "")


def name(hit: Hit) -> str:
    """Return a name of the session, or of the trace; of a file elsewhere, its path."""
    return hit.short or (hit.path.stem if store.root() in hit.path.parents else str(hit.path))


def _block(hit: Hit) -> str:
    place = f"turn {hit.turn} of {name(hit)}" if hit.short else name(hit)
    said = f"{hit.role}, {hit.tool}" if hit.tool and hit.role == "tool" else hit.role
    others = f", and in {hit.sessions - 1:,} other{'s' if hit.sessions > 2 else ''}" if hit.sessions > 1 else ""
    first = f"{hit.timestamp[:19].replace('T', ' ')}  {click.style(printable(place), bold=True)}  {printable(said)}"
    title = f'  "{_one_line(hit.title)}"' if hit.title else ""
    return f"{first}{others}{title}\n    {_painted(hit.snippet)}\n    {printable(command(hit))}"


def _painted(snippet: str) -> str:
    """Return a snippet for a terminal, with what was found in colour."""
    pieces = _one_line(snippet).split(START)
    found = [piece.partition(END) for piece in pieces[1:]]
    return pieces[0] + "".join(click.style(hit, fg="yellow", bold=True) + rest for hit, _, rest in found)


def _one_line(text: str | None) -> str:
    """Return the text on one line, with nothing that a terminal obeys; the marks of what was found stay."""
    marked = " ".join((text or "").replace(START, "\ue000").replace(END, "\ue001").split())
    return printable(marked).replace("\\ue000", START).replace("\\ue001", END)


def _page(hits: Sequence[Hit]) -> str:
    return "\n\n".join(map(_block, hits)) if hits else "Nothing was found."


RENDERERS: Mapping[str, Callable[[Sequence[Hit]], str]] = {
    "table": _page,
    "json": lambda hits: as_json(list(map(row, hits))),
    "csv": lambda hits: as_csv(list(map(row, hits)), [column.key for column in COLUMNS]),
    "markdown": lambda hits: as_markdown(list(map(row, hits)), COLUMNS[:-1]),
}
"""The name of a format -> the function that returns the text."""
