"""What is assembled equals what the `anthropic` package assembles from the same bytes.

Its pins clash with mitmproxy's, so it runs in an environment of its own, made once under `.cache`. The package reads
each stream whole, byte by byte and cut at many positions; test_message.py shows that ours is the same cut at every one.
It reads no more than ours of streams with an odd field; ANYCLAUDE_TEST_EXAMPLES sets the number of these.
"""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.packages import ROOT, ask, python_with
from tests.support.perturbed import Case, sample, unread_texts
from tests.support.streams import files, message, read

PACKAGE = "anthropic==2.12.0"
SCRIPT = ROOT / "tests" / "support" / "anthropic_assemble.py"
EXAMPLES = int(os.environ.get("ANYCLAUDE_TEST_EXAMPLES", "1000"))

NAMES = [file.stem for file in files("anthropic")]


@pytest.fixture(scope="module")
def anthropic_package() -> Path:
    """Return the Python that has the package."""
    return python_with(PACKAGE)


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


UNREAD: Mapping[str, Callable[[Case], bool]] = {
    "a message's start that holds a text, and whose blocks are then streamed: they are the answer": lambda case: (
        case.field == "message.content" and isinstance(case.other, str)
    ),
    "a text in the place of citations, to which no citation can be added": lambda case: (
        case.field == "content_block.citations" and isinstance(case.other, str)
    ),
}
"""Why the package has read what isn't in our message."""


def test_the_package_reads_no_more_of_perturbed_streams(anthropic_package: Path) -> None:
    cases = sample(["anthropic"], EXAMPLES)
    theirs = ask(anthropic_package, "anthropic_assemble.py", [case.changed for case in cases])
    more = [(case, unread_texts(case, their["message"])) for case, their in zip(cases, theirs, strict=True)]
    reasoned = [case for case in cases if any(holds(case) for holds in UNREAD.values())]
    assert [(case.field, case.way, texts) for case, texts in more if texts and case not in reasoned] == []
