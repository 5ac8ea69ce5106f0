"""Edits of a request: patches, edited copies, an editor; and what they are told to have changed."""

import json
from pathlib import Path
from typing import Any

import pytest

from replay.variants import edit
from replay.variants.difference import LONGEST, difference
from replay.variants.edit import EditError
from tests.support import exams
from traces.model import Trace

pytestmark = pytest.mark.io


@pytest.fixture
def trace() -> Trace:
    return exams.session().traces[0]


def written(folder: Path, given: Any, name: str = "shorter.json") -> Path:
    file = folder / name
    file.write_text(given if isinstance(given, str) else json.dumps(given))
    return file


def body(trace: Trace) -> dict[str, Any]:
    assert isinstance(trace.request.body, dict)
    return trace.request.body


def test_a_patch_changes_what_it_names_and_nothing_else(trace: Trace, tmp_path: Path) -> None:
    patch = [
        {"op": "replace", "path": "/tools/0/description", "value": "Reads a file."},
        {"op": "remove", "path": "/tools/3"},
    ]
    variant, changed = edit.from_file(trace, written(tmp_path, patch))
    assert variant.name == "shorter"
    assert body(changed)["tools"][0]["description"] == "Reads a file."
    assert len(body(changed)["tools"]) == 3
    assert body(changed)["messages"] == body(trace)["messages"]
    assert changed.response == trace.response
    assert "+tools[Read].description: Reads a file." in variant.changes
    assert "-tools[Task].name: Task" in variant.changes
    assert len(body(trace)["tools"]) == 4  # the recording itself is left alone


def test_an_edited_copy_may_be_the_request_or_a_trace_of_it(trace: Trace, tmp_path: Path) -> None:
    copy = {**body(trace), "system": "Be brief."}
    alone = edit.from_file(trace, written(tmp_path, copy))
    held = edit.from_file(trace, written(tmp_path, {"request": {"body": copy}, "timestamp": "x"}))
    assert body(alone[1]) == body(held[1]) == copy
    assert alone[0].digest == held[0].digest


def test_an_editor_gets_the_request_and_what_it_leaves_is_sent(trace: Trace, tmp_path: Path) -> None:
    script = tmp_path / "an editor.py"
    script.write_text(
        "import sys, pathlib; p = pathlib.Path(sys.argv[1]); p.write_text(p.read_text().replace('Bash', 'Shell'))"
    )
    variant, changed = edit.from_editor(trace, {"EDITOR": f"python '{script}'"})
    assert variant.name == "edit"
    assert body(changed)["tools"][1]["name"] == "Shell"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("{", "is no JSON"),
        ([{"op": "remove", "path": "/nosuch"}], "can't be applied: "),
        ([{"op": "replace"}], "can't be applied: "),
        (["x"], "can't be applied: "),
        (
            {"a": 1},
            "neither a JSON Patch (a list of changes) nor a request like the recorded one, which has `messages`",
        ),
        (3, "neither a JSON Patch"),
        ([], "changes nothing"),
        ([{"op": "replace", "path": "/model", "value": "x"}], "changes the model, which is named with --model"),
        ([{"op": "replace", "path": "", "value": 3}], "is no JSON Patch"),
    ],
)
def test_an_edit_that_cannot_be_made_says_why(trace: Trace, tmp_path: Path, given: Any, complaint: str) -> None:
    with pytest.raises(EditError) as raised:
        edit.from_file(trace, written(tmp_path, given))
    assert complaint in str(raised.value)


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({}, "Set VISUAL or EDITOR"),
        ({"EDITOR": "false"}, "false ended with 1: nothing is sent."),
        ({"EDITOR": "no-such-editor"}, "no-such-editor: can't be started"),
        ({"VISUAL": "true"}, "changes nothing"),
        ({"EDITOR": "sh -c 'echo { > $0'"}, "is no JSON"),
    ],
)
def test_an_editor_that_fails_says_why(trace: Trace, environment: dict[str, str], complaint: str) -> None:
    with pytest.raises(EditError) as raised:
        edit.from_editor(trace, environment)
    assert complaint in str(raised.value)


def test_a_missing_file_is_named(trace: Trace, tmp_path: Path) -> None:
    with pytest.raises(EditError, match=r"nosuch.json: No such file"):
        edit.from_file(trace, tmp_path / "nosuch.json")


def test_a_difference_shows_only_the_sentence_that_changed() -> None:
    text = "It reads. " * 30
    found = difference({"a": {"text": text}}, {"a": {"text": text.replace("It reads. ", "It writes. ", 1)}})
    assert found[:4] == (" a.text:", "-  It reads.", "+  It writes.", "   It reads.")


def test_a_long_difference_is_cut_and_says_so() -> None:
    found = difference({"a": list(range(100))}, {"a": list(range(100, 200))})
    assert len(found) == LONGEST + 1
    assert found[-1] == "… and 160 lines more"
