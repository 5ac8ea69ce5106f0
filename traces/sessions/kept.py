"""Requests that hold only what is new, because the server keeps what was said before: made whole again.

OpenAI's responses format carries on an earlier answer (`previous_response_id`) or a conversation (`conversation`). What
the model is given then is that history, the answer to it, and what the request itself holds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from traces.content.parts import Part
from traces.sessions.model import Turn


def whole(turns: Iterable[Turn]) -> Iterator[Turn]:
    """Yield the turns, oldest first, each with all that the model was given, as far as the turns before it tell."""
    answers: dict[str, Turn] = {}
    conversations: dict[str, Turn] = {}
    for turn in turns:
        before = answers.get(turn.previous or "") or conversations.get(turn.conversation or "")
        full = _carrying_on(before, turn) if before else turn
        if full.answer_id:
            answers[full.answer_id] = full
        if full.conversation and full.answer:
            conversations[full.conversation] = full
        yield full


def _carrying_on(before: Turn, turn: Turn) -> Turn:
    """The turn with the history of the one before it. Tools are given anew each time; a system prompt that isn't given
    again is the one from before."""
    history = [*_of(before, "messages"), *before.answer]
    offset = max((part.index for part in history), default=-1) + 1
    own = [_moved(part, offset) for part in _of(turn, "messages")]
    system = _of(turn, "system") or _of(before, "system")
    return replace(
        turn,
        parts=(*_of(turn, "tools"), *system, *history, *own),
        answer=tuple(_moved(part, offset) for part in turn.answer),
    )


def _of(turn: Turn, section: str) -> list[Part]:
    return [part for part in turn.parts if part.section == section]


def _moved(part: Part, offset: int) -> Part:
    return part._replace(index=part.index + offset)
