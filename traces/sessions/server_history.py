"""Adds the history that a server keeps to requests that hold only what is new.

In OpenAI's responses format a request may continue an earlier answer (`previous_response_id`) or a conversation
(`conversation`). The model then reads that history, the answer to it, and what the request itself holds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from traces.content.parts import Part
from traces.sessions.model import Turn


def with_history(turns: Iterable[Turn]) -> Iterator[Turn]:
    """Yield the turns, oldest first, each with all that the model read, as far as earlier turns show it."""
    answers: dict[str, Turn] = {}
    conversations: dict[str, Turn] = {}
    for turn in turns:
        before = answers.get(turn.previous or "") or conversations.get(turn.conversation or "")
        full = _continuing(before, turn) if before else turn
        if full.answer_id:
            answers[full.answer_id] = full
        if full.conversation and full.answer:
            conversations[full.conversation] = full
        yield full


def _continuing(before: Turn, turn: Turn) -> Turn:
    """Return the turn with the history of the one before it.

    Each request has tools of its own; a system prompt that it leaves out stays the same.
    """
    history = [*_section(before, "messages"), *before.answer]
    offset = max((part.index for part in history), default=-1) + 1
    own = [_shift(part, offset) for part in _section(turn, "messages")]
    system = _section(turn, "system") or _section(before, "system")
    return replace(
        turn,
        parts=(*_section(turn, "tools"), *system, *history, *own),
        answer=tuple(_shift(part, offset) for part in turn.answer),
    )


def _section(turn: Turn, section: str) -> list[Part]:
    return [part for part in turn.parts if part.section == section]


def _shift(part: Part, offset: int) -> Part:
    return part._replace(index=part.index + offset)
