"""What is assembled equals what the `anthropic` package assembles from the same bytes.

Its pins clash with mitmproxy's, so it runs in an environment of its own, made once under `.cache`. The package reads
each stream whole, byte by byte and cut at many positions; test_message.py shows that ours is the same cut at every one.
"""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.streams import files, message, read

PACKAGE = "anthropic==2.12.0"
ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "tests" / "support" / "anthropic_assemble.py"
ENVIRONMENT = ROOT / ".cache" / f"{PACKAGE}-python{sys.version_info.major}.{sys.version_info.minor}"

NAMES = [file.stem for file in files("anthropic")]


@pytest.fixture(scope="module")
def anthropic_package() -> Path:
    """Return the Python that has the package."""
    python, made = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "made"
    if not made.exists():
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]
        done = subprocess.run(pip, capture_output=True, text=True)
        if done.returncode:
            words = f"pip could not install {PACKAGE}: {done.stderr.strip()[-300:]}"
            pytest.fail(words) if os.environ.get("CI") == "true" else pytest.skip(words)
        made.touch()
    return python


@pytest.fixture(scope="module")
def theirs(anthropic_package: Path) -> dict[str, list[dict[str, Any]]]:
    """Return for each stream every different outcome among the ways to cut it."""
    done = subprocess.run(
        [anthropic_package, "-I", SCRIPT, *files("anthropic")], capture_output=True, text=True, check=True
    )
    return cast(dict[str, list[dict[str, Any]]], json.loads(done.stdout))


@pytest.mark.parametrize("name", NAMES)
def test_the_package_itself_is_not_moved_by_where_a_stream_is_cut(
    name: str, theirs: dict[str, list[dict[str, Any]]]
) -> None:
    assert len(theirs[name]) == 1


@pytest.mark.parametrize("name", [name for name in NAMES if name != "anthropic-cut-in-tool"])
def test_the_message_is_the_packages(name: str, theirs: dict[str, list[dict[str, Any]]]) -> None:
    ours, known = message(name), theirs[name][0]["message"]
    assert without_nulls(_known_usage(ours, known)) == without_nulls(known)


@pytest.mark.parametrize("name", NAMES)
def test_an_error_is_raised_where_ours_reports_one(name: str, theirs: dict[str, list[dict[str, Any]]]) -> None:
    raised = theirs[name][0]["error"]
    assert read(name).error == (raised["error"]["message"] if raised else None)


def test_a_tool_input_that_was_cut_is_guessed_there_and_kept_as_text_here(
    theirs: dict[str, list[dict[str, Any]]],
) -> None:
    """The only difference by intent: the package drops what it can't parse, a trace keeps it and says so."""
    guess, ours = theirs["anthropic-cut-in-tool"][0]["message"], message("anthropic-cut-in-tool")
    *whole, cut = ours["content"]
    assert cut.pop("input_partial")
    assert (guess["content"][-1]["input"], cut["input"]) == ({}, '{"file_path": "/tmp/')
    assert without_nulls({**ours, "content": [*whole, {**cut, "input": {}}]}) == without_nulls(guess)


def _known_usage(ours: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """Return ours without the counts of the closing usage that the package doesn't know, and drops."""
    usage = {name: count for name, count in ours["usage"].items() if name in known["usage"]}
    return {**ours, "usage": usage}


def without_nulls(message: dict[str, Any]) -> dict[str, Any]:
    """Return the message without the nulls that the package adds for closing fields that the server didn't send."""
    return {name: value for name, value in message.items() if value is not None}
