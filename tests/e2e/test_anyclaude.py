"""The real Claude Code started by the `anyclaude` command, as a user starts it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from demo import client
from tests.support.answers import events, text
from tests.support.certificates import a_certificate_that_the_proxy_trusts
from tests.support.client import Client
from tests.support.patience import PATIENCE
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
        timeout=PATIENCE,
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


def test_an_address_in_the_clients_settings_is_the_backend_and_leads_past_no_proxy(claude: Client) -> None:
    with serving([ANSWER]) as server:
        put_settings(claude, {"env": {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_AUTH_TOKEN": "gateway-key"}})
        ran = anyclaude(claude)
    [trace] = [store.load(file) for file in store.files(claude.home / ".anyclaude" / "traces" / "local")]
    where = claude.home / ".claude" / "settings.json"
    assert ran.stdout == "Hello to you.\n"
    assert f"anyclaude: recording local at {server.url} ({where}: env.ANTHROPIC_BASE_URL)" in ran.stderr
    assert trace.state == "complete"
    assert server.posts[0].header("authorization") == "Bearer gateway-key"


@pytest.mark.parametrize("form", ["inline", "file", "with an equals sign"])
def test_settings_of_the_users_own_are_joined_with_those_that_lead_to_the_proxy(claude: Client, form: str) -> None:
    own = {"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "ANTHROPIC_CUSTOM_HEADERS": "X-Mine: joined"}}
    (claude.project / "own.json").write_text(json.dumps(own))
    forms = {
        "inline": ["--settings", json.dumps(own)],
        "file": ["--settings", "own.json"],
        "with an equals sign": [f"--settings={json.dumps(own)}"],
    }
    with serving([ANSWER]) as server:
        put_settings(claude, {"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "CLAUDE_CODE_USE_BEDROCK": "1"}})
        ran = anyclaude(claude, "--backend", server.url, *forms[form])
    assert ran.stdout == "Hello to you.\n"
    assert server.posts[0].header("x-mine") == "joined"
    assert "CLAUDE_CODE_USE_BEDROCK is left out for this run" in ran.stderr
    assert "anyclaude: 1 trace in" in ran.stderr


def put_settings(claude: Client, settings: object) -> None:
    path = claude.home / ".claude" / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(settings))
