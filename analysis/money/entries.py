"""Traces -> what each of their exchanges cost, from their heads alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from traces.money.billed import Billed
from traces.money.book import Charge, PriceBook
from traces.money.busy import busy_seconds
from traces.storage.index.heads import Found


@dataclass(frozen=True, slots=True)
class Entry:
    """An exchange and what it cost. `project` is the folder that its user worked in; None where that isn't known."""

    timestamp: str
    session: str | None
    agent: str | None
    model: str | None
    mode: str
    project: str | None
    billed: Billed
    charge: Charge


def entries(found: Iterable[Found], book: PriceBook, projects: Mapping[Path, str]) -> list[Entry]:
    """Return an entry for each exchange in the files."""
    known = [(one.path, head) for one in found for head in one.heads]
    seconds = busy_seconds([(head.mode, head.timestamp, head.total) for _, head in known])
    return [
        Entry(
            head.timestamp,
            head.ids.session,
            head.ids.agent,
            head.model,
            head.mode,
            projects.get(path),
            head.billed,
            book.charge(head.billed, head.timestamp, busy),
        )
        for (path, head), busy in zip(known, seconds, strict=True)
    ]


Key = Callable[[Entry], str | None]

KEYS: Mapping[str, Key] = {
    "day": lambda entry: entry.timestamp[:10],
    "session": lambda entry: entry.session,
    "agent": lambda entry: f"{entry.session} {entry.agent or 'main'}" if entry.session else None,
    "model": lambda entry: entry.model,
    "project": lambda entry: entry.project,
}
"""What costs can be grouped by -> which group an exchange belongs to; None where that isn't known. Days are of UTC."""


def groups(found: Sequence[Entry], by: str) -> Iterator[tuple[str | None, list[Entry]]]:
    """Yield the groups: days in order, others by what they cost, the dearest first."""
    by_key: dict[str | None, list[Entry]] = {}
    for entry in found:
        by_key.setdefault(KEYS[by](entry), []).append(entry)
    if by == "day":
        yield from sorted(by_key.items(), key=lambda item: item[0] or "")
    else:
        yield from sorted(by_key.items(), key=lambda item: -_known(item[1]))


def _known(some: Iterable[Entry]) -> float:
    return float(sum(entry.charge.dollars or 0 for entry in some))
