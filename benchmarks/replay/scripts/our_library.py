"""A client with `replay.transport.send` and `replay.run.metrics`, for many streams at once: the command has one."""

import asyncio
import time
from typing import Any

from benchmarks.replay.client import PATH
from benchmarks.replay.scripts import wire
from replay.exchange import Sent
from replay.request import Prepared, Target
from replay.run.metrics import measure
from replay.transport.send import send
from traces.metrics import content_chunks


async def exchanges(job: wire.Job) -> list[Sent]:
    target = Target(job.url.removesuffix(PATH), "bench")
    prepared = Prepared(target, PATH, {"content-type": "application/json"}, job.body, job.load.model, "chat")
    found: list[Sent] = []
    for _ in range(job.load.bursts):
        found += await asyncio.gather(*(send(prepared) for _ in range(job.load.streams)))
    for exchange in found:
        measure(exchange)
    return found


def read(exchange: Sent) -> wire.Seen:
    message: Any = exchange.message
    moments = [event.at or 0.0 for event in content_chunks(exchange.events)]
    return moments, message["choices"][0]["message"]["content"]


def main() -> None:
    found = asyncio.run(exchanges(wire.job()))
    cpu = time.process_time()
    wire.report(map(read, found), cpu)


main()
