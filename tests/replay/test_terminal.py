"""How the commands behave in a terminal, a pipe, and with an old encoding."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from replay.results import files
from tests.support import replays
from tests.support.patience import PATIENCE
from tests.support.terminals import on_terminal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for made in (replays.result("llama-3.1-8b", tool=8.5), replays.failed()):
        files.save(made, tmp_path)
    return tmp_path


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_a_narrow_terminal_gets_a_table_that_fits(folder: Path, columns: int) -> None:
    command = [sys.executable, "-m", "replay", "compare", str(folder)]
    table = on_terminal(command, columns, {}).partition("Failed")[0].splitlines()
    assert max(map(len, table)) <= columns
    assert "Prompt Proc" in table[1]
    assert ("Tok/sec" in table[1]) is (columns >= 100)


@pytest.mark.parametrize("encoding", ["ascii", "cp437"])
@pytest.mark.parametrize("style", ["table", "json", "csv", "markdown"])
def test_every_encoding_can_show_it(folder: Path, encoding: str, style: str) -> None:
    surroundings = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "replay", "compare", str(folder), "--format", style]
    result = subprocess.run(command, env=surroundings, capture_output=True, timeout=PATIENCE, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    assert "llama-3.1-8b" in result.stdout.decode(encoding)
