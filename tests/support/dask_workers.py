"""A scheduler of Dask and workers as users start them: processes of their own, over TCP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.patience import eventually

ROOT = Path(__file__).parents[2]

ARE_LEFT_OUT = "ANYCLAUDE_TEST_WORKERS" not in os.environ
WHY = "starts workers of Dask over TCP, which now and then takes minutes on a busy machine: set ANYCLAUDE_TEST_WORKERS"


class Workers:
    """`address` of the scheduler, and the workers' processes by their names."""

    def __init__(self, address: str, running: dict[str, "subprocess.Popen[bytes]"]) -> None:
        self.address = address
        self.running = running

    def kill(self, name: str) -> None:
        self.running[name].kill()


@contextmanager
def running(folder: Path, names: Sequence[str]) -> Iterator[Workers]:
    """Start them; end them by force when the block ends. `folder` is for their files."""
    file = folder / "scheduler.json"
    started: dict[str, subprocess.Popen[bytes]] = {}

    def start(name: str, program: str, *options: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.{program}", *options, "--scheduler-file", str(file)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (folder / f"{name}.log").open("wb") as log:
            started[name] = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)

    try:
        start("scheduler", "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        assert eventually(lambda: file.exists() and file.read_text().strip().endswith("}"))
        address = str(json.loads(file.read_text())["address"])
        for name in names:
            start(
                name,
                "dask_worker",
                "--name",
                name,
                "--nthreads",
                "1",
                "--no-nanny",
                "--no-dashboard",
                "--death-timeout",
                "60",
            )
        yield Workers(address, started)
    finally:
        for process in started.values():
            process.kill()
            process.wait()
