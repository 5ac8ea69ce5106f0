"""What all clients share: the request, and the report that each prints. Needs nothing but the standard library, since a
client may run in an environment of its own.

A client is a script: CLIENT ADDRESS STREAMS BURSTS DELAY CHUNKS GAP, all times in milliseconds. It must not know the
truth: it reports what it saw, and the moment of its first request on the machine's monotonic clock.
"""

import bisect
import json
import re
import sys
from dataclasses import dataclass
from itertools import accumulate
from urllib.parse import urlsplit

PROMPT = 130_000
WORDS = re.compile(rb'"text":"((?:\d+ )+)"')


@dataclass(frozen=True)
class Job:
    host: str
    port: int
    streams: int
    bursts: int
    model: str
    chunks: int

    @property
    def body(self) -> bytes:
        content = "word " * (PROMPT // 5)
        request = {"model": self.model, "max_tokens": 1000, "stream": True}
        return json.dumps({**request, "messages": [{"role": "user", "content": content}]}).encode()


def job() -> Job:
    address, *numbers = sys.argv[1:]
    streams, bursts, delay, chunks, gap = map(int, numbers)
    parts = urlsplit(address)
    return Job(parts.hostname or "", parts.port or 80, streams, bursts, f"known-times/{delay}/{chunks}/{gap}", chunks)


def seen(start: float, pieces: list[tuple[float, bytes]]) -> tuple[list[float], str]:
    """When each chunk's last byte had come, since `start`, and all that the server said."""
    answer = b"".join(data for _, data in pieces)
    ends = list(accumulate(len(data) for _, data in pieces))
    found = list(WORDS.finditer(answer))
    return [pieces[bisect.bisect_left(ends, match.end())][0] - start for match in found], b"".join(
        match[1] for match in found
    ).decode()


def report(first: float, cpu: float, answers: list[tuple[list[float], str]]) -> None:
    print(json.dumps({"first": first, "cpu": cpu, "answers": answers}))
