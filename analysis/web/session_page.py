"""The data of the page of sessions: the JSON of `session` and of `cache`, a timeline, and every exchange in full.

It can be read again while the sessions are running: then only files that have changed are opened. The scripts of the
page, in `web`, read the keys that are written here.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from analysis.prefix_cache import document, view
from analysis.prefix_cache.causes import KINDS
from analysis.prefix_cache.prompts import part_counter
from analysis.session import activities, report, text
from analysis.session.report import SessionReport
from analysis.tokens.cache import CountCache
from analysis.tokens.counters import DEFAULT, counter
from analysis.web.contents import Contents
from traces.errors import TraceFormatError
from traces.sessions.model import Session, Turn
from traces.storage import store
from ui.page.parts import Counts, no_counts


class SessionsPage:
    """The data of one page of sessions, which can be read again and again."""

    def __init__(self, tokenizer: str = DEFAULT) -> None:
        self._tokenizer = tokenizer
        self._counts: Counts = no_counts
        self._contents = Contents(lambda parts: self._counts(parts))
        self._raw: dict[tuple[Path, int], dict[str, Any]] = {}
        self._versions: dict[Path, store.Version | None] = {}

    def data(self, sessions: Sequence[Session]) -> dict[str, Any]:
        """Return the page's data, the newest session first. Raises ToolkitError for an unknown tokenizer."""
        overview = report.view(sessions, self._tokenizer)
        newest_first = sorted(
            overview.reports, key=lambda report: report.session.turns[0].started_at or 0, reverse=True
        )
        model = sessions[0].turns[0].model
        with CountCache() as cache:
            self._counts = part_counter(cache.wrap(counter(self._tokenizer, model)), model)
            found = [self._session(report, overview.counter) for report in newest_first]
        return {"title": title(sessions), "sessions": found, **self._contents.lists()}

    def _session(self, report: SessionReport, counter: str) -> dict[str, Any]:
        session = report.session
        cache = _cache(session, self._tokenizer)
        return {
            "report": text.document(report, counter),
            "remarks": list(text.notes(report, counter)),
            "cache": cache,
            "causes": [{"kind": kind, "label": KINDS[kind].label} for kind in cache["losses"]] if cache else [],
            "timeline": list(_timeline(report)),
            "exchanges": [self._exchange(turn) for turn in session.turns],
        }

    def _exchange(self, turn: Turn) -> dict[str, Any]:
        return {
            "parts": self._contents.parts.add(turn.parts),
            "answer": self._contents.parts.add(turn.answer),
            "raw": self._raw_of(turn),
        }

    def _raw_of(self, turn: Turn) -> dict[str, Any] | None:
        """Return request and response; None where the file is gone, or was overwritten meanwhile."""
        if turn.file is None:
            return None
        with suppress(OSError, TraceFormatError):
            self._refresh(turn.file)
        return self._raw.get((turn.file, turn.place))

    def _refresh(self, file: Path) -> None:
        version = store.version(file)
        if self._versions.get(file, None) == version:
            return
        self._versions[file] = version
        for place, trace in enumerate(store.read(file, events=False), 1):
            self._raw[file, place] = self._contents.raw(trace)


def _cache(session: Session, tokenizer: str) -> Any:
    """Return the JSON of `cache`; None where the server refused all requests of the session."""
    with suppress(view.NoRequestServed):
        return document.document(view.view([session], tokenizer=tokenizer))
    return None


def _timeline(report: SessionReport) -> Iterator[dict[str, Any]]:
    """Yield every activity, in seconds since the session began."""
    names = {agent.key: name for agent, name, _ in report.agents}
    begun = min((turn.started_at for turn in report.session.turns if turn.started_at is not None), default=0.0)
    for span in activities.spans(report.session):
        yield {
            "from": round(span.start - begun, 3),
            "to": round(span.end - begun, 3),
            "activity": span.activity,
            "agent": names[span.agent],
            "turn": span.turn,
        }


def title(sessions: Sequence[Session]) -> str:
    """Return the page's title: how many sessions, or models, turns and beginning of the only one."""
    if len(sessions) > 1:
        return f"{len(sessions):,} sessions"
    [session] = sessions
    models = dict.fromkeys(turn.model for turn in session.turns if turn.model)
    turns = f"{len(session.turns):,} {'turn' if len(session.turns) == 1 else 'turns'}"
    return f"{', '.join(models) or 'unknown model'}, {turns}, {session.turns[0].timestamp}"
