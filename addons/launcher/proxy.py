"""One mitmproxy process: how it is started, how its log is read, how it is stopped.

It gets a process session of its own, so that Ctrl-C in the terminal reaches Claude Code and not the proxy. Its standard
input is a pipe of ours: the proxy ends when that closes, also when we are killed (see `proxy_script`).
"""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from addons.launcher import login
from addons.launcher.settings import Settings
from traces.errors import ToolkitError
from traces.servers import split_address

ADDON = Path(__file__).resolve().parent.parent / "anyclaude_trace.py"
"""The script that records, for any mitmproxy: `mitmdump -s`."""

OF_THE_ADDON = ("translate", "repair", "tool_parser", "thinking", "budget")
"""The settings that are options of the addon by the same name."""

START_TIMEOUT = 30.0
STOP_TIMEOUT = 45.0
"""Seconds until a proxy is killed that doesn't end. It waits up to 30 for its writer, then says what isn't written."""

USUAL_WEB_PORT = 8081

Listener = Callable[[str, str], None]
"""Is called with each message of the proxy's log: its level, "" where that is unknown, and its text."""


class ProxyError(ToolkitError):
    """The proxy didn't start. The message says why and what to do."""


def proxy_command(settings: Settings) -> list[str]:
    """Return the command line of the proxy for these settings. Raise ProxyError where the program is missing."""
    program = Path(sys.executable).with_name("mitmweb" if settings.web else "mitmdump")
    if not program.exists():
        raise ProxyError(f"{program} doesn't exist: install this toolkit again, with its mitmproxy")
    host, port = split_address(settings.backend)
    scheme = settings.backend.partition(":")[0]
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    line = [str(program), "--listen-host", "127.0.0.1", "--listen-port", str(settings.port)]
    line += ["--mode", "regular" if settings.forward else f"reverse:{scheme}://{authority}"]
    line += ["-s", str(Path(__file__).with_name("proxy_script.py")), "-s", str(ADDON)]
    options = {"anyclaude_mode": settings.mode, "termlog_verbosity": "error"}
    options |= {f"anyclaude_{name}": value for name in OF_THE_ADDON if (value := getattr(settings, name))}
    if settings.trace_dir:
        options["anyclaude_dir"] = settings.trace_dir
    if settings.forward:
        # All else (git, curl, package managers under Claude Code) goes through unopened, with its own certificates.
        options["allow_hosts"] = f"^{re.escape(authority)}$"
    if settings.web:
        options |= {"web_open_browser": "false", "web_host": "127.0.0.1", "web_port": str(_web_port())}
    else:
        options["flow_detail"] = "0"
    return line + [word for name, value in options.items() for word in ("--set", f"{name}={value}")]


def _web_port() -> int:
    """Return mitmweb's usual port if it is free, else any free one: given 0, mitmweb doesn't report what it chose."""
    for port in (USUAL_WEB_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return USUAL_WEB_PORT


class Proxy:
    """A proxy's process. `port` and `web_url` are known once it has started."""

    def __init__(
        self, line: Sequence[str], listener: Listener, authorization: str = "", stop_timeout: float = STOP_TIMEOUT
    ) -> None:
        """Prepare to start it. `authorization` is the header that it sends to the backend in place of the client's."""
        self.port = 0
        self.web_url = ""
        self._line = line
        self._listener = listener
        self._authorization = authorization
        self._stop_timeout = stop_timeout
        self._early: list[tuple[str, str]] = []
        self._started = threading.Event()

    def start(self) -> None:
        """Start the proxy and wait until it listens. Raise ProxyError where it ends before or takes too long."""
        self._process = subprocess.Popen(
            self._line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", login.VARIABLE: self._authorization},
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            answered = self._started.wait(START_TIMEOUT)
            if not self.port:
                raise ProxyError(self._failure(answered))
        except BaseException:
            self.stop()
            raise

    def wait(self) -> int:
        """Wait until the proxy ends, and return its exit code."""
        return self._process.wait()

    def stop(self) -> None:
        """Close the proxy's input, so that it writes what is open and ends; kill it where that takes too long."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(self._stop_timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(self._stop_timeout)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._on_line(line.decode(errors="replace").rstrip())
        self._started.set()

    def _on_line(self, line: str) -> None:
        kind, content = parse(line)
        if kind == "LISTENING" and isinstance(content, dict):
            self.port, self.web_url = content["port"], content["web_url"]
            for early in self._early:
                self._listener(*early)
            self._started.set()
        elif self.port:
            self._listener(kind, str(content))
        else:
            self._early.append((kind, str(content)))

    def _failure(self, answered: bool) -> str:
        words = " ".join(text for kind, text in self._early if kind != "INFO")
        taken = re.search(r"failed to listen on \S+?:(\d+)", words)
        if taken:
            return f"port {taken[1]} is taken: choose another one with --port, or leave it out for any free one"
        how = "ended while starting" if answered else f"didn't answer within {START_TIMEOUT:.0f} s"
        return f"the proxy {how}: {' '.join(words.split())[-500:] or 'it said nothing'}"


def parse(line: str) -> tuple[str, object]:
    """Return the kind and content of a line that `proxy_script` printed; of any other line, "" and the line."""
    try:
        kind, content = json.loads(line)
    except (ValueError, TypeError):
        return "", line
    return str(kind), content
