"""The demo, on this machine alone: Claude Code asks a small real model, and each command shows what it sent.

    python -m demo [FOLDER]

Each step prints the command that it runs, so that it can be repeated by hand.
"""

import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from demo import CACHE, client, model_server
from traces.errors import ToolkitError
from traces.storage import store
from ui.tables import UNKNOWN

# Claude Code's own prompt, 13,000 tokens, would take this model minutes on a CPU; with one tool it is 1,000.
SMALL = ("--model", "smollm2", "--tools", "Read", "--system-prompt", "You answer in one short sentence.")
SMALL_ENVIRONMENT = {"CLAUDE_CODE_MAX_CONTEXT_TOKENS": "8192", "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "64"}


def main(folder: Path) -> None:
    """Run the demo. All its output goes to `folder`; the user's own settings, sessions and traces are left alone."""
    folder.mkdir(parents=True)
    claude = find_client()
    # A model as small as this doesn't know when to stop; here it stops after a line.
    with (
        model_server.start("smollm2", folder / "server.log", "--stop", "\n") as url,
        tempfile.TemporaryDirectory() as home,
    ):
        say(f"llama.cpp serves SmolLM2-135M at {url}. Claude Code asks it twice through the proxy:")
        environment = (
            client.environment(Path(home)) | SMALL_ENVIRONMENT | {"ANYCLAUDE_TRACE_DIR": str(folder / "traces")}
        )
        anyclaude = ("anyclaude", "--mode", "llamacpp", "--backend", url, "--claude", str(claude))
        run(environment, *anyclaude, "-p", "Why is the sky blue?", *SMALL)
        run(environment, *anyclaude, "-p", "And at night?", "--continue", *SMALL)
        show_traces(folder / "traces")
        run(environment, "trace-analyzer", "analyze", "latest")
        run(environment, "trace-analyzer", "compare", str(folder / "traces"))
        run(environment, "trace-analyzer", "session")
        with model_server.start("tiny", folder / "tiny.log") as other:
            say("The same request again, to that model and to a much smaller one with random weights:")
            replays = str(folder / "replays")
            for target in (url, other):
                measured = ("--target", target, "--runs", "3", "--cache", "cold", "--output", replays)
                run(environment, "trace-replayer", "replay", "latest", *measured)
            run(environment, "trace-replayer", "compare", replays)
        say("The session and the comparison as pages for a browser:")
        run(environment, "trace-analyzer", "report", "latest", "-o", str(folder / "session.html"))
        run(environment, "trace-replayer", "report", replays, "-o", str(folder / "models.html"))


def find_client() -> Path:
    say("Claude Code comes from npm, 364 MB, once.")
    try:
        if program := client.install():
            return program
        why = "npm isn't here"
    except subprocess.CalledProcessError as error:
        why = f"npm could not install it (exit code {error.returncode})"
    say(f"{why}: a small script asks in its place, with a request in the same shape.")
    return Path(__file__).with_name("fallback_client.py")


def say(words: str) -> None:
    print(f"\n{words}", flush=True)


def run(environment: Mapping[str, str], *command: str) -> None:
    """Print one of the toolkit's commands and run it; the demo goes on if it fails."""
    print(f"\n$ {shlex.join(command)}", flush=True)
    program = Path(sys.executable).with_name(command[0])
    subprocess.run(
        [program, *command[1:]], cwd=environment["HOME"], env=environment, stdin=subprocess.DEVNULL, check=False
    )


def _count(tokens: int | None) -> str:
    return UNKNOWN if tokens is None else f"{tokens:,}"


def show_traces(traces: Path) -> None:
    say(f"What was sent and answered lies in {traces}, one file an exchange:")
    for file in store.files(traces):
        head = store.peek(file)
        tokens = f"{_count(head.input_tokens)} tokens in, {_count(head.output_tokens)} out"
        first = f"first content after {head.ttft:.1f} s" if head.ttft is not None else "no content"
        print(f"  {file.relative_to(traces)}  {head.model}  {head.state}  {tokens}, {first}")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]) if sys.argv[1:] else CACHE / "demo" / time.strftime("%Y-%m-%dT%H-%M-%S"))
    except ToolkitError as error:
        sys.exit(f"demo: {error}")
