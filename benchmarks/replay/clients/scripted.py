"""Clients that are scripts of this benchmark: what a bare loop, or an HTTP library alone, can reach."""

import json
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from benchmarks.replay.client import Answer, Client, Load, Report
from benchmarks.replay.scripts.wire import REPORT


def command(script: str, bin: Path, folder: Path, address: str, load: Load) -> list[str | Path]:
    numbers = map(str, (load.streams, load.requests, load.rate))
    return [bin / "python", "-m", f"benchmarks.replay.scripts.{script}", address, load.model, *numbers]


def read(folder: Path) -> Report:
    found = json.loads((folder / REPORT).read_text())
    lags = found["lags"] or [None] * len(found["answers"])
    answers = zip(found["answers"], lags, strict=True)
    return Report([_answer(moments, text, lag) for (moments, text), lag in answers], found["cpu"])


def _answer(moments: list[float], text: str, lag: float | None) -> Answer:
    gaps = tuple(after - before for before, after in pairwise(moments))
    return Answer(moments[0], fmean(gaps) if gaps else None, text, gaps, lag=lag)


EPOLL = Client("epoll", None, partial(command, "bare_epoll"), read)
AIOHTTP = Client("aiohttp", "aiohttp==3.13.2", partial(command, "aiohttp_client"), read)
HTTPX = Client("httpx", "httpx==0.28.1", partial(command, "httpx_client"), read)
