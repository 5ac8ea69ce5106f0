"""The index answers what the files would: kept up to date, and done without where it can't be used."""

import json
import os
import sqlite3
import subprocess
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.factories import SESSION, exchange
from traces import packing
from traces.errors import TraceFormatError
from traces.model import Failure, Ids, Trace
from traces.storage import catalog, codec, store
from traces.storage.catalog import Catalog, FileCatalog, IndexCatalog
from traces.storage.index import database, heads
from traces.storage.index.database import IndexWarning

OTHER = "5e55beef-0000-4000-8000-000000000002"

TRACES = [
    exchange(0, "Hi", answer="hello"),
    exchange(10, "Hi", "hello", "And?", answer="no"),
    exchange(20, "Ho", ids=Ids(OTHER, "agent", "parent")),
    exchange(30, "Without an id", answer="so", ids=Ids()),
    replace(exchange(40, "Odd"), marks=("late_stamps", "odd_events"), error=Failure("refused", "no")),
]


def write(trace: Trace, root: Path) -> Path:
    return store.create(root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path))
    return tmp_path


def contents(known: Catalog) -> object:
    return known.sessions(), {id: known.heads(id) for id in known.sessions()}, known.unnamed(), known.sessions(newest=2)


def from_files(folder: Path) -> object:
    return contents(catalog.read_files(store.files(folder), []))


def from_index(folder: Path) -> object:
    """Return what the index says, and make sure that it was asked."""
    asked: list[type] = []
    skipped: list[str] = []

    def question(known: Catalog) -> object:
        asked.append(type(known))
        return contents(known)

    found = catalog.ask(folder, skipped, question)
    assert (asked, skipped) == ([IndexCatalog], [])
    return found


def test_the_index_says_what_the_files_say(root: Path) -> None:
    for trace in TRACES:
        write(trace, root)
    assert from_index(root) == from_files(root)


def test_a_folder_within_is_answered_without_the_rest(root: Path) -> None:
    for trace in TRACES:
        write(trace, root)
    write(replace(TRACES[0], mode="llamacpp0"), root)
    write(replace(TRACES[2], mode="vllm"), root)
    assert from_index(root) == from_files(root)
    assert from_index(root / "vllm") == from_files(root / "vllm")
    assert from_index(root / "llamacpp") == from_files(root / "llamacpp")
    assert from_index(root) == from_files(root)  # nothing was forgotten


def added(files: Sequence[Path], root: Path) -> None:
    write(exchange(60, "New"), root)


def deleted(files: Sequence[Path], root: Path) -> None:
    files[1].unlink()


def changed_in_place(files: Sequence[Path], root: Path) -> None:
    status = files[0].stat()
    files[0].write_bytes(codec.encode(exchange(0, "Hi", answer="hello", ids=Ids(OTHER))))
    os.utime(files[0], ns=(status.st_atime_ns, status.st_mtime_ns + 1))


def replaced(files: Sequence[Path], root: Path) -> None:
    """Replace it with a file of the same size and time."""
    status = files[0].stat()
    store.replace(files[0], files[0].read_bytes().replace(SESSION.encode(), OTHER.encode()))
    os.utime(files[0], ns=(status.st_atime_ns, status.st_mtime_ns))


def renamed(files: Sequence[Path], root: Path) -> None:
    files[0].rename(files[0].with_name("renamed.json"))


@pytest.mark.parametrize("change", [added, deleted, changed_in_place, replaced, renamed])
def test_a_change_is_seen(root: Path, change: object) -> None:
    files = [write(trace, root) for trace in TRACES]
    before = from_index(root)
    change(files, root)  # type: ignore[operator]
    assert from_index(root) == from_files(root) != before


def test_names_that_are_not_unicode_are_kept(root: Path) -> None:
    write(exchange(0, "Hi", ids=Ids("half \ud800")), root)
    file = write(exchange(5, "Hi", ids=Ids("whole")), root)
    file.rename(os.fsdecode(os.fsencode(root) + b"/caf\xe9.json"))
    assert from_index(root) == from_files(root)
    assert from_index(root) == from_files(root)


def test_a_file_that_is_no_trace_is_reported_each_time(root: Path) -> None:
    write(TRACES[0], root)
    broken = root / "broken.json"
    broken.write_text("{")
    for _ in range(2):
        skipped: list[str] = []
        assert catalog.ask(root, skipped, lambda known: known.sessions()) == [SESSION]
        [reason] = skipped
        assert reason.startswith(str(broken))


def test_the_index_can_be_deleted(root: Path) -> None:
    write(TRACES[0], root)
    before = from_index(root)
    database.remove(root)
    assert from_index(root) == before


def tables(root: Path) -> sqlite3.Connection:
    return sqlite3.connect(database.path_of(root))


def ask_without_index(root: Path) -> tuple[object, list[str]]:
    """Return what is said where the index can't be used, and the warnings."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = catalog.ask(root, [], lambda known: (type(known), contents(known)))
    assert found == (FileCatalog, from_files(root))
    assert all(one.category is IndexWarning for one in heard)
    return found, [str(one.message) for one in heard]


@pytest.fixture
def indexed(root: Path) -> Path:
    for trace in TRACES:
        write(trace, root)
    from_index(root)
    return root


def test_the_index_of_a_newer_version_is_left_alone(indexed: Path) -> None:
    with tables(indexed) as index:
        index.execute(f"PRAGMA user_version = {database.VERSION + 1}")
    index.close()
    _, [reason] = ask_without_index(indexed)
    assert reason.startswith("A newer version of the toolkit wrote the index")
    newer = tables(indexed)
    assert newer.execute("SELECT count(*) FROM files").fetchone() == (len(TRACES),)
    newer.close()


def test_the_index_of_an_older_version_is_made_anew(indexed: Path) -> None:
    with tables(indexed) as index:
        index.execute("ALTER TABLE exchanges DROP COLUMN kind")
        index.execute(f"PRAGMA user_version = {database.VERSION - 1}")
    index.close()
    assert from_index(indexed) == from_files(indexed)


def overwrite(root: Path) -> None:
    path = database.path_of(root)
    path.with_name(path.name + "-wal").unlink(missing_ok=True)
    path.write_bytes(b"This is no database. " * 500)


def drop(root: Path) -> None:
    with tables(root) as index:
        index.execute("DROP TABLE exchanges")
    index.close()


@pytest.mark.parametrize("damage", [overwrite, drop])
def test_a_damaged_index_is_made_anew_by_the_next_command(indexed: Path, damage: object) -> None:
    damage(indexed)  # type: ignore[operator]
    _, [reason] = ask_without_index(indexed)
    assert reason.startswith("The index was damaged (")
    assert from_index(indexed) == from_files(indexed)


def test_a_folder_that_is_only_read_needs_no_index(root: Path) -> None:
    write(TRACES[0], root)
    (root / ".index").write_text("in the way")
    _, heard = ask_without_index(root)
    assert heard == []


def test_who_holds_the_index_for_long_is_not_waited_for(indexed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_WAIT", 0.01)
    other = tables(indexed)
    other.execute("BEGIN IMMEDIATE")
    assert from_index(indexed) == from_files(indexed)  # nothing is to be written
    write(exchange(60, "New"), indexed)
    _, [reason] = ask_without_index(indexed)
    other.close()
    assert reason.startswith("Another command is writing the index")


def test_a_full_disk_costs_time_alone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in range(200):
        write(exchange(at, "Hi", ids=Ids(f"session-{at}")), root)
    prepare = database._prepare

    def prepare_small(connection: sqlite3.Connection, quiet: bool) -> sqlite3.Connection | None:
        found = prepare(connection, quiet)
        connection.execute("PRAGMA max_page_count = 12")  # SQLite reports this as a full disk
        return found

    monkeypatch.setattr(database, "_prepare", prepare_small)
    _, [reason] = ask_without_index(root)
    assert "disk is full" in reason
    monkeypatch.setattr(database, "_prepare", prepare)
    assert from_index(root) == from_files(root)


KILLED = """
import os, sys
from pathlib import Path
from traces.storage import catalog
from traces.storage.index import heads

heads.BATCH = 10
written = heads.write

def write(connection, files):
    written(connection, files)
    if any(path.endswith("2026-11-20T09-00-25-000.json") for path, *_ in files):
        os.kill(os.getpid(), 9)

heads.write = write
catalog.ask(Path(sys.argv[1]), [], lambda known: None)
"""


def test_a_killed_writer_loses_its_last_batch(root: Path) -> None:
    for at in range(40):
        write(exchange(at, "Hi", ids=Ids(f"session-{at}")), root)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(root)], check=False)
    assert killed.returncode == -9
    index = tables(root)
    assert index.execute("SELECT count(*) FROM files").fetchone() == (20,)
    index.close()
    assert from_index(root) == from_files(root)


def test_two_commands_that_write_at_once_agree(root: Path) -> None:
    for at in range(200):
        write(exchange(at, "Hi", ids=Ids(f"session-{at % 7}")), root)
    script = "import sys; from pathlib import Path; from traces.storage import catalog\n"
    script += "print(len(catalog.ask(Path(sys.argv[1]), [], lambda known: known.sessions())))"
    commands = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", script, str(root)], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [command.communicate()[0] for command in commands] == [b"7\n"] * 3
    assert from_index(root) == from_files(root)


def test_files_are_looked_up_with_the_heads_of_all_their_exchanges(
    root: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [*(write(trace, root) for trace in TRACES), write(TRACES[0], tmp_path_factory.mktemp("elsewhere"))]
    read = catalog.look_up(files, [])
    assert [one.heads for one in read] == [[store.peek(file)] for file in files]
    monkeypatch.setattr(store, "peek", lambda path: pytest.fail("read again") if root in path.parents else None)
    monkeypatch.setattr(heads, "read", lambda path: [None])
    assert [one.heads for one in catalog.look_up(files, [])] == [*(one.heads for one in read[:-1]), [None]]


def test_a_file_that_has_gone_is_reported(root: Path) -> None:
    file = write(TRACES[0], root)
    catalog.look_up([file], [])
    file.unlink()
    skipped: list[str] = []
    assert catalog.look_up([file], skipped) == []
    assert skipped == [f"{file}: No such file or directory."]


def test_traces_of_older_versions_are_read_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They have no head in their first line: each reading is of the whole file."""
    body = {"messages": [{"role": "user", "content": "Hi"}]}
    older = {"timestamp": TRACES[0].timestamp, "mode": "claude", "request": {"body": body}, "response": None}
    (root / "older.json").write_text(json.dumps(older))
    before = from_index(root)
    monkeypatch.setattr(store, "load", lambda *_: pytest.fail("read again"))
    assert from_index(root) == before


def test_an_unreadable_file_raises_in_a_list(root: Path) -> None:
    with pytest.raises(TraceFormatError):
        heads.read(root / "missing.json")


@pytest.mark.parametrize("spelling", [".", "traces"])
def test_the_folder_may_be_named_from_where_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    root = tmp_path if spelling == "." else tmp_path / "traces"
    files = [write(trace, root) for trace in TRACES]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", spelling)
    assert [path.resolve() for path in store.files(store.root())] == files
    for _ in range(2):
        assert from_index(store.root()) == from_files(store.root())
    packing.pack(store.root(), datetime.now(UTC) + timedelta(hours=1))
    assert [path.resolve() for path in store.files(store.root())] == files
    assert from_index(store.root()) == from_files(store.root())
