"""Predicted reuse of a prefix against what a real llama.cpp reports: every captured request, sent again in order.

A prediction is made from the requests, the answers, and the server's count of each whole prompt. How much it reused
isn't used for that.
"""

import argparse
import http.client
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Any

from tabulate import tabulate

from analysis.prefix_cache import cache
from analysis.prefix_cache.prompts import part_counter
from analysis.tokens.counters import counter
from benchmarks.prefix import capture
from demo import CACHE, client, model_server
from tests.support import own_tokenizer
from traces.model import Response, Timing, Trace
from traces.sessions.model import Turn
from traces.sessions.reader import TurnReader

MEDIAN, NEARLY_ALL = 0.01, 0.03
"""The largest median of the errors, and the largest 95th percentile, as shares of the prompt."""

MODEL = "tiny"
CONTEXT = 65_536
ANSWER = 8
"""Tokens that the server generates for each request."""


@dataclass(frozen=True)
class Setup:
    """How the server is started, and what the prediction is given of that.

    in_turn   whether sessions follow one another; otherwise two are interleaved, as they were captured
    """

    name: str
    options: tuple[str, ...]
    slots: int
    host: float
    in_turn: bool


DEFAULT = Setup("one slot, host memory (--cache-ram 8192)", (), 1, inf, False)
SETUPS = (
    DEFAULT,
    Setup("one slot (--cache-ram 0)", ("--cache-ram", "0"), 1, 0, True),
    Setup("two slots (--cache-ram 0)", ("--cache-ram", "0", "--slots", "2"), 2, 0, True),
)


@dataclass(frozen=True)
class Row:
    """One turn: the tokens of its prompt, how many were predicted to be reused, and how many the server reports."""

    turn: Turn
    total: int
    predicted: float
    reported: int

    @property
    def error(self) -> float:
        """The difference of predicted and reported tokens, as a share of the prompt."""
        return abs(self.predicted - self.reported) / self.total


def main(arguments: Sequence[str] = ()) -> None:
    """Compare predictions with real servers; exit with 1 if the errors are too large."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prefix truth")
    parser.add_argument("--quick", action="store_true", help="two sessions instead of eleven")
    parser.add_argument("--fresh", action="store_true", help="let the client capture again what is in .cache")
    given = parser.parse_args(arguments)
    traces = _traces(capture.FEW if given.quick else capture.VISITS, given.fresh)
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        tokenizer = own_tokenizer.write(Path(scratch) / "tokenizer.json")
        for setup in SETUPS:
            began = time.monotonic()
            found[setup] = compare(replay(traces, setup, Path(scratch)), tokenizer, setup)
            print(f"{setup.name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    headers = ["", "turns", "prompt tokens", "reused", "error: median", "95%", "largest"]
    print(f"{client.PACKAGE}, load average {os.getloadavg()[0]:.1f}")
    print(tabulate([_line(setup, rows) for setup, rows in found.items()], headers))
    kept = all(map(is_near, found.values()))
    print(f"to reach: {MEDIAN:.0%} and {NEARLY_ALL:.0%}: {'reached' if kept else 'MISSED'}")
    if not kept:
        raise SystemExit(1)


def is_near(rows: Sequence[Row]) -> bool:
    errors = [row.error for row in rows]
    return quantile(errors, 50) < MEDIAN and quantile(errors, 95) < NEARLY_ALL


def _traces(visits: Sequence[capture.Visit], fresh: bool) -> list[Trace]:
    program = client.install()
    if program is None:
        sys.exit("The real Claude Code is missing: install npm.")
    folder = CACHE / "prefix" / f"{client.PACKAGE.rpartition('@')[2]}-{len(visits)}"
    return capture.load_or_record(program, folder, visits, fresh)


def _line(setup: Setup, rows: Sequence[Row]) -> list[object]:
    errors = [row.error for row in rows]
    total, reused = sum(row.total for row in rows), sum(row.reported for row in rows)
    shares = (f"{share:.2%}" for share in (quantile(errors, 50), quantile(errors, 95), max(errors)))
    return [setup.name, len(rows), f"{total:,}", f"{reused / total:.1%}", *shares]


def replay(traces: Sequence[Trace], setup: Setup, scratch: Path) -> list[Trace]:
    """Send the requests to a new server, one after another; return them with its answers."""
    options = ("--context", str(CONTEXT * setup.slots), *setup.options)
    with model_server.start(MODEL, scratch / "server.log", *options) as url:
        return list(_send(_by_session(traces) if setup.in_turn else traces, url))


def _by_session(traces: Sequence[Trace]) -> list[Trace]:
    begun = list(dict.fromkeys(trace.ids.session for trace in traces))
    return sorted(traces, key=lambda trace: begun.index(trace.ids.session))


def _send(traces: Iterable[Trace], url: str) -> Iterator[Trace]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=300)
    for trace in traces:
        assert isinstance(trace.request.body, dict)
        body = {**trace.request.body, "model": MODEL, "stream": False, "max_tokens": ANSWER}
        at, began = datetime.now(UTC), time.monotonic()
        connection.request("POST", "/v1/messages", json.dumps(body), {"content-type": "application/json"})
        answer = connection.getresponse()
        response = Response(answer.status, {}, json.loads(answer.read()))
        if answer.status != 200:
            raise RuntimeError(f"llama.cpp refused a request: {response.body}")
        timing = Timing(total=time.monotonic() - began)
        yield replace(trace, timestamp=at.isoformat(), response=response, error=None, timing=timing, events=())
    connection.close()


def compare(traces: Iterable[Trace], tokenizer: Path, setup: Setup) -> list[Row]:
    turns = list(map(TurnReader().read, traces))
    counts = part_counter(counter(str(tokenizer)))
    reuses = cache.predict(turns, counts, setup.slots, host=setup.host)
    return [_row(turn, reuse) for turn, reuse in zip(turns, reuses, strict=True)]


def _row(turn: Turn, reuse: cache.Reuse) -> Row:
    usage: Any = turn.usage  # llama.cpp always reports one
    return Row(turn, usage.total, reuse.tokens / reuse.total * usage.total, usage.cache_read)


def quantile(values: Iterable[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
