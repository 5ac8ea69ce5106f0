"""`anyclaude archive`, `prune`, `star` and `unstar`, as a user calls them."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from addons.launcher import history
from addons.launcher.cli import main
from tests.support.factories import SESSION, exchange
from tests.support.patience import eventually
from traces import packing, stars
from traces.model import Ids
from traces.storage import codec, store

OTHER = "07e40000-0000-4000-8000-000000000002"
TRACES = [
    exchange(0, "Hi", answer="hello"),
    exchange(10, "Hi", "hello", "And?"),
    exchange(20, "Ho", ids=Ids(OTHER)),
]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path / "traces"))
    for trace in TRACES:
        store.create(tmp_path / "traces" / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))
    return tmp_path / "traces"


def anyclaude(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, prog_name="anyclaude")


def lines(*arguments: str, code: int = 0) -> list[str]:
    result = anyclaude(*arguments)
    assert result.exit_code == code, result.output
    return result.output.splitlines()


def test_young_traces_are_not_packed(root: Path) -> None:
    assert lines("archive") == ["0 traces packed: 0 B into 0 B."]


def test_traces_are_packed_checked_and_unpacked(root: Path) -> None:
    files = {path: path.read_bytes() for path in store.files(root)}
    size = sum(map(len, files.values()))
    [packed] = lines("archive", "--older-than", "0m")
    archive = (root / "archive" / "2026-11.traces").stat().st_size
    assert packed == f"3 traces packed: {size / 1024:.0f} KiB into {archive / 1024:.0f} KiB."
    assert lines("archive", "--verify") == [
        f"3 traces in the archive can be read: {size / 1024:.0f} KiB in {archive / 1024:.0f} KiB."
    ]
    assert lines("archive", "--unpack") == [f"3 traces unpacked: {size / 1024:.0f} KiB, from {archive / 1024:.0f} KiB."]
    assert {path: path.read_bytes() for path in store.files(root)} == files


def test_a_folder_is_named_as_for_a_recording(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", "/nowhere")
    [packed] = lines("--trace-dir", str(root), "archive", "--older-than", "0m")
    assert packed.startswith("3 traces packed: ")


def test_a_damaged_file_is_repaired_from_its_copies(root: Path) -> None:
    files = {path: path.read_bytes() for path in store.files(root)}
    lines("archive", "--older-than", "0m")
    assert lines("archive", "--repair") == ["Nothing to repair."]
    file = root / "archive" / "2026-11.traces"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE blocks SET data = zeroblob(9) WHERE id = 1")
    said = lines("archive", "--verify", code=1)
    assert said[0].startswith("3 traces in the archive can be read")
    assert f"anyclaude: {file}: block 1 is damaged, its copy is whole" in said
    assert lines("archive", "--repair") == ["3 traces in damaged files of the archive written anew."]
    lines("archive", "--verify")
    assert {path: store.read_bytes(path) for path in files} == files


def test_damage_is_said_and_ends_with_an_error(root: Path) -> None:
    lines("archive", "--older-than", "0m")
    (root / "archive" / "2026-10.traces").write_bytes(b"no database" * 100)
    said = lines("archive", "--verify", code=1)
    assert said[1].startswith(
        f"anyclaude: {root / 'archive' / '2026-10.traces'}: This file of the archive can't be read"
    )


def test_a_second_one_at_once_says_so(root: Path) -> None:
    with packing.alone(root):
        [problem] = lines("archive", code=1)
    assert (
        problem == f"anyclaude: {root / 'archive'}: another command is changing the archive. Try again when it is done."
    )


def test_pruning_says_first_what_would_go(root: Path) -> None:
    files = {path: path.read_bytes() for path in store.files(root)}
    sizes = [len(data) for data in files.values()]
    said = [
        f"2026-11-20 09:00:00  {SESSION}  qwen3-coder  2 traces, {sum(sizes[:2]) / 1024:.0f} KiB",
        f"2026-11-20 09:00:20  {OTHER}  qwen3-coder  1 trace, {sizes[2]} B",
    ]
    ages = ["--older-than", "2030-01-01"]
    assert lines("prune", *ages) == [*said, "Would delete 3 traces of 2 sessions. To do it, add --yes."]
    assert lines("prune", *ages, "--numbers-only")[-1] == (
        "Would delete the texts of 3 traces of 2 sessions. To do it, add --yes."
    )
    assert {path: path.read_bytes() for path in store.files(root)} == files
    assert lines("star", SESSION[:8]) == [SESSION]
    assert lines("prune", *ages, "--keep-starred") == [
        said[1],
        "Would delete 1 trace of 1 session. To do it, add --yes.",
    ]
    assert lines("prune", *ages, "--yes")[-1].startswith("Deleted 1 trace of 1 session: ")
    assert len(store.files(root)) == 2
    assert lines("prune", *ages) == ["Nothing is that old."]
    assert lines("prune", *ages, "--starred-too", "--yes")[-1].startswith("Deleted 2 traces of 1 session: ")
    assert store.files(root) == []


def test_stars_are_given_listed_and_taken(root: Path) -> None:
    assert lines("star") == []
    assert lines("star", "latest", SESSION[:8]) == [OTHER, SESSION]
    assert lines("unstar", OTHER[:8]) == []
    assert lines("star") == [SESSION]


WRONG = {
    "no such session": (["star", "nothing"], "nothing: no such file, folder, trace or session"),
    "no age": (["prune", "--older-than", "old"], "old: neither an age"),
    "no age at all": (["prune"], "Missing option '--older-than'"),
    "two at once": (["archive", "--verify", "--unpack"], "Choose one of --verify, --repair and --unpack"),
    "an unknown option": (["archive", "--fast"], "No such option"),
}


@pytest.mark.parametrize(("arguments", "complaint"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_done_is_said(root: Path, arguments: list[str], complaint: str) -> None:
    result = anyclaude(*arguments)
    assert result.exit_code in (1, 2)
    assert complaint in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("command", history.COMMANDS)
def test_each_command_has_its_help(command: str) -> None:
    assert lines(command, "--help")[0].startswith(f"Usage: anyclaude {command} ")


def test_a_recording_packs_old_traces_meanwhile(root: Path) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    files = store.files(root)
    for path in files[:2]:
        os.utime(path, (long_ago, long_ago))
    process = history.start_archiving(str(root))
    try:
        assert eventually(lambda: not any(path.exists() for path in files[:2]))
    finally:
        process.kill()
        process.wait()
    assert files[2].exists()


def test_what_becomes_old_during_a_recording_is_packed_within_the_hour(root: Path) -> None:
    files = store.files(root)
    long_ago = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    now = 0.0
    packed: list[tuple[float, int]] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        packed.append((now, sum(not path.exists() for path in files)))
        if len(packed) == 1:
            os.utime(files[0], (long_ago, long_ago))

    history.keep_archiving(str(root), lambda: now < 2 * history.AGAIN, lambda: now, sleep)
    assert {done for at, done in packed if at <= history.AGAIN} == {0}
    assert packed[-1][1] == 1


def test_an_archiver_gives_way_to_another_one(root: Path) -> None:
    with packing.alone(root):
        history.keep_archiving(str(root), lambda: False)
    assert all(path.exists() for path in store.files(root))


def test_what_is_starred_is_in_a_file_to_read(root: Path) -> None:
    stars.star(root, [SESSION])
    assert (root / "starred.txt").read_text() == f"{SESSION}\n"


def test_what_is_wrong_with_the_index_is_a_line(root: Path) -> None:
    (root / ".index").mkdir()
    with closing(sqlite3.connect(root / ".index" / "index.sqlite3")) as index:
        index.execute("PRAGMA user_version = 99")
    shown = anyclaude("prune", "--older-than", "2026-12-01")
    newer = "A newer version of the toolkit wrote the index: without it, this takes longer."
    assert shown.stderr == f"anyclaude: warning: {newer}\n"
    assert "Would delete 3 traces" in shown.stdout
