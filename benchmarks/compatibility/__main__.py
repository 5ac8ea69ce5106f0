"""The newest version of each client from npm, through the proxy to a real llama.cpp: a table of what works.

    python -m benchmarks.compatibility [--only NAME,…] [--pinned]

A client that fails is a row like any other: the exit code is 0. Gemini CLI asks a scripted server, as llama.cpp doesn't
speak its API. What is installed stays in the cache.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tabulate import tabulate

from benchmarks.compatibility.judge import Findings, judge
from demo import client as claude
from demo import model_server
from tests.support.npm_clients import PACKAGES, NpmClient
from tests.support.scripted import Answer, Received, serving, stream, whole
from traces.model import Trace

PINNED = {"claude": claude.PACKAGE, **PACKAGES}
NAMES = {"claude": "claude_code", "gemini": "gemini_cli", "qwen": "qwen_code"}
"""The program's name -> the client's in traces, where it is another."""

ASKED = "What is in this folder?"

ARGUMENTS = {
    "claude": ("-p", ASKED, "--model", "tool", "--tools", "Read", "--allowedTools", "Read", "--max-turns", "3"),
    "codex": ("exec", "--skip-git-repo-check", ASKED),
    "opencode": ("run", ASKED),
    "qwen": ("--yolo", "-p", ASKED),
    "gemini": ("--skip-trust", "--yolo", "-p", ASKED),
}

ENOUGH = 5
"""Exchanges that have ended: a side request or two, a tool call, and what follows it."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compatibility", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", metavar="NAME,…", default="", help=f"of: {', '.join(PINNED)}")
    parser.add_argument("--pinned", action="store_true", help="the versions that the tests use, not the newest")
    given = parser.parse_args()
    if shutil.which("npm") is None:
        sys.exit("npm is missing: the clients come from there")
    names = [name for name in PINNED if not given.only or name in given.only.split(",")]
    rows = []
    with tempfile.TemporaryDirectory(prefix="compatibility-") as folder:
        for name in names:
            package, _, tested = PINNED[name].rpartition("@")
            version = tested if given.pinned else newest(package)
            print(f"{name} {version} …", file=sys.stderr, flush=True)
            found = run(name, f"{package}@{version}", Path(folder) / name) if version else Findings(wrong="not at npm")
            rows.append(row(name, tested, version, found))
    print(tabulate(rows, headers="keys", disable_numparse=True))


def row(name: str, tested: str, version: str, found: Findings) -> dict[str, str]:
    """Return a row of the table."""
    seen = {"Known": found.known, "One session": found.session, "Call, result": found.called, "Whole": found.whole}
    signs = {title: "✓" if value else "✗" for title, value in seen.items()}
    wrong = " ".join(found.wrong.split())[:60]
    return {"Client": name, "Tested": tested, "Run": version, "Exchanges": str(found.recorded), **signs, "Wrong": wrong}


def newest(package: str) -> str:
    """Return the newest version of a package; "" where npm names none."""
    asked = subprocess.run(
        ["npm", "view", package, "version"], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return asked.stdout.strip()


def run(name: str, package: str, home: Path) -> Findings:
    """Install a client, let it ask, and return what was recorded."""
    try:
        program = claude.install(package, name, f"{name}-{package.rpartition('@')[2]}")
    except subprocess.CalledProcessError as error:
        return Findings(wrong=f"npm can't install it: {error}")
    assert program is not None, "npm is there"
    home.mkdir()
    client = NpmClient(name, program.parent, home)
    wrong = ""
    with server_for(name, home) as url:
        options = ["--mode", "gemini" if name == "gemini" else "llamacpp", "--backend", url]
        try:
            client.run_until(is_enough, options, *ARGUMENTS[name])
        except (AssertionError, subprocess.TimeoutExpired):
            wrong = "it neither ended nor asked often enough"
    found = judge(client.traces(), NAMES.get(name, name))
    return found if found.wrong or not wrong else Findings(found.recorded, wrong=wrong)


def is_enough(traces: Sequence[Trace]) -> bool:
    return sum(trace.state != "incomplete" for trace in traces) >= ENOUGH


@contextmanager
def server_for(name: str, home: Path) -> Iterator[str]:
    """Yield the address of the server that a client asks: it calls a tool, whatever it is asked."""
    if name == "gemini":
        with serving(gemini) as server:
            yield server.url
    else:
        with model_server.start("tool", home / "server.log") as url:
            yield url


def gemini(request: Received) -> Answer:
    """Answer as Gemini's API does: which model shall answer, a tool call, and a text after its result."""
    if ":generateContent" in request.path:
        return whole(_candidate({"text": '{"complexity_reasoning": "It is simple.", "complexity_score": 10}'}))
    part: dict[str, object] = {"text": "Nothing."}
    if "functionResponse" not in request.json["contents"][-1]["parts"][0]:
        part = {"functionCall": {"name": "list_directory", "args": {"dir_path": "."}}}
    return stream([b"data: " + json.dumps(_candidate(part)).encode() + b"\r\n\r\n"])


def _candidate(part: object) -> dict[str, object]:
    content = {"role": "model", "parts": [part]}
    usage = {"promptTokenCount": 10_000, "candidatesTokenCount": 5, "totalTokenCount": 10_005}
    return {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], "usageMetadata": usage}


if __name__ == "__main__":
    main()
