"""What the writer has yet to write, and when it does.

It waits while answers are under way, so that nothing competes with their tokens, but never longer than `PATIENCE`, nor
with more than `ROOM` waiting. An exchange that ends within that time is written once, and not its request before.
"""

from collections import deque
from dataclasses import dataclass
from math import inf
from pathlib import Path

from addons.capture.handover import Begun, Ended
from addons.capture.spool import Frame
from addons.capture.writer import Work

PATIENCE = 2.0
"""Seconds."""

QUIET = 0.1
"""Seconds without any answer under way after which nothing is put off: the next request of an agent often follows."""

ROOM = 64 * 2**20
"""Bytes."""


@dataclass(slots=True)
class Waiting:
    """An exchange that isn't written whole; what was recorded of it lies in the spool.

    since    when its last part came
    path     the file that was chosen for it, if one was
    """

    key: str
    begun: Frame
    since: float
    path: Path | None = None
    ended: Frame | None = None

    @property
    def size(self) -> int:
        """Return the bytes of both bodies."""
        return self.begun.size + (self.ended.size if self.ended else 0)

    def work(self) -> Work:
        """Return what is to be written, with the bodies."""
        _, _, has_body, *begun = self.begun.head()
        request = self.begun.body() if has_body else None
        if self.ended is None:
            return Work(self.key, Begun(*begun), request, path=self.path)
        _, _, has_body, *ended = self.ended.head()
        response = self.ended.body() if has_body else None
        return Work(self.key, Begun(*begun), request, Ended(*ended), response, self.path)


class Backlog:
    """Takes what the proxy recorded, and gives what is to be written. Times are of any clock that never steps."""

    def __init__(self) -> None:
        self.is_closing = False  # the proxy has ended, or waits for this: nothing is put off
        self._open: dict[str, Waiting] = {}
        self._requests: deque[Waiting] = deque()
        self._ended: deque[Waiting] = deque()
        self._size = 0  # bytes of what has ended
        self._last_end = 0.0

    def begin(self, key: str, frame: Frame, now: float, path: str = "") -> None:
        """Take the request of an exchange; `path` is where an earlier writer wrote it, or was about to."""
        waiting = self._open[key] = Waiting(key, frame, now, Path(path) if path else None)
        self._requests.append(waiting)

    def end(self, key: str, frame: Frame, now: float) -> None:
        """Take what came of an exchange after its request."""
        waiting = self._open.pop(key)
        waiting.ended, waiting.since = frame, now
        self._last_end = now
        self._ended.append(waiting)
        self._size += waiting.size

    def next(self, now: float) -> Waiting | None:
        """Return the next exchange that is to be written now, whole or its request; None if all may wait."""
        if self._ended and now >= self._due():
            whole = self._ended.popleft()
            self._size -= whole.size
            return whole
        self._forget_ended()
        if self._requests and now >= self._requests_due():
            return self._requests.popleft()
        return None

    def delay(self, now: float) -> float | None:
        """Return the seconds until something is to be written; None where nothing waits."""
        self._forget_ended()
        due = [*([self._due()] if self._ended else []), *([self._requests_due()] if self._requests else [])]
        return max(0.0, min(due) - now) if due else None

    def _due(self) -> float:
        """Return when the first of what has ended is to be written."""
        if self.is_closing or self._size > ROOM:
            return -inf
        latest = self._ended[0].since + PATIENCE
        return latest if self._open else min(latest, self._last_end + QUIET)

    def _requests_due(self) -> float:
        return -inf if self.is_closing else self._requests[0].since + PATIENCE

    def _forget_ended(self) -> None:
        """Pass over requests that are written with the whole exchange."""
        while self._requests and self._requests[0].ended:
            self._requests.popleft()
