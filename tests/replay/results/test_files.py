"""One file a run, whole, never over another, without secrets."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from replay.errors import ResultError
from replay.request import Run, Target, TraceRef
from replay.results import files
from tests.support import replays
from traces.storage.resolve import NoTrace


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    made = replays.result(verdicts=replays.wrong(), tool=8.5, notes=("thinking: dropped",))
    assert files.load(files.save(made, tmp_path)) == made


def test_the_name_contains_trace_model_and_time(tmp_path: Path) -> None:
    path = files.save(replays.result("llama-3.1-8b", started="2025-10-26T14:23:45.123Z"), tmp_path / "new")
    assert path.name == "simple-tool-call_replay_llama-3_1-8b_2025-10-26T14-23-45-123.json"


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "", "a/b:c", "x" * 300, "ä\x1b[2J"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    made = replays.result(name, run=Run(TraceRef(name, "h"), name))
    assert files.save(made, tmp_path).parent == tmp_path
    assert [file.name.isprintable() for file in tmp_path.iterdir()] == [True]


def test_two_results_of_one_moment_are_both_kept(tmp_path: Path) -> None:
    paths = [files.save(replays.result(round=2), tmp_path) for _ in range(2)]
    assert len(set(paths)) == 2
    assert len(files.load_all([tmp_path], [])) == 2


def test_no_key_is_ever_stored(tmp_path: Path) -> None:
    """Nor where a server repeats it in its complaint."""
    target = Target("https://me:hunter22@example.com/x?api_key=tell-nobody", "x", key="a-secret-of-mine")
    made = replace(replays.failed(message="401: bad key a-secret-of-mine"), target=target)
    written = files.save(made, tmp_path).read_text()
    assert "401: bad key" in written
    assert not [secret for secret in ("a-secret-of-mine", "hunter22", "tell-nobody") if secret in written]


def test_results_come_in_the_order_of_their_runs(tmp_path: Path) -> None:
    for number in (3, 1, 2):
        files.save(replays.result(f"m{4 - number}", number), tmp_path)
    assert [each.run.round for each in files.load_all([tmp_path], [])] == [1, 2, 3]


def test_in_a_folder_other_files_are_skipped_and_reported(tmp_path: Path) -> None:
    files.save(replays.result(), tmp_path)
    (tmp_path / "notes.json").write_text("{}")
    skipped: list[str] = []
    assert len(files.load_all([tmp_path], skipped)) == 1
    assert skipped == [f"{tmp_path}/notes.json: Not a result of a replay."]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "Invalid JSON"),
        ("{", "Invalid JSON"),
        ("[]", "Not a result of a replay."),
        ('{"schema_version": 99}', "Result format 99 is unknown here"),
        ('{"schema_version": "1"}', "Result format '1' is unknown here"),
        ('{"schema_version": [1]}', r"Result format \[1\] is unknown here"),
    ],
)
def test_a_file_that_was_named_must_be_a_result(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(content)
    with pytest.raises(ResultError, match=f"^{file}: {complaint}"):
        files.load_all([file], [])


def test_a_folder_without_results_says_how_to_make_some(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match=r"No result files found in .* trace-replayer replay latest"):
        files.load_all([tmp_path], [])
    with pytest.raises(NoTrace, match=r"no such file or folder\. To make some: trace-replayer"):
        files.load_all([tmp_path / "nowhere"], [])


def test_what_succeeded_needs_not_run_again(tmp_path: Path) -> None:
    good, bad, warmup = replays.result("a"), replays.failed("b"), replays.result("a", 0)
    for each in (good, bad, warmup):
        files.save(each, tmp_path)
    assert files.load_successful(tmp_path) == [good]
    assert files.load_successful(tmp_path / "nowhere") == []


def test_a_result_can_be_read_by_any_json_reader(tmp_path: Path) -> None:
    document = json.loads(files.save(replays.result(), tmp_path).read_bytes())
    assert document["schema_version"] == 2
    assert document["tool_version"]
    assert document["metrics"]["timing"]["ttft"] == 2.41
    assert document["chunks"] == [[2.41, "content_block_delta:text_delta", "text", 12]]
