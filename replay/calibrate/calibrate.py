"""How well this machine measures: our figures of the built-in server's answers, against when it really sent them.

This module knows nothing of how that is shown.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from replay.calibrate import server
from replay.calibrate.server import Plan, truth_in
from replay.exchange import Sent
from replay.request import Prepared, Target
from replay.run import metrics
from replay.transport.send import send
from traces import jsonio
from traces.dialects import DEFAULT, FORMATS
from traces.metrics import content_chunks

STREAMS = (1, 16, 64)
PLAN = Plan(delay=300, chunks=50, gap=20)
PROMPT = 130_000
"""Bytes of the prompt: what 30,000 tokens take."""

ENOUGH = 64
"""Answers for each number of streams, so that a p99 says something."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Measured minus true, in seconds, at so many streams at once.

    cpu_per_chunk   what this process took for each chunk, in seconds
    doubts          of how many of the answers `metrics` doubts its own figures
    """

    streams: int
    ttft: tuple[float, ...]
    gaps: tuple[float, ...]
    cpu_per_chunk: float
    doubts: int = 0


OnProgress = Callable[[int, int, int], None]
"""Is told how many streams there are at once, and how many of how many answers have come."""


def _unseen(streams: int, answers: int, of: int) -> None:
    """For those who don't watch."""


def calibrate(
    streams: Sequence[int] = STREAMS, plan: Plan = PLAN, answers: int = ENOUGH, on_progress: OnProgress = _unseen
) -> Iterator[Errors]:
    """The errors for each number of streams, as soon as they are measured."""
    with server.running() as address:
        for number in streams:
            yield asyncio.run(errors(address, number, plan, max(1, answers // number), on_progress))


async def errors(address: str, streams: int, plan: Plan, bursts: int, on_progress: OnProgress = _unseen) -> Errors:
    """All streams begin at once, `bursts` times."""
    prepared = request(address, plan)
    exchanges: list[Sent] = []
    before = time.process_time()
    for _ in range(bursts):
        on_progress(streams, len(exchanges), bursts * streams)
        exchanges += await asyncio.gather(*(send(prepared) for _ in range(streams)))
    cpu = time.process_time() - before
    found = [_errors_of(exchange) for exchange in exchanges]
    return Errors(
        streams=streams,
        ttft=tuple(ttft for ttft, _ in found),
        gaps=tuple(gap for _, gaps in found for gap in gaps),
        cpu_per_chunk=cpu / (len(exchanges) * plan.chunks),
        doubts=sum(bool(metrics.measure(exchange).doubts) for exchange in exchanges),
    )


def request(address: str, plan: Plan) -> Prepared:
    """As large as one of Claude Code's."""
    spoken = FORMATS[DEFAULT]
    body = {**spoken.question(plan.model, "word " * (PROMPT // 5), 1000), "stream": True}
    headers = {"content-type": "application/json", **spoken.headers({})}
    target = Target(address, "calibration")
    return Prepared(target, spoken.path, headers, jsonio.dumps(body), plan.model, spoken.name)


def _errors_of(exchange: Sent) -> tuple[float, list[float]]:
    """Of the first chunk, and of the time between each two. A chunk that came late makes one gap longer and the next
    one shorter: both are errors, whichever way."""
    message: Any = exchange.message
    if exchange.error is not None:
        raise RuntimeError(f"the built-in server failed: {exchange.error.message}")
    truth = truth_in(message["content"][0]["text"])
    moments = [event.at for event in content_chunks(exchange.events) if event.at is not None]
    gaps = (after - before for before, after in pairwise(moments))
    return moments[0] - truth.sent[0], [abs(ours - true) for ours, true in zip(gaps, truth.gaps, strict=True)]
