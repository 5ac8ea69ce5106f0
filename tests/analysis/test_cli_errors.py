"""Bad input: one line that names the file and the reason, exit 1; in a folder a warning, and the rest is done."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import synthetic
from tests.support.analyzer import Analyzer
from tests.support.flows import recorded_flow
from traces.storage import codec


def half_a_file(path: Path) -> None:
    whole = codec.encode(synthetic.tool_call())
    path.write_bytes(whole[: len(whole) // 2])


def half_a_flow(path: Path) -> None:
    recorded_flow(path, 1)
    path.write_bytes(path.read_bytes()[:-100])


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(500 * 1000**2)


Make = Callable[[Path], object]

BAD: dict[str, tuple[str, Make, str]] = {
    "empty": ("empty.json", lambda path: path.touch(), "Empty"),
    "half a file": ("half.json", half_a_file, "Invalid JSON"),
    "not JSON": ("text.json", lambda path: path.write_text("Dear diary"), "Invalid JSON"),
    "not UTF-8": ("latin.json", lambda path: path.write_bytes(b'{"request": "\xff"}'), "Invalid JSON"),
    "no trace": ("list.json", lambda path: path.write_text("[1, 2]"), "Not a trace"),
    "of old": ("old.json", lambda path: path.write_text('{"request": {"body": {"index": 0}}}'), "Incomplete trace"),
    "nested": ("deep.json", lambda path: path.write_text("[" * 100_000), "Invalid JSON"),
    "500 MB": ("huge.json", huge, "too large"),
    "a loop of links": ("loop.json", lambda path: path.symlink_to(path), "loop"),
    "no flow": ("noise.flow", lambda path: path.write_bytes(b"\0" * 100), "flow"),
}
"""What is wrong -> the file's name, how it is made, and a word of the reason."""


@pytest.fixture(params=list(BAD.values()), ids=list(BAD))
def bad(request: pytest.FixtureRequest, analyzer: Analyzer) -> tuple[Path, str]:
    name, make, reason = request.param
    path = analyzer.root / "lmstudio" / name
    path.parent.mkdir(parents=True)
    make(path)
    return path, reason


def test_a_bad_file_is_one_line_that_names_it_and_the_reason(analyzer: Analyzer, bad: tuple[Path, str]) -> None:
    path, reason = bad
    result = analyzer("analyze", path)
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert str(path) in line
    assert reason in line


def test_in_a_folder_a_bad_file_is_a_warning_and_the_rest_is_done(traced: Analyzer, tmp_path: Path) -> None:
    for name, make, _ in BAD.values():
        make(traced.root / "lmstudio" / name)
    result = traced("compare", traced.root, "--format", "json")
    *warnings, counted = result.stderr.splitlines()
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["traces"]) == 3
    assert counted == f"Skipped {len(BAD)} files."
    for name, _, reason in BAD.values():
        [warning] = [line for line in warnings if name in line]
        assert warning.startswith("Warning: skipped ")
        assert reason in warning


def test_a_folder_where_nothing_can_be_read_is_an_error(analyzer: Analyzer, bad: tuple[Path, str]) -> None:
    path, reason = bad
    for command in (["compare", path.parent], ["export", path.parent, "-o", analyzer.home / "out.csv"]):
        result = analyzer(*command)
        assert result.exit_code == 1
        assert result.stderr.splitlines()[-1].startswith("Error: ")
        assert reason in result.stderr
    assert not (analyzer.home / "out.csv").exists()


def test_what_came_before_the_cut_in_a_flow_file_is_kept(analyzer: Analyzer) -> None:
    path = analyzer.home / "cut.flow"
    recorded_flow(path, 3)
    path.write_bytes(path.read_bytes()[:-100])
    result = analyzer("compare", path, "--format", "json")
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["traces"]) == 2
    assert str(path) in result.stderr
    assert analyzer("analyze", path, "-x", "1").exit_code == 0
    whole = analyzer("analyze", path)
    assert whole.exit_code == 1
    assert str(path) in whole.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["list"], "No traces found in {root}. To make one"),
        (["list", "ollama"], "No traces found in {root}/ollama. To make one"),
        (["analyze", "latest"], "No traces found in {root}"),
        (["analyze", "nowhere.json"], "no such file"),
        (["analyze", "{home}"], "is a folder"),
        (["compare", "{home}"], "No traces found in {home}"),
        (["compare", "nowhere"], "no such file"),
        (["analyze", "n" * 5000], "n: "),
        (["analyze", "/dev/null/x"], "/dev/null/x: "),
    ],
)
def test_the_error_says_where_there_is_nothing(analyzer: Analyzer, arguments: list[str], reason: str) -> None:
    places = {"root": analyzer.root, "home": analyzer.home}
    result = analyzer(*(argument.format(**places) for argument in arguments))
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert reason.format(**places) in line


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["analyze", "last:9"], "only 3 traces"),
        (["analyze", "latest", "-x", "2"], "no exchange 2"),
        (["analyze", "latest", "--tokenizer", "sentencepiece"], "o200k_base, "),
        (["analyze", "latest", "--tokenizer", "missing/tokenizer.json"], "missing/tokenizer.json"),
        (["compare", "latest", "--tokenizer", "sentencepiece"], "o200k_base, "),
        (["export", "{root}", "-o", "{home}/out.xlsx"], ".csv, .parquet or .har"),
        (["export", "{root}", "-o", "{home}/missing/out.csv"], "can't be written"),
    ],
)
def test_impossible_arguments_are_an_error_of_one_line(traced: Analyzer, arguments: list[str], reason: str) -> None:
    result = traced(*(argument.format(root=traced.root, home=traced.home) for argument in arguments))
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert reason in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything; a loop of links is tested instead, above")
def test_a_file_without_permission_is_named(traced: Analyzer) -> None:
    path = synthetic.write(synthetic.text(), traced.root)
    path.chmod(0)
    result = traced("analyze", path)
    assert result.exit_code == 1
    assert f"{path}: Permission denied" in result.stderr
