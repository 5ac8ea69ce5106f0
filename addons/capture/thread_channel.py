"""The channel to writers in threads of the proxy, where there can be no process for them.

Their time is taken from the event loop, and so from the tokens of every stream; and what they haven't written is lost
with the proxy, if that is killed.
"""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from addons.capture.handover import Begun, Body, Ended
from addons.capture.writer import Report, Work, is_large, write


class ThreadChannel:
    """A channel to two threads: one for large exchanges, one for all others, which don't wait for those."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._small = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trace writer")
        self._large = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer of large traces")
        self._open: dict[str, Work] = {}
        self._paths: dict[str, Path] = {}
        self._reports: deque[tuple[str, str, str]] = deque()

    def begin(self, key: str, begun: Begun, body: Body) -> None:
        """Hand over a request, which is written at once."""
        self._open[key] = Work(key, begun, body)
        self._small.submit(self._write, self._open[key])

    def end(self, key: str, ended: Ended, body: Body) -> None:
        """Hand over what came of it."""
        self._small.submit(self._write, replace(self._open.pop(key), ended=ended, response=body))

    def close(self) -> None:
        """Wait until everything is written, and report it."""
        self._small.shutdown()  # first: it hands on to the other one
        self._large.shutdown()
        self._report_all()  # the loop waits here, and won't turn again

    def _write(self, work: Work) -> None:
        if is_large(work):
            self._large.submit(self._write_now, work)
        else:
            self._write_now(work)

    def _write_now(self, work: Work) -> None:
        write(replace(work, path=self._paths.get(work.key)), self._note)
        if work.ended:
            self._paths.pop(work.key, None)

    def _note(self, kind: str, key: str, text: str) -> None:
        if kind == "named":
            self._paths[key] = Path(text)
        self._reports.append((kind, key, text))
        self._loop.call_soon_threadsafe(self._report_all)

    def _report_all(self) -> None:
        while self._reports:
            self._report(*self._reports.popleft())
