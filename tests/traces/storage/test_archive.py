"""The archive gives back each file byte for byte, whatever is in it, and says which it can't."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.factories import SESSION, exchange, trace
from tests.support.json_values import json_values
from traces import packing
from traces.errors import ToolkitError, TraceFormatError
from traces.model import Ids, Request, Trace
from traces.packing import Outcome
from traces.sessions import lookup
from traces.storage import catalog, codec, resolve, store
from traces.storage.archive import book as book_file
from traces.storage.archive import shelf, zstd
from traces.storage.archive.book import Book
from traces.storage.archive.pieces import split

LONG = "A long text, as prompts are. " * 40
TRACES = [
    exchange(0, f"{LONG} Hi", answer="hello"),
    exchange(10, f"{LONG} Hi", "hello", "And?", answer="no"),
    exchange(20, "Ho", ids=Ids("5e55beef-0000-4000-8000-000000000002")),
    exchange(30, "Without an id", answer="so", ids=Ids()),
    exchange(40, f"{LONG} Hi", "hello", "And?", "no", "Why? \ud800 \0 ✓", answer="so"),
]
VALUES = json_values(st.text())
LATER = datetime.now(UTC) + timedelta(hours=1)


def write(trace: Trace, root: Path) -> Path:
    return store.create(root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def files(root: Path) -> Sequence[Path]:
    files = [write(trace, root) for trace in TRACES]
    store.point_latest(files[-1])
    return files


def pack(root: Path) -> Outcome:
    done = packing.pack(root, LATER)
    assert done.problems == []
    return done


def test_a_packed_trace_is_read_as_its_file_was(files: Sequence[Path], root: Path) -> None:
    before = {path: path.read_bytes() for path in files}
    size = sum(map(len, before.values()))
    done = pack(root)
    assert (done.traces, done.before) == (len(files), size)
    assert not any(path.exists() for path in files)
    assert {path: store.read_bytes(path) for path in files} == before
    assert [store.load(path) for path in files] == TRACES
    assert done.after == (root / "archive" / "2026-11.traces").stat().st_size


def test_every_way_to_name_a_trace_still_leads_to_it(files: Sequence[Path], root: Path) -> None:
    def named() -> object:
        return (
            store.files(root),
            store.names(root / "llamacpp"),
            sorted(store.versions(root, root)),
            [store.peek(path) for path in files],
            resolve.resolve("latest"),
            resolve.resolve("last:2"),
            resolve.resolve(files[1].stem),
            resolve.resolve(str(files[1])),
            store.load(root / "llamacpp" / "latest.json"),
            [(one.id, len(one.turns)) for one in lookup.find(str(root), [])],
            [one.id for one in lookup.find(str(files[3]), [])],
            lookup.files_of(SESSION[:8], []),
            catalog.look_up(files, []),
            catalog.ask(root, [], lambda known: (known.sessions(), known.unnamed())),
        )

    before = named()
    pack(root)
    assert named() == before


def test_the_index_needs_no_second_reading(files: Sequence[Path], root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = catalog.ask(root, [], lambda known: known.sessions())
    pack(root)
    monkeypatch.setattr(store, "peek", lambda path: pytest.fail(f"{path} was read again"))
    assert catalog.ask(root, [], lambda known: known.sessions()) == before


def test_only_old_files_are_packed(files: Sequence[Path], root: Path) -> None:
    now = datetime.now(UTC)
    for path in files[:2]:
        long_ago = (now - timedelta(days=2)).timestamp()
        os.utime(path, (long_ago, long_ago))
    assert packing.pack(root, now - timedelta(days=1)).traces == 2
    assert [path.exists() for path in files] == [False, False, True, True, True]


def test_what_is_no_trace_stays(files: Sequence[Path], root: Path) -> None:
    broken = root / "llamacpp" / "broken.json"
    broken.write_text('{"version":2,')
    flow = root / "captured.flow"
    flow.write_bytes(b"flow")
    done = packing.pack(root, LATER)
    [problem] = done.problems
    assert problem.startswith(f"{broken}: Invalid JSON")
    assert (broken.exists(), flow.exists(), done.traces) == (True, True, len(files))


def test_a_long_session_is_kept_in_a_small_part_of_what_was_sent(root: Path) -> None:
    said = [LONG]
    for turn in range(60):
        said += [f"{turn * 7919 % 1009} {LONG}", f"question {turn} {LONG}"]
        write(exchange(turn, *said, answer=f"answer {turn + 1}"), root)
    done = pack(root)
    assert done.after < done.before / 10, done


def test_packing_again_adds_to_the_archive(files: Sequence[Path], root: Path) -> None:
    pack(root)
    more = [write(exchange(100 + at, f"{LONG} Hi"), root) for at in range(3)]
    before = {path: path.read_bytes() for path in more}
    assert pack(root).traces == 3
    assert {path: store.read_bytes(path) for path in more} == before
    assert packing.verify(root) == Outcome(
        len(files) + 3,
        sum(version[0] for _, *version in store.versions(root, root)),
        (root / "archive" / "2026-11.traces").stat().st_size,
    )


def test_a_file_with_the_path_of_a_packed_one_counts(files: Sequence[Path], root: Path) -> None:
    """As after a crash between packing and deleting, or where somebody put it there."""
    pack(root)
    changed = codec.encode(exchange(0, "Changed"))
    store.replace(files[0], changed)
    assert store.read_bytes(files[0]) == changed
    assert store.names(root).count(str(files[0])) == 1
    assert pack(root).traces == 1
    assert store.read_bytes(files[0]) == changed


def test_unpacking_gives_the_files_back(files: Sequence[Path], root: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in files}
    pack(root)
    done = packing.unpack(root)
    assert (done.traces, done.problems) == (len(files), [])
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in files} == before
    assert shelf.books(root) == []


def test_unpacking_overwrites_no_file(files: Sequence[Path], root: Path) -> None:
    pack(root)
    store.replace(files[0], b"newer")
    packing.unpack(root)
    assert files[0].read_bytes() == b"newer"


def test_only_their_owner_can_read_it(files: Sequence[Path], root: Path) -> None:
    pack(root)
    modes = [path.stat().st_mode & 0o777 for path in (root / "archive", *(root / "archive").iterdir())]
    assert modes == [0o700] + [0o600] * (len(modes) - 1)


def book(root: Path) -> Path:
    [found] = shelf.books(root)
    return found


def damage_a_block(root: Path) -> None:
    with sqlite3.connect(book(root)) as file:
        [(block, data)] = file.execute("SELECT id, data FROM blocks ORDER BY id LIMIT 1")
        file.execute("UPDATE blocks SET data = ? WHERE id = ?", (data[:-1] + bytes([data[-1] ^ 1]), block))
    file.close()


def lose_a_piece(root: Path) -> None:
    with sqlite3.connect(book(root)) as file:
        file.execute("DELETE FROM pieces WHERE id = (SELECT MIN(id) FROM pieces)")
    file.close()


@pytest.mark.parametrize("damage", [damage_a_block, lose_a_piece])
def test_damage_is_named_and_the_rest_is_read(root: Path, damage: Callable[[Path], None]) -> None:
    hurt = [write(trace, root) for trace in TRACES[:2]]
    pack(root)
    alone = trace({"messages": [{"role": "user", "content": LONG[5:]}]}, at=100)  # it shares nothing with the others
    whole = [write(alone, root)]
    pack(root)
    damage(root)
    with pytest.raises(TraceFormatError) as reported:
        store.load(hurt[0])
    assert str(reported.value).startswith(f"llamacpp/{hurt[0].name}: Damaged in {book(root)}: ")
    assert [store.load(path).ids.session for path in whole] == [SESSION]
    found = packing.verify(root)
    assert found.traces == 1
    assert [problem.partition(":")[0] for problem in found.problems] == [f"llamacpp/{path.name}" for path in hurt]
    done = packing.unpack(root)
    assert (done.traces, len(done.problems), whole[0].exists(), book(root).exists()) == (1, 2, True, True)


def test_a_file_that_is_no_archive_is_named(files: Sequence[Path], root: Path) -> None:
    pack(root)
    other = root / "archive" / "2026-10.traces"
    other.write_bytes(b"This is no database. " * 100)
    with pytest.warns(shelf.ArchiveWarning, match=r"2026-10\.traces: This file of the archive can't be read"):
        assert len(store.files(root)) == len(files)
    assert [store.load(path) for path in files] == TRACES
    [problem] = packing.verify(root).problems
    assert problem.startswith(f"{other}: This file of the archive can't be read")


def test_an_archive_of_a_newer_version_is_left_alone(files: Sequence[Path], root: Path) -> None:
    pack(root)
    with sqlite3.connect(book(root)) as file:
        file.execute("PRAGMA user_version = 2")
    file.close()
    write(exchange(100, "New"), root)
    [problem] = packing.pack(root, LATER).problems
    assert "A newer version of the toolkit wrote it" in problem
    with pytest.raises(TraceFormatError, match="Update the toolkit"):
        Book(book(root))


KILLED = """
import os, sys
from datetime import datetime, timedelta, UTC
from pathlib import Path
from traces import packing
from traces.storage.archive.binder import Binder

def kill(*_):
    os.kill(os.getpid(), 9)

place = sys.argv[2]
if place == "unlinking":
    Path.unlink = kill
elif place == "writing":
    packing._remove_plain = kill
else:
    Binder.finish = kill
packing.pack(Path(sys.argv[1]), datetime.now(UTC) + timedelta(hours=1))
"""


@pytest.mark.parametrize("place", ["packing", "writing", "unlinking"])
def test_who_is_killed_loses_nothing(files: Sequence[Path], root: Path, place: str) -> None:
    before = {path: path.read_bytes() for path in files}
    assert subprocess.run([sys.executable, "-c", KILLED, str(root), place], check=False).returncode == -9
    assert {path: store.read_bytes(path) for path in files} == before
    assert store.files(root) == list(files)
    pack(root)
    assert {path: store.read_bytes(path) for path in files} == before
    assert not any(path.exists() for path in files)


def test_a_transaction_that_was_cut_off_is_undone_by_whoever_reads(files: Sequence[Path], root: Path) -> None:
    pack(root)
    script = (
        "import os, sqlite3, sys\n"
        "file = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "file.execute('PRAGMA cache_size = 1')\n"
        "file.execute('BEGIN')\n"
        "file.executemany('INSERT INTO blocks VALUES (?, ?, ?)', [(n, b'', bytes(9000)) for n in range(100, 200)])\n"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(book(root))], check=False).returncode == -9
    assert book(root).with_name(book(root).name + "-journal").exists()
    assert [store.load(path) for path in files] == TRACES


def test_a_second_one_at_once_is_told_to_wait(files: Sequence[Path], root: Path) -> None:
    with packing.alone(root), pytest.raises(ToolkitError, match="another command is changing the archive"):
        packing.pack(root, LATER)
    assert pack(root).traces == len(files)


def test_a_file_that_changes_meanwhile_stays(
    files: Sequence[Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = packing._remove_plain

    def change_first(*arguments: object) -> None:
        store.replace(files[0], codec.encode(replace(TRACES[0], marks=("changed",))))
        remove(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(packing, "_remove_plain", change_first)
    done = packing.pack(root, LATER)
    assert done.problems == [f"{files[0]}: It has changed meanwhile, and stays as it is."]
    assert store.load(files[0]).marks == ("changed",)
    assert [path.exists() for path in files] == [True, *[False] * 4]


def test_a_full_disk_leaves_the_files(files: Sequence[Path], root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create = book_file.create

    def create_small(path: Path) -> sqlite3.Connection:
        connection: sqlite3.Connection = create(path)
        connection.execute("PRAGMA max_page_count = 8")  # SQLite reports this as a full disk
        return connection

    monkeypatch.setattr(book_file, "create", create_small)
    monkeypatch.setattr(zstd, "compress", lambda data: data)
    [problem] = packing.pack(root, LATER).problems
    assert "full" in problem
    assert [store.load(path) for path in files] == TRACES
    assert all(path.exists() for path in files)


@given(st.lists(VALUES), st.lists(VALUES), VALUES)
def test_whatever_a_request_holds_its_pieces_are_the_file(messages: object, tools: object, system: object) -> None:
    body = {"messages": messages, "system": system, "tools": tools, "input": messages}
    data = codec.encode(Trace("2026-11-20T09:00:00.000Z", "local", Request("POST", "/v1/messages", {}, body)))
    assert b"".join(piece.data for piece in split(data)) == data


@given(st.binary())
def test_whatever_a_file_holds_its_pieces_are_the_file(data: bytes) -> None:
    assert b"".join(piece.data for piece in split(data)) == data


def test_what_later_requests_repeat_are_pieces_of_their_own() -> None:
    first, later = (split(codec.encode(TRACES[at])) for at in (0, 1))
    shared = {piece.data for piece in first if piece.is_shared}
    assert shared
    assert shared <= {piece.data for piece in later if piece.is_shared}
