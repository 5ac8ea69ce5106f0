"""Which two sessions are meant: a name means here what it means elsewhere, but one session, under one id."""

from collections.abc import Sequence

from analysis.diff.prompts import SECTIONS
from traces.sessions import grouping, lookup
from traces.sessions.model import Session
from traces.storage import store
from traces.storage.resolve import NoTrace, resolve

_SHOWN = 5


def find(name: str, skipped: list[str], each: lookup.Each = iter) -> Session:
    """Return the session that a name means, without the one that it continues under another id.

    Raises NoTrace where there is none, or where the name means several.
    """
    found = lookup.find(name, skipped, each)
    if len(found) > 1:
        ids = ", ".join(session.short_id for session in found[:_SHOWN])
        raise NoTrace(f"{name}: {len(found)} sessions: {ids}{', …' if len(found) > _SHOWN else ''}. Name one of them.")
    [session] = found
    if all(len(turn.unknown) == len(SECTIONS) for turn in session.turns):
        raise NoTrace(f"{name}: nothing of what was said in this session is in its records: it can't be compared.")
    if len(session.ids) < 2:
        return session
    id = _id(name, session.ids)
    own = grouping.sessions(turn for turn in session.turns if turn.ids.session == id)
    return next(one for one in own if id in one.ids)


def _id(name: str, ids: Sequence[str]) -> str:
    """Return which of a session's ids is meant: the one that begins so, else that of the trace; else the newest."""
    meaning = resolve(name)
    if meaning.kind == "trace":
        named = store.peek(meaning.path).ids.session
        return named if named is not None and named in ids else ids[-1]
    return next((id for id in ids if id.startswith(name)), ids[-1])
