"""`replay.send` and `replay.metrics`, as a replay uses them."""

import asyncio
import time
from typing import Any

from benchmarks.replay import wire
from replay.metrics import content_chunks, measure
from replay.model import Exchange, Prepared, Target
from replay.send import send


async def exchanges(job: wire.Job) -> tuple[float, float, list[Exchange]]:
    target = Target(f"http://{job.host}:{job.port}", "bench")
    prepared = Prepared(target, "/v1/messages", {"content-type": "application/json"}, job.body, job.model, "anthropic")
    before, first, found = time.process_time(), time.perf_counter(), []
    for _ in range(job.bursts):
        found += await asyncio.gather(*(send(prepared) for _ in range(job.streams)))
    for exchange in found:
        measure(exchange)
    return first, time.process_time() - before, found


def seen(exchange: Exchange) -> tuple[list[float], str]:
    message: Any = exchange.message
    return [event.at or 0.0 for event in content_chunks(exchange.events)], message["content"][0]["text"]


def main() -> None:
    first, cpu, found = asyncio.run(exchanges(wire.job()))
    wire.report(first, cpu, [seen(exchange) for exchange in found])


main()
