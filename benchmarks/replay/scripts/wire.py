"""What all scripts share: the request, and the report that each writes.

It needs nothing but the standard library, since a script may run in an environment of its own. A script is called with
ADDRESS MODEL STREAMS REQUESTS RATE, and writes report.json where it is run.
"""

import bisect
import json
import re
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.replay.client import PATH, PROMPT, Load

REPORT = "report.json"
TEXT = re.compile(rb'"content":"((?:\d+ )+)"')

Arrivals = tuple[float, list[tuple[float, bytes]]]
"""When a request was sent, and what came when."""

Seen = tuple[list[float], str]
"""When each chunk had come, in seconds since its request, and all that the server sent."""


@dataclass(frozen=True)
class Job:
    url: str
    load: Load

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 80

    @property
    def body(self) -> bytes:
        request = {"model": self.load.model, "stream": True, "stream_options": {"include_usage": True}}
        return json.dumps({**request, "messages": [{"role": "user", "content": PROMPT}]}).encode()


def job() -> Job:
    address, model, streams, requests, rate = sys.argv[1:]
    return Job(address + PATH, Load(model, int(streams), int(requests), rate=float(rate)))


def read(arrivals: Arrivals) -> Seen:
    """Return when each chunk had come, which is when its last byte had, and the text."""
    start, pieces = arrivals
    answer = b"".join(data for _, data in pieces)
    ends = list(accumulate(len(data) for _, data in pieces))
    found = list(TEXT.finditer(answer))
    moments = [pieces[bisect.bisect_left(ends, match.end())][0] - start for match in found]
    return moments, b"".join(match[1] for match in found).decode()


def report(answers: Iterable[Seen], cpu: float, lags: Sequence[float] = ()) -> None:
    """Write the report; `cpu` is `process_time` at the end of the measurement, before the answers are read."""
    Path(REPORT).write_text(json.dumps({"cpu": cpu, "answers": list(answers), "lags": lags}))


def report_arrivals(arrivals: Iterable[Arrivals], lags: Sequence[float] = ()) -> None:
    """Write the report of what came; `lags` are how late each request went out, in seconds, where it had a time."""
    cpu = time.process_time()
    report(map(read, arrivals), cpu, lags)
