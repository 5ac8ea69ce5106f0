"""One client under one load: what it reports, against the server's own times."""

import os
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.replay.client import Answer, Client, Load
from benchmarks.replay.environments import ROOT
from replay.calibrate.server import truth_in

LIMIT = 120
"""Seconds after which a client is stopped."""

LOOK = 0.5
"""Seconds between two counts of its processes."""

OFFLINE = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_DISABLE_TELEMETRY": "1", "NO_PROXY": "127.0.0.1"}
"""Variables by which a download from a hub fails at once."""


class Failed(Exception):
    """Why a client has no figures."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a client reports of a load.

    before   when the command was started, on the machine's monotonic clock
    cpu      seconds of processor time, of all its processes
    processes
             the most that it had at once
    """

    answers: Sequence[Answer]
    before: float
    cpu: float
    processes: int


@dataclass(frozen=True, slots=True)
class Errors:
    """Measured minus true, in milliseconds.

    start   seconds from the command's start until the server had the first request
    ttft    of each answer
    gap     of each answer's mean time between tokens, without its sign
    gaps    of each time between two chunks, without its sign; empty where the client doesn't report them
    """

    start: float
    ttft: tuple[float, ...]
    gap: tuple[float, ...]
    gaps: tuple[float, ...]


def run(client: Client, bin: Path, address: str, load: Load) -> Run:
    """Run a client under a load. Raises Failed."""
    with tempfile.TemporaryDirectory(prefix="bench-replay-") as home:
        folder = Path(home)
        command = client.command(bin, folder, address, load)
        environment = {**os.environ, **OFFLINE, "HOME": home, "PYTHONPATH": str(ROOT)}
        used, before = _cpu_of_children(), time.monotonic()
        with (folder / "printed.txt").open("wb") as printed:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            code, processes = _wait(process)
        cpu = _cpu_of_children() - used
        if code:
            raise Failed(f"it ended with {code}: {_last_line(folder / 'printed.txt')}")
        try:
            report = client.read(folder)
        except (LookupError, OSError, TypeError, ValueError) as error:
            raise Failed(f"its report can't be read: {error!r}") from error
    return Run(report.answers, before, cpu if report.cpu is None else report.cpu, processes)


def errors(run: Run, requests: int) -> Errors:
    """Compare each answer with the true times in its text. Raises Failed where one is missing."""
    reported = [answer for answer in run.answers if answer.text and answer.ttft is not None]
    if len(reported) != requests:
        raise Failed(f"it reports {len(reported)} of {requests} requests")
    truths = [truth_in(answer.text) for answer in reported]
    pairs = list(zip(reported, truths, strict=True))
    return Errors(
        start=min(int(answer.text.split(maxsplit=1)[0]) for answer in reported) / 1e9 - run.before,
        ttft=tuple(((answer.ttft or 0.0) - truth.sent[0]) * 1000 for answer, truth in pairs),
        gap=tuple(abs(answer.gap - fmean(truth.gaps)) * 1000 for answer, truth in pairs if answer.gap is not None),
        gaps=tuple(
            abs(seen - true) * 1000
            for answer, truth in pairs
            if len(answer.gaps) == len(truth.gaps)  # a client that joins chunks doesn't report them
            for seen, true in zip(answer.gaps, truth.gaps, strict=True)
        ),
    )


def _cpu_of_children() -> float:
    """Return the processor time of the child processes that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wait(process: "subprocess.Popen[bytes]") -> tuple[int, int]:
    """Return the exit code, and the most processes that were seen at once. Raises Failed."""
    most, deadline = 1, time.monotonic() + LIMIT
    try:
        while time.monotonic() < deadline:
            try:
                return process.wait(LOOK), most
            except subprocess.TimeoutExpired:
                most = max(most, _processes(process.pid))
        raise Failed(f"it took more than {LIMIT} s")
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)  # it leads a group of its own: its workers end with it
            process.wait()


def _processes(session: int) -> int:
    """Return how many processes a session has, where Linux tells it."""
    count = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            count += int(file.read_text().rpartition(")")[2].split()[3]) == session
    return count


def _last_line(file: Path) -> str:
    lines = file.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it doesn't say why")
