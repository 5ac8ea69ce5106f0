"""Rotel, a collector of OpenTelemetry in a Python package: how many of the spans that are sent to it does it show?"""

import re
import socket
import subprocess
import time
from pathlib import Path

REQUIREMENT = "rotel==0.0.1a15"
LIMIT = 60


def spans_shown(environment: Path, export: list[str | Path], folder: Path) -> tuple[int, str]:
    """Send spans to the collector with this command (its URL is added); return how many it shows, and what was said."""
    [program] = environment.glob("lib/*/site-packages/rotel/rotel-agent")
    http, grpc = _free_port(), _free_port()
    ports = ("--otlp-http-endpoint", f"127.0.0.1:{http}", "--otlp-grpc-endpoint", f"127.0.0.1:{grpc}")
    shows = ("--exporter", "blackhole", "--debug-log", "traces", "--debug-log-verbosity", "detailed")
    log = folder / "collector.log"
    with log.open("wb") as printed:
        collector = subprocess.Popen([program, "start", *ports, *shows], stdout=printed, stderr=subprocess.STDOUT)
    try:
        _wait_for(http)
        done = subprocess.run(
            [*export, "--otlp", f"http://127.0.0.1:{http}"], capture_output=True, text=True, check=True
        )
        sent = int(re.sub(r"\D.*", "", done.stdout.replace(",", ""), flags=re.DOTALL))
        deadline = time.monotonic() + LIMIT
        while _shown(log) < sent and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        collector.kill()
        collector.wait()
    return _shown(log), done.stdout.strip()


def _shown(log: Path) -> int:
    return len(re.findall(r"^Span #\d+$", log.read_text(errors="replace"), re.MULTILINE))


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
