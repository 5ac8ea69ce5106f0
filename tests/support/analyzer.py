"""`trace-analyzer` as a user calls it, with a trace folder and a cache of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from analysis.cli import main
from tests.support.patience import PATIENCE


@dataclass(frozen=True)
class Analyzer:
    """`home` holds everything it reads and writes; `root` is where it looks for traces."""

    home: Path

    @property
    def root(self) -> Path:
        return self.home / "traces"

    @property
    def environment(self) -> dict[str, str]:
        return {"ANYCLAUDE_TRACE_DIR": str(self.root), "XDG_CACHE_HOME": str(self.home / "cache"), "NO_COLOR": ""}

    def __call__(self, *arguments: object, **environment: str) -> Result:
        """In this process; what a command raises but doesn't mean to, the test sees."""
        given = [str(argument) for argument in arguments]
        return CliRunner().invoke(main, given, env={**self.environment, **environment}, prog_name="trace-analyzer")

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "analysis", *map(str, arguments)]

    def process(self, *arguments: object, **environment: str) -> "subprocess.CompletedProcess[bytes]":
        """In a process of its own, as far as terminals and encodings go."""
        surroundings = {**os.environ, **self.environment, **environment}
        return subprocess.run(
            self.command(*arguments), env=surroundings, capture_output=True, timeout=PATIENCE, check=False
        )
