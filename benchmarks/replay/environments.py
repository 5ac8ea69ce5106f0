"""An environment for each client, made in the repository's .cache when it is first needed."""

import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmarks.replay.client import Client

ROOT = Path(__file__).parents[2]
CACHE = (ROOT / ".cache").resolve()  # it may be a link, which an environment's scripts must not depend on
LIMIT = 600
"""Seconds that an installation may take."""


class NotInstalled(Exception):
    """Why there is no environment."""


def make_all(clients: Iterable[Client]) -> Mapping[str, Path]:
    """Return the environment of each client; print which ones can't be installed."""
    found = {}
    for client in clients:
        try:
            found[client.name] = make(client.name, client.requirement) if client.requirement else Path(sys.prefix)
        except NotInstalled as error:
            print(f"not measured: {client.name}: {error}")
    return found


def make(name: str, requirement: str) -> Path:
    """Return the environment's folder, made if it isn't there yet. Raises NotInstalled."""
    folder = CACHE / f"bench-{name}"
    stamp, recipe = folder / "installed.txt", _recipe(requirement)
    if stamp.exists() and stamp.read_text() == recipe:
        return folder
    print(f"Installing {requirement} in .cache/{folder.name}, once.", file=sys.stderr)
    venv.create(folder, clear=True, with_pip=True)
    command: list[str | Path] = [folder / "bin" / "pip", "install", "--quiet", *requirement.split()]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired as error:
        shutil.rmtree(folder)
        raise NotInstalled(f"pip took more than {LIMIT} s to install {requirement}") from error
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["it doesn't say why"]
        raise NotInstalled(f"pip can't install {requirement}: {errors[-1]}")
    stamp.write_text(recipe)
    return folder


def _recipe(requirement: str) -> str:
    """Return what an environment depends on: where that has changed, it is made anew."""
    own = (ROOT / "pyproject.toml").read_text() if requirement.startswith("-e") else ""
    return f"{sys.version}\n{requirement}\n{own}"


def size(folder: Path) -> float:
    """Return a folder's size in MiB, as `du -m`; a file with several links counts once."""
    taken = {(found.st_dev, found.st_ino): found.st_blocks for path in folder.rglob("*") for found in [path.lstat()]}
    return sum(taken.values()) * 512 / 2**20
