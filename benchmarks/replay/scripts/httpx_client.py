"""A client with httpx: what it returns is timestamped, and read only when all is over."""

import asyncio
import time

import httpx

from benchmarks.replay.scripts import wire


async def exchange(client: httpx.AsyncClient, url: str, body: bytes) -> wire.Arrivals:
    pieces, start = [], time.perf_counter()
    async with client.stream("POST", url, content=body, headers={"content-type": "application/json"}) as response:
        async for data in response.aiter_raw():
            pieces.append((time.perf_counter(), data))
    return start, pieces


async def exchanges(job: wire.Job) -> list[wire.Arrivals]:
    answers, body = [], job.body
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=None)) as client:
        for _ in range(job.load.bursts):
            answers += await asyncio.gather(*(exchange(client, job.url, body) for _ in range(job.load.streams)))
    return answers


wire.report_arrivals(asyncio.run(exchanges(wire.job())))
