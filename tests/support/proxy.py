"""A real mitmdump with the addon in it, in a process of its own, as a user would start it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.patience import PATIENCE
from traces.model import Trace
from traces.storage import store

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "addons" / "anyclaude_trace.py"


@dataclass(frozen=True)
class Proxy:
    """A running proxy: where it listens, and where it writes."""

    url: str
    folder: Path
    log: Path
    process: subprocess.Popen[bytes]

    def traces(self) -> list[Trace]:
        """Return the traces on disk, oldest first. They are certainly complete only once the proxy has stopped."""
        files = store.files(self.folder) if self.folder.exists() else []
        return [store.load(file) for file in files]

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the proxy, as a crash would: it can write nothing more."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(PATIENCE)


@contextmanager
def recording(
    upstream: str | None,
    folder: Path,
    *options: str,
    program: str = "mitmdump",
    script: Path | None = SCRIPT,
) -> Iterator[Proxy]:
    """Run a proxy before `upstream` (None: a forward proxy); its traces go to `folder`/traces.

    `options` are more of mitmproxy's own arguments. `program` is beside this Python, or has a path of its own.
    `script=None` leaves the addon out, to have something to compare.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "proxy.log"
    argv = [
        str(Path(sys.executable).parent / program),
        *(["-s", str(script), "--set", f"anyclaude_dir={folder / 'traces'}"] if script else []),
        *(["--mode", f"reverse:{upstream}"] if upstream else []),
        *("--listen-host", "127.0.0.1", "--listen-port", "0", "--set", f"confdir={folder / 'mitmproxy'}"),
        *options,
    ]
    with log.open("wb") as out:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=_environment())
    proxy = Proxy(_address(process, log), folder / "traces", log, process)
    try:
        yield proxy
    finally:
        proxy.stop()


def _environment() -> dict[str, str]:
    """Return the environment without the user's own settings, which would change what is tested."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANYCLAUDE")}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def _address(process: subprocess.Popen[bytes], log: Path, patience: float = PATIENCE) -> str:
    """Return the proxy's address from its log; the system chose its port, so that it is free."""
    until = time.monotonic() + patience
    while time.monotonic() < until and process.poll() is None:
        said = log.read_text()
        if "error in script" in said:
            break
        if found := re.search(r"listening at (127\.0\.0\.1:\d+)", said):
            return f"http://{found[1]}"
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise RuntimeError(f"the proxy didn't start: {log.read_text()}")
