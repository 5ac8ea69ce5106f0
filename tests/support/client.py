"""The real Claude Code, run once with a prompt, in a home of its own."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo import client
from tests.support.patience import PATIENCE

EACH_DELTA = ("--output-format", "stream-json", "--verbose", "--include-partial-messages")
"""Arguments for `Client.start`: the client then prints every event of the stream on a line of its own, as it comes."""


@dataclass(frozen=True)
class Outcome:
    """What a run of the client printed."""

    exit_code: int
    printed: dict[str, Any]
    stderr: str

    @property
    def result(self) -> str:
        return str(self.printed["result"])


@dataclass(frozen=True)
class Client:
    """`home` is kept between runs, so that `--continue` finds the conversation. It works in a folder inside it."""

    program: Path
    home: Path

    @property
    def project(self) -> Path:
        project = self.home / "project"
        project.mkdir(parents=True, exist_ok=True)
        return project

    def start(self, server: str, prompt: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a run that the test interferes with."""
        return subprocess.Popen(
            [self.program, "-p", prompt, "--output-format", "json", *arguments],
            cwd=self.project,
            env={**client.environment(self.home), "ANTHROPIC_BASE_URL": server, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, server: str, prompt: str, *arguments: str, **environment: str) -> Outcome:
        process = self.start(server, prompt, *arguments, **environment)
        try:
            stdout, stderr = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return Outcome(process.returncode, json.loads(stdout), stderr)
