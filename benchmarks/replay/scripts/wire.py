"""What all scripts share: the request, and the report that each writes. Needs nothing but the standard library, since a
script may run in an environment of its own.

A script is called with ADDRESS MODEL STREAMS REQUESTS, and writes report.json where it is run. It must not know the
truth: it says what it saw.
"""

import bisect
import json
import re
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.replay.client import PATH, PROMPT, Load

REPORT = "report.json"
TEXT = re.compile(rb'"content":"((?:\d+ )+)"')

Arrivals = tuple[float, list[tuple[float, bytes]]]
"""When a request went out, and what came when."""

Seen = tuple[list[float], str]
"""When each chunk had come, in seconds since its request, and all that the server said."""


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
    address, model, streams, requests = sys.argv[1:]
    return Job(address + PATH, Load(model, int(streams), int(requests)))


def seen(arrivals: Arrivals) -> Seen:
    """A chunk has come when its last byte has."""
    start, pieces = arrivals
    answer = b"".join(data for _, data in pieces)
    ends = list(accumulate(len(data) for _, data in pieces))
    found = list(TEXT.finditer(answer))
    moments = [pieces[bisect.bisect_left(ends, match.end())][0] - start for match in found]
    return moments, b"".join(match[1] for match in found).decode()


def report(answers: Iterable[Seen], cpu: float) -> None:
    """`cpu` is `process_time` as it was when the measuring was over: starting is in it, and looking back isn't."""
    Path(REPORT).write_text(json.dumps({"cpu": cpu, "answers": list(answers)}))


def report_arrivals(arrivals: Iterable[Arrivals]) -> None:
    cpu = time.process_time()
    report(map(seen, arrivals), cpu)
