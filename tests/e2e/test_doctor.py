"""`anyclaude doctor` before a real llama.cpp: each check by what the server really answers."""

import json
from pathlib import Path

from tests.support.machine import Machine

PATIENCE = 300
"""Seconds for all checks: several answers of a model, on a machine that may be busy."""


def test_all_is_well_before_a_real_server_for_claude_code_and_for_another_client(
    tool_server: str, tmp_path: Path
) -> None:
    machine = Machine(tmp_path)
    machine.claude("print('2.1.330 (Claude Code)')")
    machine.program("codex", "print('codex-cli 0.171.0')")
    for client in ("claude", "codex"):
        process = machine.start("doctor", client, "--format", "json", "--mode", "llamacpp", "--backend", tool_server)
        try:
            stdout, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
        checks = {check["name"]: check for check in json.loads(stdout)["checks"]}
        assert {check["state"] for check in checks.values()} == {"ok"}, checks
        assert process.returncode == 0
        assert checks["server"]["found"].endswith(f" at {tool_server}")
        assert checks["context"]["found"].startswith("32,768 tokens; ")
        assert checks["tools"]["found"] == "a call comes back: get_weather"
        assert "tokens reused" in checks["prefix cache"]["found"]
