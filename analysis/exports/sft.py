"""Conversations for fine-tuning: a line of OpenAI's chat messages and tools for each that ended well.

A conversation is in the file once, with its last whole answer: the turns before are in its history. A branch, what
came before a compaction, and a subagent's conversation are lines of their own. Secrets are replaced; what failed, was
cut off or can't be read is left out, and the turn before it is the last then.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.exports.conversations import chat_of
from analysis.exports.recorded import TraceReader, clean
from traces import jsonio
from traces.content import answers
from traces.dialects import is_cut_off
from traces.errors import TranslationError
from traces.model import TEXT_REMOVED, UNRECORDED, Trace
from traces.redact import REDACTED
from traces.sessions.grouping import Session, Turn

Fields = dict[str, Any]

_CARRIES_ON = ("continued", "retry")
"""Why a turn holds all of the one that it follows."""

_NOT_WHOLE = (
    *UNRECORDED,
    TEXT_REMOVED,
    *("request_body_too_large", "request_body_not_stored", "request_body_undecodable", "request_body_too_complex"),
)
"""Marks of a trace in which a part of what was said is missing, or is no JSON."""

SIDE, FAILED, CUT = "side requests", "failed", "cut off"
ODD, NOT_WHOLE, EMPTY = "partly unreadable", "not recorded whole", "without an answer"
AT_SERVER, NO_COUNTERPART = "with a history that only the server has", "with what OpenAI's format can't hold"


@dataclass
class Lines:
    """The lines of a file for fine-tuning; after `pieces` has ended, what was left out and how many hold a secret.

    written    lines
    left_out   turns, by the reason why they are in no line: those that another one holds aren't among them
    masked     lines in which a secret is replaced
    """

    sessions: Sequence[Session]
    written: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    masked: int = 0

    def pieces(self) -> Iterator[bytes]:
        """Yield the lines."""
        reader = TraceReader()
        for session in self.sessions:
            covered: set[int] = set()
            lines = []
            for turn, place in reversed(list(zip(session.turns, session.places, strict=True))):
                if place.number in covered:
                    continue
                line = self._line(turn, place.why, reader)
                if line is not None:
                    lines.append(line)
                    covered.update(_history(session, place.number))
            yield from reversed(lines)

    def _line(self, turn: Turn, why: str, reader: TraceReader) -> bytes | None:
        """Return a turn's line; None, and count the reason, where there is none."""
        trace = reader.read(turn)
        reason = SIDE if why == "side" else _flaw(turn, trace)
        if reason is None:
            try:
                line = jsonio.dumps(clean(chat_of(trace)))
            except TranslationError:
                reason = NO_COUNTERPART
            else:
                self.written += 1
                self.masked += REDACTED.encode() in line
                return line + b"\n"
        self.left_out[reason] += 1
        return None


def _history(session: Session, number: int) -> Iterator[int]:
    """Yield the numbers of the turns that this one holds."""
    place = session.places[number - 1]
    while place.why in _CARRIES_ON and place.follows is not None:
        yield place.follows
        place = session.places[place.follows - 1]


def _flaw(turn: Turn, trace: Trace) -> str | None:
    """Return why a turn is nothing to learn from; None where it is."""
    flaws: Mapping[str, object] = {
        FAILED: turn.state == "error",
        CUT: turn.state == "incomplete" or is_cut_off(answers.stop_reason(trace.message)),
        NOT_WHOLE: trace.unknown_sections or set(_NOT_WHOLE) & set(trace.marks),
        ODD: turn.odd_events or "response_body_too_complex" in trace.marks,
        EMPTY: answers.is_empty(trace.message),
        AT_SERVER: turn.previous or turn.conversation,
    }
    return next((reason for reason, holds in flaws.items() if holds), None)
