"""Answers small enough for an agent's context: without empty fields, in pages, and without secrets."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from traces import redact

MOST_ROWS = 100
"""Rows of one answer, however many are asked for."""

MOST_CHARACTERS = 16_000
"""Characters of one answer: about 4,000 tokens. Claude Code warns of answers from 10,000 tokens on."""

Answer = dict[str, Any]


def brief(row: Mapping[str, object]) -> Answer:
    """Return a row without the fields that say nothing."""
    return {key: value for key, value in row.items() if value not in (None, "", [], {})}


def page(name: str, rows: Iterable[Mapping[str, object]], offset: int, limit: int) -> Answer:
    """Return so many of the rows, from `offset` on, as far as they fit; `next_offset` is there where more follow."""
    wanted = min(limit, MOST_ROWS)
    found = [brief(row) for row in rows][offset : offset + wanted + 1]
    shown: list[Answer] = []
    room = MOST_CHARACTERS
    for row in found[:wanted]:
        room -= len(as_text(row))
        if room < 0 and shown:
            break
        shown.append(row)
    more = {"next_offset": offset + len(shown)} if len(found) > len(shown) else {}
    return {name: shown, **more}


def excerpt(text: str, offset: int) -> Answer:
    """Return as much of a text as fits, from `offset` on; `next_offset` is there where more follows.

    Secrets are masked first: half of one isn't known as such.
    """
    text = redact.Cleaner().text(text)
    end = offset + MOST_CHARACTERS
    more = {"next_offset": end, "length": len(text)} if end < len(text) else {}
    return {"text": text[offset:end], **more}


def skipped_files(reasons: Sequence[str]) -> Answer:
    """Return what to say of files that couldn't be read: how many, and why the first."""
    return {"unreadable_files": len(reasons), "first_reason": reasons[0]} if reasons else {}


def as_text(answer: Mapping[str, object]) -> str:
    """Return an answer as compact JSON, with secrets masked: a trace of another program's may hold some."""
    return json.dumps(redact.Cleaner().value(dict(answer)), ensure_ascii=False, separators=(",", ":"))
