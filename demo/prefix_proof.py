"""A proof on this machine alone: what a changing billing header costs on a real model server, and what a fix saves.

    python -m demo.prefix_proof [FOLDER]

The real Claude Code is pointed at Anthropic's address: only then does it send the header that changes, as older
versions did to any server. A proxy forwards its requests to llama.cpp instead; nothing leaves this machine.
"""

import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from addons.launcher.cli import wait_for_certificate
from addons.launcher.environment import forward_environment
from addons.launcher.proxy import Proxy, proxy_command
from addons.launcher.settings import Settings
from demo import CACHE, client, model_server
from demo.__main__ import run, say
from traces.errors import ToolkitError

ANTHROPIC = "https://api.anthropic.com"

# Three million parameters: nonsense, but quick enough for the client's whole prompt. It always calls a tool.
MODEL = "tool"
QUESTIONS = ("What is in notes.txt?", "And in the other files?", "Compare them.", "Sum it up.", "Shorter.", "Thanks.")
ARGUMENTS = ("--model", MODEL, "--disallowedTools", "Agent", "--max-turns", "1")


def main(folder: Path) -> None:
    """Run the proof. All its output goes to `folder`."""
    folder.mkdir(parents=True)
    say("Claude Code comes from npm, 364 MB, once.")
    claude = client.install()
    if claude is None:
        raise ToolkitError("npm isn't here, so there is no Claude Code to prove anything with.")
    traces = folder / "traces"
    with model_server.start(MODEL, folder / "server.log") as url, tempfile.TemporaryDirectory() as home:
        say(f"llama.cpp serves a small model at {url}. Claude Code has a session with it:")
        variables = client.environment(Path(home)) | {"ANYCLAUDE_TRACE_DIR": str(traces)}
        with recording_proxy(url, folder, traces) as (proxy, certificate):
            ask(claude, forward_environment(variables, proxy, certificate))
        say("Where its prompts differ, and what that costs:")
        run(variables, "trace-analyzer", "cache", "latest")
        run(variables, "trace-analyzer", "report", "latest", "-o", str(folder / "session.html"))
        say("The same session again, as it was and without the header, each from a cold cache:")
        measured = ("--fix", "none,attribution", "--output", str(folder / "replays"))
        run(variables, "trace-replayer", "session", "latest", "--target", url, *measured)


def ask(claude: Path, environment: Mapping[str, str]) -> None:
    """Ask all questions. The client's output isn't shown: the model never stops calling tools, so each run fails."""
    for number, question in enumerate(QUESTIONS):
        words = ["-p", question, *(["--continue"] if number else []), *ARGUMENTS]
        print(f"$ claude {shlex.join(words)}", flush=True)
        subprocess.run(
            [str(claude), *words],
            cwd=environment["HOME"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )


@contextmanager
def recording_proxy(url: str, folder: Path, traces: Path) -> Iterator[tuple[str, str]]:
    """Run a recording proxy that sends requests for Anthropic to `url`; yield its address and its certificate."""
    line = proxy_command(Settings("claude", ANTHROPIC, forward=True, trace_dir=str(traces)))
    options = {
        "confdir": str(folder / "mitmproxy"),
        "map_remote": f"|{ANTHROPIC}|{url}",
        "block_list": "|~u /api/|404",  # requests that aren't for a model
        "connection_strategy": "lazy",
        "upstream_cert": "false",
    }
    line += [word for name, value in options.items() for word in ("--set", f"{name}={value}")]
    proxy = Proxy(line, lambda level, words: None)
    proxy.start()
    try:
        certificate = folder / "mitmproxy" / "mitmproxy-ca-cert.pem"
        wait_for_certificate(certificate)
        yield f"http://127.0.0.1:{proxy.port}", str(certificate)
    finally:
        proxy.stop()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]) if sys.argv[1:] else CACHE / "proof" / time.strftime("%Y-%m-%dT%H-%M-%S"))
    except ToolkitError as error:
        sys.exit(f"proof: {error}")
