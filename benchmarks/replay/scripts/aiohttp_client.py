"""A client with aiohttp: what it returns is timestamped, and read only when all is over."""

import asyncio
import time

import aiohttp

from benchmarks.replay.scripts import wire


async def exchange(session: aiohttp.ClientSession, url: str, body: bytes) -> wire.Arrivals:
    pieces, start = [], time.perf_counter()
    async with session.post(url, data=body, headers={"content-type": "application/json"}) as response:
        async for data in response.content.iter_any():
            pieces.append((time.perf_counter(), data))
    return start, pieces


async def exchanges(job: wire.Job) -> list[wire.Arrivals]:
    answers, body = [], job.body
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        for _ in range(job.load.bursts):
            answers += await asyncio.gather(*(exchange(session, job.url, body) for _ in range(job.load.streams)))
    return answers


wire.report_arrivals(asyncio.run(exchanges(wire.job())))
