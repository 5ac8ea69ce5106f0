"""Environments of their own for packages whose pins clash with mitmproxy's: each is made once, under `.cache`."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def python_with(package: str) -> Path:
    """Return the Python that has this package. A test skips where it can't be installed; in CI it fails."""
    environment = ROOT / ".cache" / f"{package}-python{sys.version_info.major}.{sys.version_info.minor}"
    python, made = environment / "bin" / "python", environment / "made"
    if not made.exists():
        venv.create(environment, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
        done = subprocess.run(pip, capture_output=True, text=True)
        if done.returncode:
            words = f"pip could not install {package}: {done.stderr.strip()[-300:]}"
            pytest.fail(words) if os.environ.get("CI") == "true" else pytest.skip(words)
        made.touch()
    return python


def ask(python: Path, script: str, question: Any) -> Any:
    """Return what a script of this folder answers, in JSON, to a question in JSON."""
    command = [str(python), "-W", "ignore", "-I", str(ROOT / "tests" / "support" / script)]
    done = subprocess.run(command, input=json.dumps(question), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
