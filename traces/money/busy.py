"""How long exchanges kept a server busy, where an hour of it has a price.

A server that works on several requests at once costs no more than for one: each moment is shared out among them. So
the shares add up to the time in which it had any request, from when that went out to the end of its answer.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

Span = tuple[float, float]


def shares(spans: Sequence[tuple[float, float]]) -> list[float]:
    """Return each span's share, in seconds; of moments that several cover, each has an equal part."""
    edges = sorted({edge for span in spans for edge in span})
    at = {edge: number for number, edge in enumerate(edges)}
    change = [0] * (len(edges) + 1)
    for start, end in spans:
        change[at[start]] += 1
        change[at[end]] -= 1
    until = [0.0]  # the share of a span that covers everything up to each edge
    running = 0
    for number in range(len(edges) - 1):
        running += change[number]
        until.append(until[-1] + ((edges[number + 1] - edges[number]) / running if running else 0.0))
    return [until[at[end]] - until[at[start]] for start, end in spans]


def busy_seconds(exchanges: Sequence[tuple[str, str, float | None]]) -> list[float | None]:
    """Return each exchange's share of the time in which its server was busy; None where its times aren't known.

    Exchanges are given by the server's kind, their beginning (ISO 8601) and their seconds.
    """
    found: list[float | None] = [None] * len(exchanges)
    spans: dict[str, list[tuple[int, Span]]] = {}
    for number, (mode, timestamp, total) in enumerate(exchanges):
        if total is not None and (begun := _epoch(timestamp)) is not None:
            spans.setdefault(mode, []).append((number, (begun, begun + total)))
    for some in spans.values():
        for (number, _), share in zip(some, shares([span for _, span in some]), strict=True):
            found[number] = share
    return found


def _epoch(timestamp: str) -> float | None:
    with suppress(ValueError):
        moment = datetime.fromisoformat(timestamp)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None


class BusyTime:
    """The time that is covered by at least one span, while spans come in any order."""

    def __init__(self) -> None:
        self._covered: list[tuple[float, float]] = []

    def add(self, start: float, end: float) -> float:
        """Add a span, and return the seconds of it that nothing covered before."""
        apart = [span for span in self._covered if span[1] < start or span[0] > end]
        joined = [span for span in self._covered if not (span[1] < start or span[0] > end)]
        whole = min([start, *(span[0] for span in joined)]), max([end, *(span[1] for span in joined)])
        self._covered = [*apart, whole]
        return whole[1] - whole[0] - sum(last - first for first, last in joined)
