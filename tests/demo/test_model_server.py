"""The demo's model server, asked directly: a real llama.cpp with each of the demo's models."""

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from demo import model_server
from tests.support.patience import PATIENCE
from traces.errors import ToolkitError

READ = {"type": "object", "properties": {"file_path": {"type": "string"}}, "required": ["file_path"]}


def ask(url: str, path: str, **body: Any) -> Any:
    request = urllib.request.Request(url + path, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def question(words: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": words}]


def test_the_real_weights_know_a_capital(smollm2_server: str) -> None:
    asked = question("What is the capital of France?")
    answer = ask(smollm2_server, "/v1/messages", model="smollm2", max_tokens=24, messages=asked)
    assert "Paris" in answer["content"][0]["text"]


def test_the_tool_model_calls_a_tool_in_anthropics_format(tool_server: str) -> None:
    tools = [{"name": "Read", "description": "Reads.", "input_schema": READ}]
    asked = {"model": "tool", "max_tokens": 100, "messages": question("Hello."), "tools": tools}
    answer = ask(tool_server, "/v1/messages", **asked)
    [call] = answer["content"]
    assert (answer["stop_reason"], call["type"], call["name"]) == ("tool_use", "tool_use", "Read")
    assert isinstance(call["input"]["file_path"], str)


def test_the_tool_model_calls_a_tool_in_openais_format(tool_server: str) -> None:
    tools = [{"type": "function", "function": {"name": "Read", "description": "Reads.", "parameters": READ}}]
    asked = {"model": "tool", "max_tokens": 100, "messages": question("Hello."), "tools": tools}
    [choice] = ask(tool_server, "/v1/chat/completions", **asked)["choices"]
    [call] = choice["message"]["tool_calls"]
    assert (choice["finish_reason"], call["function"]["name"]) == ("tool_calls", "Read")
    assert list(json.loads(call["function"]["arguments"])) == ["file_path"]


def test_the_tiny_model_takes_a_prompt_as_long_as_claude_codes(tiny_server: str) -> None:
    asked = question("word " * 15_000)
    answer = ask(tiny_server, "/v1/messages", model="tiny", max_tokens=8, messages=asked)
    assert answer["usage"]["input_tokens"] > 15_000
    assert answer["usage"]["output_tokens"] == 8


@pytest.mark.parametrize(
    ("model", "complaint"),
    [("nothing", "No model 'nothing'"), (__file__, r"llama\.cpp can't serve .*test_model_server\.py")],
)
def test_a_server_that_cannot_start_says_why_in_one_line(model: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(ToolkitError, match=complaint), model_server.start(model, tmp_path / "log"):
        pass


def test_the_reason_is_found_before_the_servers_own_lines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'Error: no room' >&2\necho '0.00.016 E srv init: exiting' >&2\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(ToolkitError, match="Error: no room"), model_server.start("tiny", tmp_path / "log"):
        pass
