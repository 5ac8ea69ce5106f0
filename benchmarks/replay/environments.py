"""An environment for each client, made when it is first needed, in the repository's .cache.

Knows nothing of what is run in them.
"""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache"
LIMIT = 600
"""Seconds that an installation may take."""


class NotInstalled(Exception):
    """Why there is no environment."""


def made(name: str, requirement: str) -> Path:
    """The environment's folder. Raises NotInstalled."""
    folder = CACHE / f"bench-{name}"
    stamp, recipe = folder / "installed.txt", _recipe(requirement)
    if stamp.exists() and stamp.read_text() == recipe:
        return folder
    print(f"Installing {requirement} in {folder.relative_to(ROOT)}, once.", file=sys.stderr)
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
    """What an environment was made of: another Python, another version or other dependencies make it anew."""
    own = (ROOT / "pyproject.toml").read_text() if requirement.startswith("-e") else ""
    return f"{sys.version}\n{requirement}\n{own}"


def size(folder: Path) -> float:
    """In MB (MiB, as `du -m` has it); what is linked several times counts once."""
    taken = {(found.st_dev, found.st_ino): found.st_blocks for path in folder.rglob("*") for found in [path.lstat()]}
    return sum(taken.values()) * 512 / 2**20
