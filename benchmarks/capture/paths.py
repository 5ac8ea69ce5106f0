"""The paths from client to server that are compared: processes start, watched through /proc, and stopped."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ADDON = ROOT / "addons" / "anyclaude_trace.py"
BARE = HERE / "bare.py"
TICK = 1000 / os.sysconf("SC_CLK_TCK")  # milliseconds


@dataclass(frozen=True, slots=True)
class Process:
    """A running proxy or server, its port, and where it writes traces, if it does."""

    pid: int
    port: int
    traces: Path | None = None

    def cpu(self) -> float:
        """Return milliseconds of processor time so far, of all its threads."""
        return _cpu(self.pid)

    def rss(self) -> float:
        """Return the resident memory in MiB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def settle(self) -> None:
        """Wait until its deferred work, and that of its children, is done, so that it doesn't slow the next path."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            before = self._cpu_with_children()
            time.sleep(0.15)
            if self._cpu_with_children() - before <= TICK:
                return
        raise RuntimeError("the proxy doesn't become idle")

    def children(self) -> list[int]:
        """Return the processes that it has started and that are running: the writer, for example."""
        found = [pid for file in Path(f"/proc/{self.pid}/task").glob("*/children") for pid in file.read_text().split()]
        return list(map(int, found))

    def _cpu_with_children(self) -> float:
        return sum(map(_cpu, [self.pid, *self.children()]))

    def take_traces(self) -> int:
        """Return how many traces were written, and remove them: ten thousand would fill 1.4 GB."""
        found = [] if self.traces is None else [p for p in self.traces.rglob("*.json") if p.name != "latest.json"]
        for path in found:
            path.unlink()
        return len(found)


def _cpu(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) * TICK


@contextlib.contextmanager
def start(command: list[str], stdout: int | None = None) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.DEVNULL, stdout=stdout) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextlib.contextmanager
def scripted_server() -> Iterator[Process]:
    with start([sys.executable, "-m", "benchmarks.capture.server"], subprocess.PIPE) as process:
        assert process.stdout is not None
        yield Process(process.pid, int(process.stdout.readline()))


@contextlib.contextmanager
def mitmdump(
    script: Path, upstream: int, scratch: Path, traces: Path | None = None, *options: str, patience: float = 1.0
) -> Iterator[Process]:
    """Run this environment's mitmdump as a reverse proxy with `script` and `options`; its others are always the same.

    It listens for a moment even if its script has failed: it must still do so after `patience` seconds.
    """
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    command = [str(Path(sys.executable).with_name("mitmdump")), "-q", "-s", str(script)]
    command += ["--mode", f"reverse:http://127.0.0.1:{upstream}", "--listen-host", "127.0.0.1"]
    command += ["--listen-port", str(port), "--set", f"confdir={scratch / 'conf'}"]
    command += [] if traces is None else ["--set", f"anyclaude_dir={traces}"]
    command += options
    with start(command) as process:
        deadline = time.monotonic() + 30
        while not listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"mitmdump didn't start: {' '.join(command)}")
            time.sleep(0.1)
        time.sleep(patience)
        if process.poll() is not None:
            raise SystemExit(f"mitmdump gave up: {' '.join(command)}")
        yield Process(process.pid, port, traces)


def listens(port: int) -> bool:
    with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False
