"""`make demo` itself: the real client, the launcher, the proxy, and a real server with real weights."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import demo
from tests.support.proxy import REPOSITORY
from traces.model import Trace
from traces.storage import store


def test_the_demo_asks_twice_and_shows_both_traces(claude_program: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    command = [sys.executable, "-m", "demo", str(folder)]
    shown = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=1100, check=True).stdout

    files = store.files(folder / "traces")
    assert f"Timestamp:     {store.peek(files[-1]).timestamp}" in shown
    assert all(part in shown for part in ("TOKEN BREAKDOWN", "Average of", "REPLAY COMPARISON", "ADVICE"))
    assert len(list((folder / "replays").iterdir())) == 6
    assert all((folder / name).read_text().startswith("<!doctype html>") for name in ("session.html", "models.html"))
    first, second = traces = [store.load(file) for file in files]
    assert all(f"llamacpp/{file.name}  smollm2  complete" in shown for file in files)
    assert all(message(trace)["content"][0]["text"] in shown for trace in traces)
    assert [(trace.state, trace.error, trace.marks) for trace in traces] == [("complete", None, ())] * 2
    assert [(trace.mode, trace.model) for trace in traces] == [("llamacpp", "smollm2")] * 2
    assert first.ids == second.ids
    assert first.ids.session is not None

    before, after = [message(trace)["usage"] for trace in traces]
    assert before["input_tokens"] > 500
    assert after["cache_read_input_tokens"] > 0.9 * before["input_tokens"]
    assert (first.timing.ttft or 0) > (second.timing.ttft or 0) > 0


def message(trace: Trace) -> Any:
    assert trace.response is not None
    return trace.response.body


def test_without_npm_a_small_script_asks_instead_of_the_client(smollm2_server: str) -> None:
    script = Path(demo.__file__).with_name("fallback_client.py")
    environment = {"PATH": os.environ["PATH"], "ANTHROPIC_BASE_URL": smollm2_server}
    asked = [str(script), "-p", "What is the capital of France?", "--continue", "--tools", "Read"]
    answer = subprocess.run(asked, env=environment, capture_output=True, text=True, timeout=120, check=True).stdout
    assert "France" in answer
