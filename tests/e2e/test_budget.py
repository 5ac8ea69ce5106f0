"""A budget, kept by the real proxy before the real Claude Code, and before Codex."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from demo import client
from tests.support import responses_answers
from tests.support.answers import Block, events, text, tool
from tests.support.client import Client
from tests.support.npm_clients import install
from tests.support.patience import PATIENCE
from tests.support.scripted import Answer, serving, stream
from traces.storage import store

ANYCLAUDE = Path(sys.executable).with_name("anyclaude")

PRICES = {"prices": {"lmstudio/*": {"input": 100, "output": 100_000, "cacheRead": 0}}}
"""So that each answer costs $1.90: 12,000 tokens in, 7 out."""


def costly(*blocks: Block) -> Answer:
    """Return an answer with a count of input tokens that can be true of the client's whole prompt."""
    return stream([event.replace(b'"input_tokens": 12,', b'"input_tokens": 12000,') for event in events(*blocks)])


def test_a_used_up_budget_is_told_in_words_at_once_and_a_larger_one_goes_on(claude: Client) -> None:
    (claude.project / "notes.txt").write_text("The word is plum.\n")
    (claude.home / ".anyclauderc.json").write_text(json.dumps(PRICES))
    read = tool("Read", file_path=str(claude.project / "notes.txt"))
    with serving([costly(read), costly(text("It is plum."))]) as server:

        def run(budget: str, *arguments: str) -> subprocess.CompletedProcess[str]:
            options: list[Any] = ["--claude", claude.program, "--mode", "lmstudio", "--backend", server.url]
            return subprocess.run(
                [ANYCLAUDE, *options, "--budget", budget, "--allowedTools", "Read", *arguments],
                cwd=claude.project,
                env=client.environment(claude.home),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
            )

        first = run("1.50", "-p", "What is the word?")
        asked = len(server.posts)
        second = run("3.00", "--continue", "-p", "Well?")
    words = "the budget is used up: $1.90 of $1.50 spent. Nothing is lost: to go on, quit and start again"
    assert words in first.stdout
    assert "402" in first.stdout
    assert asked == 1  # the client asked once more, was refused, and tried no further
    assert "anyclaude: warning: budget: $1.90 of $1.50 spent: further requests are refused" in first.stderr
    assert "anyclaude: budget: $1.90 of $1.50 spent" in first.stderr
    assert second.stdout == "It is plum.\n"  # each run has a budget of its own
    assert "The word is plum." in server.posts[-1].body.decode()  # what the tool read before the refusal
    paid, refused, went_on = (store.load(file) for file in store.files(claude.home / ".anyclaude" / "traces"))
    assert [paid.state, refused.state, went_on.state] == ["complete", "error", "complete"]
    assert refused.error is not None
    assert words in refused.error.message


def test_codex_is_told_of_a_used_up_budget_at_once_and_in_its_own_words(tmp_path: Path) -> None:
    codex = install("codex", tmp_path)
    call = tool("exec_command", "call_1", cmd="echo plum")
    with serving([stream(responses_answers.chunks(call, input_tokens=12_000))]) as server:
        options = ["--mode", "local", "--backend", server.url, "--budget", "11k-tokens"]
        traces = codex.run_until(
            lambda traces: "codex resume" in codex.printed.read_text() and len(traces) > 1,
            options,
            *("exec", "--json", "--skip-git-repo-check", "What is the word?"),
        )
        assert len(server.posts) == 1
    [paid, refused] = traces  # it asked no further
    assert (paid.state, refused.state) == ("complete", "error")
    words = "larger one, as: anyclaude --budget 22000-tokens codex resume --last"
    assert words in codex.printed.read_text()


def test_a_budget_in_dollars_needs_a_price(claude: Client) -> None:
    claude.home.mkdir()
    with serving([]) as server:
        ran = subprocess.run(
            [ANYCLAUDE, "--claude", claude.program, "--mode", "ollama", "--backend", server.url, "--budget", "5"],
            cwd=claude.project,
            env=client.environment(claude.home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    assert ran.returncode == 1
    [line] = ran.stderr.splitlines()
    assert line.startswith(
        "anyclaude: --budget 5: no price is known of what Ollama answers: write it under `prices` in"
    )
    assert line.endswith("or limit tokens, as --budget 200k-tokens")
