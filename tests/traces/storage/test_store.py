import os
import resource
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.traces.storage.test_codec import OLD, WHOLE
from traces.errors import TraceFormatError
from traces.jsonio import dumps
from traces.storage import codec, store
from traces.storage.head import head_of

STEM = "2025-10-26T14-23-45-123"


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_name_of_a_trace_is_its_time() -> None:
    assert store.stem_of(WHOLE.timestamp) == STEM


def test_a_trace_and_its_folders_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "lmstudio"

    path = store.create(folder, STEM, b"{}")

    assert path == folder / f"{STEM}.json"
    assert (mode_of(path), mode_of(folder), mode_of(tmp_path / "a")) == (0o600, 0o700, 0o700)
    assert names(folder) == [path.name]


def test_a_trace_of_the_same_millisecond_gets_a_name_of_its_own(tmp_path: Path) -> None:
    paths = [store.create(tmp_path, STEM, b"%d" % i) for i in range(3)]

    assert [path.name for path in paths] == [f"{STEM}.json", f"{STEM}-2.json", f"{STEM}-3.json"]
    assert [path.read_bytes() for path in paths] == [b"0", b"1", b"2"]


def test_many_writers_at_once_never_overwrite_one_another(tmp_path: Path) -> None:
    def write(name: int) -> None:
        for i in range(50):
            store.create(tmp_path, STEM, f"{name} {i}".encode())

    writers = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == len(list(tmp_path.iterdir())) == 200


def test_what_a_killed_proxy_left_half_written_is_neither_read_nor_in_the_way(tmp_path: Path) -> None:
    (tmp_path / f".{STEM}.json.new").write_bytes(b"{half")

    path = store.create(tmp_path, STEM, codec.encode(WHOLE))

    assert path.name == f"{STEM}-2.json"
    assert store.files(tmp_path) == [path]


def test_a_trace_that_is_replaced_keeps_its_name_and_its_mode(tmp_path: Path) -> None:
    path = store.create(tmp_path, STEM, b"old")

    store.replace(path, b"new")

    assert (path.read_bytes(), mode_of(path), names(tmp_path)) == (b"new", 0o600, [path.name])


def test_latest_leads_to_the_newest(tmp_path: Path) -> None:
    for stem in (STEM, "2025-10-26T14-23-45-124"):
        store.point_latest(store.create(tmp_path, stem, b"{}"))

    assert (tmp_path / store.LATEST).resolve().name == "2025-10-26T14-23-45-124.json"
    assert names(tmp_path) == [f"{STEM}.json", "2025-10-26T14-23-45-124.json", store.LATEST]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(FileExistsError):
        store.create(tmp_path / "file" / "folder", STEM, b"{}")

    assert names(tmp_path) == ["file"]


def test_the_files_of_a_folder_come_oldest_first_and_without_links(tmp_path: Path) -> None:
    newer = store.create(tmp_path / "claude", "2025-10-26T14-23-45-124", b"{}")
    older = store.create(tmp_path / "lmstudio", STEM, b"{}")
    store.point_latest(older)
    flow = tmp_path / "2025-11-01.flow"
    flow.write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"")

    assert store.files(tmp_path) == [older, newer, flow]
    assert store.files(older) == [older]


def test_reading_gives_the_trace_and_where_it_lies(tmp_path: Path) -> None:
    path = store.create(tmp_path, STEM, codec.encode(WHOLE))

    assert list(store.read_all(tmp_path)) == [replace(WHOLE, source=path)]
    assert store.load(path).source == path


def test_reading_without_events_leaves_them_out_and_nothing_else(tmp_path: Path) -> None:
    path = store.create(tmp_path, "a", codec.encode(WHOLE))

    assert list(store.read(path, events=False)) == [replace(WHOLE, events=(), source=path)]


def test_a_peek_reads_the_first_line_of_a_new_trace_and_the_whole_of_an_old_one(tmp_path: Path) -> None:
    new = store.create(tmp_path, STEM, codec.encode(WHOLE).splitlines(keepends=True)[0] + b"unread and no JSON")
    old = store.create(tmp_path, "old", dumps(OLD))

    assert store.peek(new) == head_of(WHOLE)
    assert store.peek(old) == head_of(store.load(old))


def test_a_missing_or_unreadable_file_is_reported_in_one_line(tmp_path: Path) -> None:
    for read in (store.load, store.peek, store.files):
        with pytest.raises(TraceFormatError, match=r"/nothing\.json: No such file"):
            read(tmp_path / "nothing.json")
    with pytest.raises(TraceFormatError, match="Is a directory"):
        store.load(tmp_path)


def test_a_file_too_large_for_a_trace_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    path.touch()
    os.truncate(path, 500_000_000)

    with pytest.raises(TraceFormatError, match=r"huge\.json: 500 MB is too large for a trace \(at most 268 MB\)"):
        store.load(path)


def test_what_does_not_fit_leaves_nothing_and_the_complaint_says_where(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError, match=str(tmp_path)):
            store.create(tmp_path, STEM, b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert list(tmp_path.iterdir()) == []


def test_the_root_is_what_the_environment_says_else_in_the_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ANYCLAUDE_TRACE_DIR", raising=False)
    assert store.root() == tmp_path / ".anyclaude" / "traces"

    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", "~/elsewhere")
    assert store.root() == tmp_path / "elsewhere"
