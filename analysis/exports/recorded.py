"""The sessions to export, and the exchanges that their turns were read from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from traces import redact
from traces.model import Trace
from traces.sessions import lookup
from traces.sessions.grouping import Place, Session, Turn, sessions
from traces.storage import store


class Recorded(NamedTuple):
    """An exchange with its place in a session."""

    session: Session
    turn: Turn
    place: Place
    trace: Trace


def read_sessions(files: Iterable[Path], skipped: list[str]) -> list[Session]:
    """Return the sessions in the files, oldest first; add to `skipped` why a file couldn't be read."""
    return sessions(lookup.turns(files, skipped))


def recorded(found: Sequence[Session]) -> Iterator[Recorded]:
    """Yield each turn of the sessions with its exchange, session by session, one exchange in memory at a time."""
    reader = TraceReader()
    for session in found:
        for turn, place in zip(session.turns, session.places, strict=True):
            yield Recorded(session, turn, place, reader.read(turn))


@dataclass
class TraceReader:
    """Reads the exchanges of turns again. A .flow file holds many: it is read once for turns in a row."""

    _file: Path | None = None
    _traces: list[Trace] = field(default_factory=list)

    def read(self, turn: Turn) -> Trace:
        """Return the exchange of a turn. Raises TraceFormatError where its file can't be read any more."""
        assert turn.file is not None  # it was read from a file
        if turn.file != self._file:
            self._file, self._traces = turn.file, list(store.read(turn.file))
        return self._traces[turn.place - 1]


def clean(value: object) -> object:
    """Return JSON without secrets. Recorded exchanges hold none; other programs' files may."""
    return redact.cleaner(frozenset()).value(value)
