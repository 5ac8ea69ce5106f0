"""How well this machine measures: our figures for the built-in server's answers, compared with its own times."""

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

ANSWERS = 64
"""Answers for each number of streams: as many as a p99 needs to mean something."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Measured minus true, in seconds, with this number of streams at once.

    cpu_per_chunk   processor time of this process for each chunk, in seconds
    doubts          how many answers came with a warning that their figures can't be trusted
    """

    streams: int
    ttft: tuple[float, ...]
    gaps: tuple[float, ...]
    cpu_per_chunk: float
    doubts: int = 0


OnProgress = Callable[[int, int, int], None]
"""Called with the number of streams, of answers so far, and of answers to come in all."""


def _no_progress(streams: int, answers: int, of: int) -> None:
    """Ignore the progress."""


def calibrate(
    streams: Sequence[int] = STREAMS, plan: Plan = PLAN, answers: int = ANSWERS, on_progress: OnProgress = _no_progress
) -> Iterator[Errors]:
    """Yield the errors for each number of streams, as soon as they are measured."""
    with server.start() as address:
        for number in streams:
            yield asyncio.run(measure_errors(address, number, plan, max(1, answers // number), on_progress))


async def measure_errors(
    address: str, streams: int, plan: Plan, bursts: int, on_progress: OnProgress = _no_progress
) -> Errors:
    """Start all streams at once, `bursts` times, and return the errors of their figures."""
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
    """Return a request as large as one of Claude Code's."""
    api_format = FORMATS[DEFAULT]
    body = {**api_format.question(plan.model, "word " * (PROMPT // 5), 1000), "stream": True}
    headers = {"content-type": "application/json", **api_format.headers({})}
    target = Target(address, "calibration")
    return Prepared(target, api_format.path, headers, jsonio.dumps(body), plan.model, api_format.name)


def _errors_of(exchange: Sent) -> tuple[float, list[float]]:
    """Return the error of the first chunk's time, and those of the gaps between chunks, without their signs.

    A chunk that is read late makes one gap longer and the next one shorter: both are errors.
    """
    message: Any = exchange.message
    if exchange.error is not None:
        raise RuntimeError(f"the built-in server failed: {exchange.error.message}")
    truth = truth_in(message["content"][0]["text"])
    moments = [event.at for event in content_chunks(exchange.events) if event.at is not None]
    gaps = (after - before for before, after in pairwise(moments))
    return moments[0] - truth.sent[0], [abs(ours - true) for ours, true in zip(gaps, truth.gaps, strict=True)]
