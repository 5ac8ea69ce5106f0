"""A user's machine for tests of the `anyclaude` command: a home, a terminal, a certificate, and a scripted claude."""

import json
import os
import pty
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.patience import PATIENCE
from traces.model import Trace
from traces.storage import store

ANYCLAUDE = str(Path(sys.executable).with_name("anyclaude"))

FAKE_CLAUDE = f"""#!{sys.executable}
import json, os, pathlib, signal, ssl, sys, time, urllib.request

def ask():
    body = json.dumps({{"model": "m", "max_tokens": 9, "messages": [{{"role": "user", "content": "hi"}}]}}).encode()
    url = os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages"
    request = urllib.request.Request(url, body, {{"content-type": "application/json"}})
    trusted = ssl.create_default_context(cafile=os.environ.get("NODE_EXTRA_CA_CERTS"))
    with urllib.request.urlopen(request, context=trusted) as response:
        return json.load(response)["content"][0]["text"]

home = pathlib.Path.home()
ran = {{"argv": sys.argv[1:], "env": dict(os.environ), "pid": os.getpid(), "tty": sys.stdin.isatty()}}
(home / "ran.part").write_text(json.dumps(ran))
(home / "ran.part").rename(home / "ran.json")
PLAYS
"""


@dataclass
class Machine:
    """A user's machine: a home, a claude on the PATH, and the `anyclaude` to start."""

    home: Path

    def claude(self, plays: str) -> None:
        """Installs a claude that does this, in Python, with `ask()` for a request to the model."""
        self.program("claude", plays)

    def program(self, name: str, plays: str) -> None:
        """Installs a program of another name, which does the same."""
        program = self.home / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(FAKE_CLAUDE.replace("PLAYS", plays))
        program.chmod(0o755)

    def start(self, *arguments: str, env: Mapping[str, str] | None = None, **more: Any) -> subprocess.Popen[str]:
        piped = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        path = f"{self.home / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin"
        return subprocess.Popen(
            [ANYCLAUDE, *arguments],
            cwd=self.home,
            env={"HOME": str(self.home), "PATH": path, **(env or {})},
            text=True,
            **{**piped, **more},
        )

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        process = self.start(*arguments, env=env)
        stdout, stderr = process.communicate(timeout=PATIENCE)
        return process.returncode, stdout, stderr

    @property
    def ran(self) -> Any:
        """What claude was started with."""
        return json.loads((self.home / "ran.json").read_text())

    def traces(self, mode: str = "local") -> list[Trace]:
        return [store.load(path) for path in store.files(self.home / ".anyclaude" / "traces" / mode)]


def listens(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


@contextmanager
def in_a_terminal(machine: Machine, *arguments: str, **env: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`anyclaude` in the foreground of a terminal of its own; yields our end of it, too."""
    ours, theirs = pty.openpty()
    login = [sys.executable, "-c", "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"]
    process = subprocess.Popen(
        [*login, ANYCLAUDE, *arguments],
        cwd=machine.home,
        env={"HOME": str(machine.home), "PATH": str(machine.home / "bin"), **env},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def screen(ours: int, until: str) -> str:
    """Return what the terminal shows up to these words, or up to its end."""
    shown = ""
    while until not in shown:
        try:
            shown += os.read(ours, 4096).decode()
        except OSError:  # what Linux says at the end of a terminal
            break
    return shown
