"""Watches a server from beside while it is under load: what it tells at `/metrics`, and what `nvidia-smi` does.

Samples have the machine's clock, as rows have, so that both can be laid over each other. A server that tells nothing,
or stops to, makes no trouble: then there are no samples.
"""

import asyncio
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from replay.load import gauges
from replay.request import Target
from replay.transport.send import ask

EVERY = 1.0
"""Seconds between two samples."""

PATIENCE = 5.0
"""Seconds that an answer may take: a server under load has other things to do."""

LOCAL = ("127.0.0.1", "localhost", "::1")

_GPU = {"utilization.gpu": "gpu_usage", "memory.used": "gpu_memory", "power.draw": "gpu_power"}
"""What is asked of `nvidia-smi`: a share in per cent, MiB, watts."""

GPU = tuple(_GPU.values())


@dataclass(frozen=True, slots=True)
class Sample:
    """What was known at a moment, in seconds since the epoch. `values` are by the keys of `gauges`, and `gpu_…`."""

    at: float
    values: Mapping[str, float] = field(default_factory=dict)


class Monitor:
    """Takes samples in a thread of its own, from `start` to `stop`, and hands each on at once."""

    def __init__(self, target: Target, on_sample: Callable[[Sample], None], every: float = EVERY) -> None:
        self._target = target
        self._on_sample = on_sample
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="monitor", daemon=True)
        self.is_silent = False
        """Whether the server tells nothing of itself."""

    def start(self) -> None:
        """Take a first sample, so that there is one from before the load, and go on in the thread."""
        self.is_silent = not self._take()
        self._thread.start()

    def stop(self) -> None:
        """End, with a last sample from after the load."""
        self._over.set()
        self._thread.join()
        self._take()

    def _watch(self) -> None:
        while not self._over.wait(self._every):
            self._take()

    def _take(self) -> bool:
        """Take one sample, and return whether the server told anything."""
        at = time.time()
        told = asyncio.run(_told(self._target))
        values = {**told, **(_gpu() if urlsplit(self._target.url).hostname in LOCAL else {})}
        if values:
            self._on_sample(Sample(at, values))
        return bool(told)


async def _told(target: Target) -> Mapping[str, float]:
    reply = await ask(target, "GET", "/metrics", timeout=PATIENCE)
    if reply.status != 200:
        return {}
    try:
        return gauges.read(reply.text)
    except ValueError:
        return {}


def _gpu() -> Mapping[str, float]:
    """Return what `nvidia-smi` tells: the busiest GPU's use, memory and power of all together; nothing without one."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return {}
    asked = [program, f"--query-gpu={','.join(_GPU)}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=PATIENCE, check=True)
        rows = [[float(value) for value in line.split(",")] for line in done.stdout.splitlines() if line.strip()]
    except (OSError, ValueError, subprocess.SubprocessError):
        return {}
    if not rows:
        return {}
    columns = dict(zip(_GPU.values(), zip(*rows, strict=False), strict=False))
    return {name: (max(values) / 100 if name == "gpu_usage" else sum(values)) for name, values in columns.items()}
