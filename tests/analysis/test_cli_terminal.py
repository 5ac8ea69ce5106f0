"""How the commands behave with a terminal, a pipe, an old encoding and a hostile trace."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import synthetic
from tests.support.analyzer import Analyzer
from tests.support.patience import PATIENCE
from tests.support.terminals import on_terminal
from traces.model import Request, Response


def test_colours_are_for_terminals(traced: Analyzer) -> None:
    shown = on_terminal(traced.command("analyze"), 100, traced.environment)
    assert "\x1b[1mTRACE ANALYSIS" in shown
    assert b"\x1b" not in traced.process("analyze").stdout


def test_no_color_turns_colours_off(traced: Analyzer) -> None:
    shown = on_terminal(traced.command("list"), 100, {**traced.environment, "NO_COLOR": "1"})
    assert "TOOL_CALL" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("columns", [80, 90, 120])
def test_a_narrow_terminal_gets_lines_that_fit(traced: Analyzer, columns: int) -> None:
    long: dict[str, object] = {"model": "a-very-" + "long-" * 30 + "name", "messages": []}
    synthetic.write(replace(synthetic.text(), request=Request("POST", "", {}, long)), traced.root)
    shown = on_terminal(traced.command("list"), columns, {**traced.environment, "NO_COLOR": "1"})
    assert max(len(line) for line in shown.splitlines()) <= columns
    assert "TEXT_GENERATION" in shown
    assert str(long["model"]) in traced.process("list").stdout.decode()  # nobody reads a pipe on a narrow terminal


@pytest.mark.parametrize("encoding", ["ascii", "cp437"])
def test_output_fits_every_encoding(traced: Analyzer, encoding: str) -> None:
    for arguments in (["analyze", "-v"], ["analyze", "--format", "json"]):
        result = traced.process(*arguments, PYTHONIOENCODING=encoding)
        assert (result.returncode, result.stderr) == (0, b"")
        result.stdout.decode(encoding)


def test_an_arrow_is_written_in_ascii_where_it_must_be(traced: Analyzer) -> None:
    assert b"<- Claude Code's instructions" in traced.process("analyze", PYTHONIOENCODING="ascii").stdout


def test_a_closed_pipe_is_no_error(traced: Analyzer) -> None:
    for number in range(300):
        synthetic.write(replace(synthetic.text(), timestamp=f"2025-10-27T00:00:00.{number:03}Z"), traced.root)
    shell = f"{' '.join(traced.command('list', '-n', '0'))} | head -n 1"
    surroundings = {**os.environ, **traced.environment}
    result = subprocess.run(shell, shell=True, env=surroundings, capture_output=True, timeout=PATIENCE, check=False)
    assert result.stdout == b"lmstudio: 303 traces\n"
    assert result.stderr == b""


@pytest.mark.parametrize("style", ["table", "json", "csv", "markdown"])
def test_nothing_in_a_trace_reaches_the_terminal_as_a_command(analyzer: Analyzer, style: str) -> None:
    evil = "\x1b]0;owned\x07\x9b2J\r\u202e"
    body = {
        "model": evil,
        "system": evil,
        "tools": [{"name": f"mcp__{evil}__{evil}", "description": evil, "input_schema": {}}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": evil}]}],
    }
    answer = {"type": "message", "content": [{"type": "tool_use", "name": evil, "input": {}}], "stop_reason": evil}
    trace = replace(
        synthetic.text(), request=Request("POST", "/v1/messages", {}, body), response=Response(200, {}, answer)
    )
    synthetic.write(trace, analyzer.root)
    for arguments in (["list"], ["analyze", "-v"], ["compare", analyzer.root]):
        result = analyzer(*arguments, "--format", style)
        assert result.exit_code == 0
        assert not set(result.stdout) & set(evil) - set("]0;owned2J")


def test_errors_escape_control_characters_too(analyzer: Analyzer) -> None:
    result = analyzer("analyze", "\x1b[2Jnowhere")
    assert result.exit_code == 1
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("trace-analyzer an", {"analyze"}),
        ("trace-analyzer list lm", {"lmstudio"}),
        ("trace-analyzer analyze la", {"latest", "last:2"}),
        ("trace-analyzer analyze 2025-10-26T14-24", {"2025-10-26T14-24-01-007"}),
        ("trace-analyzer analyze --tokenizer o200k_b", {"o200k_base"}),
        ("trace-analyzer analyze --format m", {"markdown"}),
    ],
)
def test_completion_offers_what_can_follow(traced: Analyzer, words: str, offered: set[str]) -> None:
    typed = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    said = completing(traced, "bash_complete", **typed)
    assert {line.partition(",")[2] for line in said.splitlines() if line.startswith("plain,")} == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_there_is_a_completion_script_for_each_shell(traced: Analyzer, shell: str) -> None:
    assert "trace-analyzer" in completing(traced, f"{shell}_source")


def completing(analyzer: Analyzer, what: str, **typed: str) -> str:
    program = Path(sys.executable).with_name("trace-analyzer")
    surroundings = {**os.environ, **analyzer.environment, "_TRACE_ANALYZER_COMPLETE": what, **typed}
    return subprocess.run(
        [program], env=surroundings, capture_output=True, text=True, timeout=PATIENCE, check=True
    ).stdout
