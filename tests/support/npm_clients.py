"""Clients other than Claude Code from npm, each of a pinned version, started by the `anyclaude` command."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from demo import CACHE, client
from tests.support.analyzer import Analyzer
from tests.support.locks import lock
from tests.support.needs import need
from tests.support.patience import PATIENCE, eventually
from traces.model import Trace
from traces.storage import store

ANYCLAUDE = Path(sys.executable).with_name("anyclaude")

PACKAGES = {
    "codex": "@openai/codex@0.171.0",
    "opencode": "opencode-ai@1.18.33",
    "gemini": "@google/gemini-cli@0.61.0",
    "qwen": "@qwen-code/qwen-code@0.24.4",
}
"""The program's name -> its package."""

PATIENCE_WITH_CTRL_C = 15
"""Seconds until a client that ignores Ctrl-C is told to end otherwise."""


@dataclass(frozen=True)
class NpmClient:
    """A client with a home of its own."""

    name: str
    folder: Path
    home: Path

    @property
    def project(self) -> Path:
        project = self.home / "project"
        project.mkdir(parents=True, exist_ok=True)
        return project

    @property
    def analyzer(self) -> Analyzer:
        return Analyzer(self.home / ".anyclaude")

    def traces(self) -> list[Trace]:
        """Return the traces of its runs, oldest first."""
        return [store.load(file) for file in store.files(self.analyzer.root)] if self.analyzer.root.exists() else []

    @property
    def printed(self) -> Path:
        """What it printed, in a file: a pipe stays open as long as any of the client's own children lives."""
        return self.home / "printed.txt"

    @contextmanager
    def running(self, options: list[str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run `anyclaude OPTIONS NAME ARGUMENTS`; at the end of the block Ctrl-C is pressed if it still runs."""
        environment = {
            "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "NO_PROXY": "127.0.0.1",
            "GEMINI_API_KEY": "made-up",
        }
        with self.printed.open("wb") as printed:
            process = subprocess.Popen(
                [ANYCLAUDE, *options, self.name, *arguments],
                cwd=self.project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # a terminal sends Ctrl-C to the client, too
            )
        try:
            yield process
        finally:
            _end(process)

    def run_until(self, enough: Callable[[list[Trace]], bool], options: list[str], *arguments: str) -> list[Trace]:
        """Return the traces once there are enough, or the client has ended."""
        with self.running(options, *arguments) as process:
            assert eventually(lambda: process.poll() is not None or enough(self.traces()))
        return self.traces()


def install(name: str, home: Path) -> NpmClient:
    """Install the client if it isn't there yet. A test skips where there is no npm; in CI it fails."""
    package = PACKAGES[name]
    with lock(CACHE / "npm.lock"):
        program = client.install(package, name, f"{name}-{package.rpartition('@')[2]}")
    need(program, f"the real {name} is missing: install npm")
    assert program is not None
    return NpmClient(name, program.parent, home)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End `anyclaude` in order, and whatever the client leaves behind: not every client ends at Ctrl-C."""
    try:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_WITH_CTRL_C)
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
