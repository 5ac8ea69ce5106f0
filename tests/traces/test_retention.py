"""What goes and what stays: by age, by star, with or without its figures, from files and from the archive."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.factories import SESSION, call, exchange, message, result, trace
from traces import packing, retention, stars
from traces.errors import ToolkitError
from traces.model import TEXT_REMOVED, Failure, Ids, Odd, Raw, Trace
from traces.numbers_only import without_text
from traces.retention import Old
from traces.search.history import search
from traces.search.question import Question
from traces.storage import codec, store
from traces.storage.archive.contents import Contents
from traces.storage.index import database

OTHER = "07e40000-0000-4000-8000-000000000002"
USAGE = {"input_tokens": 200, "output_tokens": 30}
BEFORE = datetime(2026, 11, 20, 9, 1, tzinfo=UTC)

TRACES = [
    exchange(0, "A secret plum", answer=[call("Read", file_path="secret.txt")], usage=USAGE),
    exchange(10, "A secret plum", [call("Read", file_path="secret.txt")], [result("secret")], answer="so secret"),
    exchange(20, "Old", ids=Ids(OTHER)),
    exchange(70, "New", ids=Ids(OTHER)),
    exchange(30, "Without an id", answer="so", ids=Ids()),
]


def write(trace: Trace, root: Path) -> Path:
    return store.create(root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def files(root: Path) -> Sequence[Path]:
    return [write(trace, root) for trace in TRACES]


def old(root: Path, keep_starred: bool = True, numbers_only: bool = False, before: datetime = BEFORE) -> list[Old]:
    skipped: list[str] = []
    found = retention.old(root, before, keep_starred, numbers_only, skipped)
    assert skipped == []
    return found


def test_a_session_is_old_when_all_of_it_is(files: Sequence[Path], root: Path) -> None:
    assert [(one.name, one.files) for one in old(root)] == [
        (SESSION, files[:2]),
        (files[4].stem, [files[4]]),
    ]
    assert [one.name for one in old(root, before=BEFORE + timedelta(hours=1))] == [SESSION, OTHER, files[4].stem]


def test_what_is_starred_is_kept(files: Sequence[Path], root: Path) -> None:
    stars.star(root, [SESSION, files[4].stem])
    assert old(root) == []
    assert [one.name for one in old(root, keep_starred=False)] == [SESSION, files[4].stem]
    stars.unstar(root, [SESSION])
    assert [one.name for one in old(root)] == [SESSION]


def prune(root: Path, numbers_only: bool) -> packing.Outcome:
    done = retention.prune(root, old(root, numbers_only=numbers_only), numbers_only)
    assert done.problems == []
    return done


@pytest.mark.parametrize("packed", [0, 1, 5])
def test_what_is_old_is_deleted_wherever_it_is(files: Sequence[Path], root: Path, packed: int) -> None:
    kept = {path: path.read_bytes() for path in files[2:4]}
    pack(root, files[:packed])
    assert prune(root, numbers_only=False).traces == 3
    assert store.files(root) == list(kept)
    assert {path: store.read_bytes(path) for path in kept} == kept
    assert old(root) == []


def pack(root: Path, files: Sequence[Path]) -> None:
    """Pack these files alone."""
    others = {path: path.read_bytes() for path in store.files(root) if path not in files}
    for path in others:
        path.unlink()
    packing.pack(root, datetime.now(UTC) + timedelta(hours=1))
    for path, data in others.items():
        store.replace(path, data)


@pytest.mark.parametrize("packed", [0, 5])
def test_of_numbers_only_nothing_that_was_said_is_left(files: Sequence[Path], root: Path, packed: int) -> None:
    heads = [store.peek(path) for path in files]
    assert search(Question("plum"), -1, []) != []
    pack(root, files[:packed])
    assert prune(root, numbers_only=True).traces == 3
    for number in (0, 1, 4):
        assert store.peek(files[number]) == replace(heads[number], marks=(TEXT_REMOVED,))
    assert search(Question("plum"), -1, []) == []
    assert [store.load(path) for path in files[2:4]] == TRACES[2:4]
    for file in root.rglob("*"):
        if file.is_file():
            assert b"secret" not in file.read_bytes()
    assert old(root, numbers_only=True) == []
    assert len(old(root)) == 2  # these can still go altogether


def test_the_index_forgets_what_was_deleted(files: Sequence[Path], root: Path) -> None:
    search(Question("plum"), -1, [])
    prune(root, numbers_only=False)
    assert not database.path_of(root).exists()


FILLED = trace(
    {
        "model": "qwen3-coder",
        "max_tokens": 100,
        "system": "SAID",
        "metadata": {"user_id": "SAID"},
        "tools": [{"name": "Read", "description": "SAID", "input_schema": {"properties": {"SAID": {}}}}],
        "messages": [
            {"role": "user", "content": "SAID"},
            {"role": "assistant", "content": [{"type": "tool_use", "name": "Read", "id": "t1", "input": {"SAID": 1}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"text": "SAID"}]}]},
        ],
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "SAID"}]}],
    },
    message([{"type": "thinking", "thinking": "SAID", "signature": "SAID"}, {"type": "text", "text": "SAID"}], USAGE),
    failure=Failure("stream_error", "SAID", 200, 1.5),
)


def test_names_and_numbers_of_a_trace_are_kept_and_no_text() -> None:
    marked = replace(FILLED, marks=("odd_events",), odd=Odd(2, "SAID"))
    marked = replace(marked, request=replace(FILLED.request, raw=Raw("0" * 64, "text", "SAID")))
    reduced = without_text(marked)
    assert b"SAID" not in codec.encode(reduced)
    assert reduced.request.body == {
        "model": "qwen3-coder",
        "max_tokens": 100,
        "system": "",
        "tools": [{"name": "Read"}],
        "messages": [
            {"role": "user", "content": ""},
            {"role": "assistant", "content": [{"type": "tool_use", "name": "Read", "id": "t1"}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "", "content": [{"text": ""}]}]},
        ],
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": ""}]}],
    }
    assert reduced.error == Failure("stream_error", "", 200, 1.5)
    assert (reduced.odd, reduced.marks) == (Odd(2, ""), ("odd_events", TEXT_REMOVED))
    assert (reduced.timing, reduced.ids, reduced.events) == (FILLED.timing, FILLED.ids, FILLED.events)
    body = json.loads(json.dumps(reduced.message))
    assert (body["usage"], body["stop_reason"]) == (USAGE, "end_turn")


def test_a_star_takes_any_name(files: Sequence[Path], root: Path) -> None:
    assert stars.meant_by(SESSION[:8]) == [SESSION]
    assert stars.meant_by(files[0].stem) == [SESSION]
    assert stars.meant_by(str(files[2])) == [OTHER]
    assert stars.meant_by(files[4].stem) == [files[4].stem]
    with pytest.raises(ToolkitError):
        stars.meant_by("nothing")


def test_stars_are_kept_in_order_each_once(root: Path) -> None:
    assert stars.starred(root) == []
    stars.star(root, ["b", "a", "b"])
    stars.star(root, ["a", "c"])
    stars.unstar(root, ["a", "missing"])
    assert stars.starred(root) == ["b", "c"]


def test_a_damaged_trace_in_the_archive_is_not_taken_along(
    files: Sequence[Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(root, files)
    monkeypatch.setattr(Contents, "_description", lambda *_: b"")
    going = [Old(SESSION, "", None, files[:2], 0)]
    [problem] = retention.prune(root, going, False).problems
    assert "Damaged in" in problem
    monkeypatch.undo()
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(root))
    assert [store.load(path) for path in files] == TRACES


def damage(root: Path, file: Path) -> None:
    """Damage one trace in the archive: neither place knows any more where it is."""
    for book in (root / "archive").glob("*.traces"):
        with closing(sqlite3.connect(book)) as connection, connection:
            for table in ("traces", "traces_copy"):
                path = file.relative_to(root).as_posix()
                connection.execute(f"UPDATE {table} SET number = 10000 WHERE path = ?", (path,))


def test_a_damaged_trace_that_is_old_keeps_no_other_from_being_deleted(files: Sequence[Path], root: Path) -> None:
    pack(root, files)
    damage(root, files[4])
    skipped: list[str] = []
    going = retention.old(root, BEFORE, True, False, skipped)
    assert [(one.name, one.begun) for one in going] == [
        (SESSION, TRACES[0].timestamp),
        (files[4].stem, TRACES[4].timestamp),
    ]
    done = retention.prune(root, going, False)
    assert (done.traces, done.problems) == (3, [])
    assert store.files(root) == list(files[2:4])
    assert [store.load(path) for path in files[2:4]] == TRACES[2:4]


def test_a_damaged_trace_that_stays_is_named_and_nothing_is_lost(files: Sequence[Path], root: Path) -> None:
    pack(root, files)
    damage(root, files[3])
    skipped: list[str] = []
    [problem] = retention.prune(root, retention.old(root, BEFORE, True, False, skipped)[:1], False).problems
    assert files[3].name in problem
    assert [store.load(path) for path in files[:2]] == TRACES[:2]


@pytest.mark.parametrize("numbers_only", [False, True])
def test_what_is_kept_twice_is_pruned_twice(files: Sequence[Path], root: Path, numbers_only: bool) -> None:
    plain = {path: path.read_bytes() for path in files}
    pack(root, files)
    for path, data in plain.items():  # as a killed archiver leaves them
        store.replace(path, data)
    going = [one for one in old(root) if one.name == SESSION]
    assert retention.prune(root, going, numbers_only).traces == 2
    for path in files[:2]:
        path.unlink(missing_ok=True)  # so that the archive's is read
        assert store.exists(path) == numbers_only
        assert not numbers_only or TEXT_REMOVED in store.load(path).marks
