"""The built wheel, installed where nothing else of ours is: its commands run, and its addon records."""

import hashlib
import os
import shutil
import subprocess
import sys
import urllib.request
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import answers
from tests.support.locks import lock
from tests.support.patience import PATIENCE
from tests.support.proxy import recording
from tests.support.scripted import serving, whole

REPOSITORY = Path(__file__).resolve().parents[2]
CACHE = (REPOSITORY / ".cache").resolve()
IN_THE_WHEEL = ("traces", "ui", "addons", "analysis", "replay", "demo")
TO_BUILD = ("pyproject.toml", "README.md", "LICENSE")
LOCK = REPOSITORY / "requirements.lock"


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it, and a home without any settings."""

    bin: Path
    home: Path

    def run(self, command: str, *arguments: str) -> str:
        """What a command prints, run from a folder that has nothing to do with the repository."""
        environment = {"PATH": f"{self.bin}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(self.home)}
        line = [str(self.bin / command), *arguments]
        done = subprocess.run(line, cwd=self.home, env=environment, capture_output=True, text=True, timeout=PATIENCE)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: a `build` folder of earlier builds would add what has been deleted since."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in IN_THE_WHEEL:
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in TO_BUILD:
        shutil.copy(REPOSITORY / name, source)
    pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", made, source)
    (built,) = made.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def wheel_environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """What the wheel requires is installed once for each version of the lock file, the wheel itself every time."""
    asked = hashlib.sha256((REPOSITORY / "pyproject.toml").read_bytes() + LOCK.read_bytes()).hexdigest()[:12]
    folder = CACHE / f"wheel-python{sys.version_info.major}.{sys.version_info.minor}"
    python, made = folder / "bin" / "python", folder / "made"
    with lock(CACHE / f"{folder.name}.lock"):
        if not made.exists() or made.read_text() != asked:
            venv.create(folder, with_pip=True, clear=True)
            pip(python, "install", "--constraint", LOCK, wheel)
            made.write_text(asked)
        pip(python, "install", "--no-deps", "--force-reinstall", wheel)
    return Installed(python.parent, tmp_path_factory.mktemp("home"))


def pip(python: Path | str, *arguments: Path | str) -> None:
    line = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=1100)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["anyclaude", "trace-analyzer", "trace-replayer"])
def test_a_command_of_an_installed_wheel_runs(wheel_environment: Installed, command: str) -> None:
    assert wheel_environment.run(command, "--help").startswith(f"Usage: {command}")


def test_the_addon_of_an_installed_wheel_records_what_its_commands_show(
    wheel_environment: Installed, tmp_path: Path
) -> None:
    script = Path(wheel_environment.run("anyclaude", "addon-path").strip())
    assert script.is_relative_to(wheel_environment.bin.parent)
    asked = b'{"model": "some-model", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}'
    mitmdump = str(wheel_environment.bin / "mitmdump")
    with (
        serving([whole(answers.message(answers.text("Hello from the wheel")))]) as server,
        recording(server.url, tmp_path, program=mitmdump, script=script) as proxy,
    ):
        headers = {"content-type": "application/json"}
        urllib.request.urlopen(
            urllib.request.Request(f"{proxy.url}/v1/messages", asked, headers), timeout=PATIENCE
        ).read()
    (trace,) = proxy.traces()
    assert trace.state == "complete"
    assert "some-model" in wheel_environment.run("trace-analyzer", "analyze", str(trace.source))
    page = tmp_path / "page.html"
    wheel_environment.run("trace-analyzer", "report", str(trace.source), "-o", str(page))
    assert "Hello from the wheel" in page.read_text()
