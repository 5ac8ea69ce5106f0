"""The real Claude Code started by the `anyclaude` command, as a user starts it."""

import subprocess
import sys
from pathlib import Path

from demo import client
from tests.support.answers import events, text
from tests.support.client import Client
from tests.support.machine import a_certificate_that_the_proxy_trusts
from tests.support.scripted import serving, stream
from traces.storage import store

ANYCLAUDE = Path(sys.executable).with_name("anyclaude")
ANSWER = stream(events(text("Hello to you.")))


def anyclaude(claude: Client, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ANYCLAUDE, "--claude", claude.program, *arguments, "-p", "Hello."],
        cwd=claude.project,
        env={**client.environment(claude.home), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )


def test_behind_the_launcher_the_client_prints_the_answer_and_leaves_a_trace(claude: Client) -> None:
    with serving([ANSWER]) as server:
        ran = anyclaude(claude, "--mode", "lmstudio", "--backend", server.url)
    folder = claude.home / ".anyclaude" / "traces" / "lmstudio"
    [trace] = [store.load(file) for file in store.files(folder)]
    assert ran.stdout == "Hello to you.\n"
    assert f"1 trace in {folder}" in ran.stderr
    assert trace.request.body == server.posts[0].json
    assert trace.state == "complete"


def test_a_forward_proxy_shows_the_traffic_to_anthropics_own_host(claude: Client) -> None:
    claude.home.mkdir()
    context, _ = a_certificate_that_the_proxy_trusts(claude.home)
    with serving([ANSWER], tls=context) as server:
        ran = anyclaude(claude, "--mode", "claude", "--forward", ANTHROPIC_BASE_URL=server.url)
    [trace] = [store.load(file) for file in store.files(claude.home / ".anyclaude" / "traces" / "claude")]
    assert ran.stdout == "Hello to you.\n"
    assert trace.request.url == f"{server.url}/v1/messages?beta=true"
    assert trace.request.body == server.posts[0].json
    assert trace.state == "complete"
