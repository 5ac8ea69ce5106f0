"""What can be asked: each function answers one question about the recorded sessions, in plain data."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal

from analysis.mcp.answers import Answer, brief, excerpt, page, skipped_files
from analysis.money import report as money_report
from analysis.money import text as money_text
from analysis.prefix_cache import document
from analysis.prefix_cache import view as cache_view
from analysis.session import listing, report, text
from traces import moments, redact
from traces.content.parts import Part
from traces.errors import ToolkitError
from traces.search import history
from traces.search.passages import Role
from traces.search.question import END, START, Question
from traces.sessions import lookup
from traces.sessions.model import Session
from traces.storage import store
from traces.storage.resolve import NoTrace, resolve

Section = Literal["conversation", "system", "tools"]

Group = Literal["day", "session", "agent", "model", "project"]

_TURN_KEYS = (
    *("number", "agent", "request_type", "timestamp", "input_tokens", "new_tokens", "cached_tokens", "output_tokens"),
    *("ttft", "total", "tool_calls", "note"),
)
_CACHE_KEYS = ("number", "agent", "kind", "total", "cached", "reused", "wasted", "seconds")
_BREAK_KEYS = ("kind", "where", "token", "wasted", "before", "after")


def search(
    words: str,
    role: Role | None = None,
    tool: str | None = None,
    model: str | None = None,
    since: str | None = None,
    project: str | None = None,
    regex: bool = False,
    offset: int = 0,
    limit: int = 10,
) -> Answer:
    """Return where something was said, the newest first. Raises ToolkitError."""
    oldest = _oldest(since)
    asked = Question(words, regex, role, tool, model, oldest, project)
    skipped: list[str] = []
    hits = history.search(asked, offset + limit + 1, skipped)
    rows = [
        {
            "when": hit.timestamp,
            "session": hit.short or hit.path.stem,
            "turn": hit.turn,
            "title": hit.title,
            "role": hit.role,
            "tool": hit.tool,
            "project": hit.project,
            "sessions": hit.sessions if hit.sessions > 1 else None,
            "snippet": _snippet(hit.snippet),
        }
        for hit in hits
    ]
    return {**page("hits", rows, offset, limit), **skipped_files(skipped)}


def sessions(since: str | None = None, offset: int = 0, limit: int = 10) -> Answer:
    """Return the sessions, the newest first. Raises ToolkitError."""
    oldest = _oldest(since)
    skipped: list[str] = []
    found = listing.rows(store.root(), offset + limit + 1, skipped)
    rows = [row for row in found if oldest is None or str(row["began"]) >= oldest[:19].replace("T", " ")]
    return {**page("sessions", rows, offset, limit), **skipped_files(skipped)}


def session(name: str = "latest", offset: int = 0, limit: int = 20) -> Answer:
    """Return a session's turns with their tokens and times, and its sums. Raises ToolkitError."""
    skipped: list[str] = []
    [found] = report.view([_only(name, skipped)]).reports
    rows = [{key: row[key] for key in _TURN_KEYS} for row in map(text.turn_row, found.rows)]
    *agents, total = map(brief, text.agent_rows(found))
    return {
        "session": found.session.id,
        "heading": text.heading(found),
        "total": total,
        "agents": agents,
        "seconds": {activity: round(seconds, 3) for activity, seconds in found.time.items() if seconds},
        **page("turns", rows, offset, limit),
        **skipped_files(skipped),
    }


def turn(name: str = "latest", number: int | None = None, section: Section = "conversation", offset: int = 0) -> Answer:
    """Return what one turn of a session says: what is new in its conversation and the answer, or a part of its prompt.

    Without a number, of the last turn. Raises ToolkitError.
    """
    found = _only(name, [])
    turns = len(found.turns)
    place = turns if number is None else number
    if not 1 <= place <= turns:
        raise ToolkitError(f"Turn {place}: session {found.id} has the turns 1 to {turns}.")
    said = "\n\n".join(map(_block, _parts(found, place, section)))
    return {"session": found.id, "turn": place, "turns": turns, "section": section, **excerpt(said, offset)}


def prefix_breaks(name: str = "latest", offset: int = 0, limit: int = 10) -> Answer:
    """Return what broke the prefix cache of a session, what that cost, and what to do. Raises ToolkitError."""
    skipped: list[str] = []
    shown = document.document(cache_view.view([_only(name, skipped)]))
    turns = shown["turns"]
    assert isinstance(turns, list)
    rows = [
        {
            **{key: row[key] for key in _CACHE_KEYS},
            "breaks": [{key: one[key] for key in _BREAK_KEYS} for one in row["breaks"]],
        }
        for row in turns
        if row["breaks"]
    ]
    worst = sorted(rows, key=lambda row: row["wasted"], reverse=True)
    kept = ("sessions", "server", "sums", "losses", "remedies")
    return {**{key: shown[key] for key in kept}, **page("worst_turns", worst, offset, limit), **skipped_files(skipped)}


def cost(name: str | None = None, by: Group = "session", offset: int = 0, limit: int = 20) -> Answer:
    """Return what a session cost, or all of them, in groups, in dollars. Raises ToolkitError."""
    skipped: list[str] = []
    found = money_report.report(_only(name, skipped).id if name else None, by, skipped)
    shown = money_text.document(found)
    rows = shown["rows"]
    assert isinstance(rows, list)
    total = {key: shown[key] for key in ("by", "total", "unknown")}
    notes = list(money_text.notes(found))
    return {**total, "notes": notes, **page("rows", rows, offset, limit), **skipped_files(skipped)}


def _snippet(found: str) -> str:
    """Return a snippet with what was found in **bold**, unless that hides a secret from being masked."""
    plain = found.replace(START, "").replace(END, "")
    clean = redact.Cleaner().text(plain)
    shown = found.replace(START, "**").replace(END, "**") if clean == plain else clean
    return " ".join(shown.split())


def _oldest(since: str | None) -> str | None:
    return moments.timestamp(moments.moment(since, datetime.now(UTC))) if since else None


def _only(name: str, skipped: list[str]) -> Session:
    """Return the one session that a name means, among the recorded ones. Raises ToolkitError."""
    meaning = resolve(name)
    root = store.root().resolve()
    if meaning.kind != "session" and root not in meaning.path.resolve().parents:
        raise NoTrace(f"{name}: isn't among the recorded sessions in {root}. Name one by its id, or `latest`.")
    found = lookup.find(name, skipped)
    if len(found) > 1:
        raise NoTrace(f"{name}: {len(found)} sessions. Name one by its id.")
    return found[0]


def _parts(session: Session, place: int, section: Section) -> Iterator[Part]:
    turn = session.turns[place - 1]
    if section != "conversation":
        yield from (part for part in turn.parts if part.section == section)
        return
    follows = session.places[place - 1].follows
    before = session.turns[follows - 1] if follows else None
    known: Sequence[Part] = (*before.parts, *before.answer) if before else ()
    had = set(map(id, known))  # equal parts of a session are the same object
    yield from (part for part in turn.parts if part.section == "messages" and id(part) not in had)
    yield from (part._replace(kind="assistant") if part.kind == "other" else part for part in turn.answer)


def _block(part: Part) -> str:
    name = f" {part.name}" if part.name else ""
    return f"[{part.kind.replace('_', ' ')}{name}]\n{part.text or ('(not text)' if part.media else '')}"
