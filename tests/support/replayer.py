"""`trace-replayer` as a user calls it, with a trace folder and a results folder of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from replay.cli import main


@dataclass(frozen=True)
class Replayer:
    """`home` holds everything it reads and writes."""

    home: Path

    @property
    def traces(self) -> Path:
        return self.home / "traces"

    @property
    def results(self) -> Path:
        return self.home / "results"

    @property
    def saved(self) -> list[Path]:
        return sorted(self.results.glob("*.json"))

    @property
    def environment(self) -> dict[str, str]:
        return {"ANYCLAUDE_TRACE_DIR": str(self.traces)}

    def __call__(self, *arguments: object, **environment: str) -> Result:
        """In this process; what a command raises but doesn't mean to, the test sees."""
        given = [str(argument) for argument in arguments]
        return CliRunner().invoke(main, given, env={**self.environment, **environment}, prog_name="trace-replayer")

    def replay(self, *arguments: object) -> Result:
        return self("replay", *arguments, "--output", self.results)

    def start(self, *arguments: object, command: str = "replay") -> "subprocess.Popen[str]":
        """Start a replay in a process of its own."""
        argv = [sys.executable, "-m", "replay", command, *map(str, arguments), "--output", str(self.results)]
        surroundings = {**os.environ, **self.environment}
        return subprocess.Popen(argv, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
