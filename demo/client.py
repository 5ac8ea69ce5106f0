"""The real Claude Code: a pinned version from npm, and an environment without an account to run it in."""

import os
import shutil
import subprocess
from pathlib import Path

from demo import CACHE

PACKAGE = "@anthropic-ai/claude-code@2.1.330"


def install(package: str = PACKAGE, name: str = "claude", folder_name: str = "") -> Path | None:
    """Install a client if it isn't there yet, and return its program's path; None if there is no npm.

    `folder_name` is where in the cache it goes; by default, the version names it.
    """
    folder = CACHE / "npm" / (folder_name or package.rpartition("@")[2])
    program = folder / "node_modules" / ".bin" / name
    if not program.exists():
        npm = shutil.which("npm")
        if npm is None:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        quietly = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel", "error")
        subprocess.run(
            [npm, "install", *quietly, "--prefix", str(folder), package],
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
