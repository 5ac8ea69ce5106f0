"""Writes large exchanges, each in a fork of the writer's process, one at a time: the others needn't wait for them."""

import json
import os
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass

from addons.capture.backlog import Waiting
from addons.capture.writer import Report, write


@dataclass(slots=True)
class _Task:
    waiting: Waiting
    report: Report
    child: int = 0
    rest: bytes = b""  # of a line of the child's


class Aside:
    """A queue of exchanges, the first of which is being written."""

    def __init__(self, on_fork: Callable[[], None]) -> None:
        """Prepare an empty queue; `on_fork` lets go, in a fork, of what only this process should hold."""
        self._on_fork = on_fork
        self._queue: deque[_Task] = deque()
        self.pipes: list[int] = []  # the one from the fork, if there is one

    def add(self, waiting: Waiting, report: Report) -> None:
        """Write an exchange when those before it are written."""
        self._queue.append(_Task(waiting, report))
        if len(self._queue) == 1:
            self._start()

    def hear(self, ready: Collection[int]) -> Waiting | None:
        """Pass on what the fork reports, if its pipe is ready; return its exchange if it died over that."""
        if not self.pipes or self.pipes[0] not in ready:
            return None
        task = self._queue[0]
        data = os.read(self.pipes[0], 2**16)
        *lines, task.rest = (task.rest + data).split(b"\n")
        for line in lines:
            task.report(*json.loads(line))
        return None if data else self._on_end(task)

    def _on_end(self, task: _Task) -> Waiting | None:
        os.close(self.pipes.pop())
        _, status = os.waitpid(task.child, 0)
        self._queue.popleft()
        if self._queue:
            self._start()
        return task.waiting if status else None

    def _start(self) -> None:
        task = self._queue[0]
        pipe, theirs = os.pipe()
        task.child = os.fork()
        if task.child == 0:
            try:
                os.close(pipe)
                self._on_fork()
                write(task.waiting.work(), lambda *words: _send(theirs, words))
                os._exit(0)
            finally:
                os._exit(1)  # also where the process that forked is gone: another one writes this exchange
        os.close(theirs)
        self.pipes.append(pipe)


def _send(pipe: int, words: tuple[str, str, str]) -> None:
    data = json.dumps(words).encode() + b"\n"
    while data:
        data = data[os.write(pipe, data) :]
