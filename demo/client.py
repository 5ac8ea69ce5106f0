"""The real Claude Code: a pinned version from npm, and an environment without an account to run it in."""

import os
import shutil
import subprocess
from pathlib import Path

from demo import CACHE

PACKAGE = "@anthropic-ai/claude-code@2.1.330"


def install() -> Path | None:
    """Install `claude` if it isn't there yet, and return its path; None if there is no npm."""
    folder = CACHE / "npm" / PACKAGE.rpartition("@")[2]
    program = folder / "node_modules" / ".bin" / "claude"
    if not program.exists():
        npm = shutil.which("npm")
        if npm is None:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        quietly = ("--no-audit", "--no-fund", "--loglevel", "error")
        subprocess.run(
            [npm, "install", *quietly, "--prefix", str(folder), PACKAGE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    return program


def environment(home: Path) -> dict[str, str]:
    """Return variables that keep the client off the user's settings and keys, and from sending to other servers."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "NO_PROXY": "127.0.0.1",
        "ANTHROPIC_API_KEY": "made-up",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_TELEMETRY": "1",
        "DISABLE_AUTOUPDATER": "1",
    }
