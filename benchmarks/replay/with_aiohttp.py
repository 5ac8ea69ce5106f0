"""aiohttp as it is used for this: what it hands out is stamped, and looked at only when all is over."""

import asyncio
import time

import aiohttp  # type: ignore[import-not-found]

from benchmarks.replay import wire

Arrivals = tuple[float, list[tuple[float, bytes]]]


async def exchange(session: aiohttp.ClientSession, url: str, body: bytes) -> Arrivals:
    pieces, start = [], time.perf_counter()
    async with session.post(url, data=body, headers={"content-type": "application/json"}) as response:
        async for data in response.content.iter_any():
            pieces.append((time.perf_counter(), data))
    return start, pieces


async def measure(job: wire.Job) -> tuple[float, list[Arrivals]]:
    url, answers, body = f"http://{job.host}:{job.port}/v1/messages", [], job.body
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        before = time.process_time()
        for _ in range(job.bursts):
            answers += await asyncio.gather(*(exchange(session, url, body) for _ in range(job.streams)))
        return time.process_time() - before, answers


def main() -> None:
    cpu, answers = asyncio.run(measure(wire.job()))
    wire.report(answers[0][0], cpu, [wire.seen(start, pieces) for start, pieces in answers])


main()
