"""The archive gives back each file byte for byte, whatever is in it, and says which it can't."""

import errno
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.factories import SESSION, exchange, trace
from tests.support.json_values import json_values
from traces import packing
from traces.errors import ToolkitError, TraceFormatError
from traces.model import Ids, Request, Trace
from traces.packing import Outcome
from traces.sessions import lookup
from traces.storage import catalog, codec, resolve, store
from traces.storage.archive import layout, shelf, zstd
from traces.storage.archive.book import Book
from traces.storage.archive.layout import digest_of
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


def damage_blocks(root: Path, table: str) -> None:
    with sqlite3.connect(book(root)) as file:
        for block, data in file.execute(f"SELECT id, data FROM {table} WHERE id <= 2").fetchall():
            file.execute(f"UPDATE {table} SET data = ? WHERE id = ?", (data[:-1] + bytes([data[-1] ^ 1]), block))
    file.close()


def lose_rows(root: Path, table: str) -> None:
    with sqlite3.connect(book(root)) as file:
        file.execute(f"DELETE FROM {table}")
    file.close()


def misplace_rows(root: Path, table: str) -> None:
    with sqlite3.connect(book(root)) as file:
        file.execute(f"UPDATE {table} SET number = number + 1, path = replace(path, '-', '+')")
    file.close()


ONE_PLACE = [
    *((damage_blocks, table) for table in ("blocks", "blocks_copy")),
    *((lose_rows, table) for table in ("blocks", "blocks_copy", "traces", "traces_copy", "pieces")),
    *((misplace_rows, table) for table in ("traces", "traces_copy")),
]


@pytest.mark.parametrize(("damage", "table"), ONE_PLACE)
def test_a_damaged_place_costs_nothing(
    files: Sequence[Path], root: Path, damage: Callable[[Path, str], None], table: str
) -> None:
    before = {path: path.read_bytes() for path in files}
    pack(root)
    damage(root, table)
    assert store.files(root) == list(files)
    assert [store.load(path) for path in files] == TRACES
    assert {path: store.read_bytes(path) for path in files} == before
    found = packing.verify(root)
    assert found.traces == len(files)
    assert bool(found.problems) == (table != "pieces")  # without these, what is repeated is only kept once more
    repaired = packing.repair(root)
    assert (repaired.traces, repaired.problems) == (len(files) if found.problems else 0, [])
    assert packing.verify(root).problems == []
    assert {path: store.read_bytes(path) for path in files} == before


def with_bytes(path: Path, at: int, data: bytes) -> None:
    whole = path.read_bytes()
    path.unlink()  # as a file of its own, which no connection has open
    path.write_bytes(whole[:at] + data + whole[at + len(data) :])


@pytest.mark.parametrize("noise", [bytes(4096), random.Random(1).randbytes(4096)], ids=["zeros", "noise"])
def test_no_page_of_a_file_is_needed(files: Sequence[Path], root: Path, noise: bytes) -> None:
    pack(root)
    whole = book(root).read_bytes()
    for at in range(0, len(whole), 4096):
        with_bytes(book(root), at, noise)
        assert store.files(root) == list(files), at
        assert [store.load(path) for path in files] == TRACES, at
        assert packing.verify(root).traces == len(files), at
        with_bytes(book(root), 0, whole)


def test_a_file_without_its_first_page_is_repaired(files: Sequence[Path], root: Path) -> None:
    pack(root)
    with_bytes(book(root), 0, bytes(4096))
    [problem] = packing.verify(root).problems
    assert problem == f"{book(root)}: the first page is damaged, one of another file stands in"
    assert packing.repair(root).traces == len(files)
    assert packing.verify(root).problems == []
    assert packing.repair(root) == Outcome()


@pytest.mark.parametrize("seed", range(6))
def test_of_two_damaged_places_the_loss_is_named(files: Sequence[Path], root: Path, seed: int) -> None:
    chance = random.Random(seed)
    pack(root)
    for _ in range(2):
        with_bytes(book(root), chance.randrange(4096, book(root).stat().st_size - 512), chance.randbytes(512))
    reasons = []
    for path, whole in zip(files, TRACES, strict=True):
        try:
            assert store.load(path) == whole
        except TraceFormatError as error:
            reasons.append(str(error))
    assert all(str(book(root)) in reason for reason in reasons)
    found = packing.verify(root)
    assert found.problems or not reasons
    assert found.traces <= len(files) - len(reasons)


def test_damage_in_both_places_is_named_and_the_rest_is_read(root: Path) -> None:
    hurt = [write(trace, root) for trace in TRACES[:2]]
    pack(root)
    alone = trace({"messages": [{"role": "user", "content": LONG[5:]}]}, at=100)  # it shares nothing with the others
    whole = [write(alone, root)]
    pack(root)
    for table in ("blocks", "blocks_copy"):
        damage_blocks(root, table)
    with pytest.raises(TraceFormatError) as reported:
        store.load(hurt[0])
    reason = "block 2 is damaged, and so is its copy"
    assert str(reported.value) == f"llamacpp/{hurt[0].name}: Damaged in {book(root)}: {reason}."
    assert [store.load(path).ids.session for path in whole] == [SESSION]
    found = packing.verify(root)
    assert found.traces == 1
    assert f"{book(root)}: {reason}" in found.problems
    assert [line.partition(":")[0] for line in found.problems if line.startswith("llamacpp")] == [
        f"llamacpp/{path.name}" for path in hurt
    ]
    before = book(root).read_bytes()
    [problem] = packing.repair(root).problems
    assert problem.endswith(f"{book(root)} stays as it is.")
    assert book(root).read_bytes() == before
    done = packing.unpack(root)
    assert (done.traces, len(done.problems), whole[0].exists(), book(root).exists()) == (1, 2, True, True)


def write_first_version(root: Path, traces: Sequence[Trace]) -> Sequence[Path]:
    """Write an archive as version 1 did: one block, with places of bytes in it."""
    (root / "archive").mkdir()
    path = root / "archive" / "2026-11.traces"
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript(
            "CREATE TABLE blocks (id INTEGER PRIMARY KEY, digest, data);"
            "CREATE TABLE pieces (id INTEGER PRIMARY KEY, digest, block, start, length);"
            "CREATE TABLE traces (path TEXT PRIMARY KEY, size, changed, inode, digest, block, start, length);"
            "PRAGMA user_version = 1"
        )
        block, paths = b"", []
        for number, trace in enumerate(traces, 1):
            data = codec.encode(trace)
            middle = len(data) // 2
            file.execute("INSERT INTO pieces VALUES (?, ?, 1, ?, ?)", (number, b"", len(block), len(data) - middle))
            block += data[middle:]
            description = b"[[%d,%d,1],[0,0,0]]\n" % (middle, number) + data[:middle]
            name = f"{trace.mode}/{store.stem_of(trace.timestamp)}.json"
            place = digest_of(data), len(block), len(description)
            file.execute("INSERT INTO traces VALUES (?, ?, 1, 1, ?, 1, ?, ?)", (name, len(data), *place))
            block += description
            paths.append(root / name)
        packed = zstd.compress(block)
        file.execute("INSERT INTO blocks VALUES (1, ?, ?)", (digest_of(packed), packed))
    return paths


def test_an_archive_of_version_1_is_read_and_written_anew_by_the_next_packing(root: Path) -> None:
    paths = write_first_version(root, TRACES)
    assert store.files(root) == paths
    assert [store.load(path) for path in paths] == TRACES
    assert packing.verify(root).traces == len(paths)
    more = write(exchange(100, f"{LONG} Hi"), root)
    assert pack(root).traces == 1
    with closing(Book(book(root))) as now:
        assert now.version == 2
    assert [store.load(path) for path in paths] == TRACES
    assert store.load(more) == exchange(100, f"{LONG} Hi")


@given(st.lists(VALUES, min_size=1), st.lists(st.sampled_from([LONG, "\u0001items of the archive:0", {"a": LONG}])))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_request_holds_it_is_read_as_from_a_file(root: Path, some: list[object], more: list[object]) -> None:
    body = {"messages": [*some, *more, *some], "system": more, "metadata": {"messages": more}, "input": some}
    path = write(replace(TRACES[0], request=replace(TRACES[0].request, body=body)), root)
    plain = store.load(path), store.load(path, events=False), store.peek(path), path.read_bytes()
    pack(root)
    assert (store.load(path), store.load(path, events=False), store.peek(path), store.read_bytes(path)) == plain
    shelf.books(root)[0].unlink()


def test_a_file_with_a_mark_in_other_letters_is_put_together(root: Path) -> None:
    """No proxy writes such a file, but somebody may."""
    path = write(exchange(0, LONG, LONG), root)
    fake = b'{"messages":["\\u0001\\u0069tems of the archive:0",'
    store.replace(path, path.read_bytes().replace(b'{"messages":[', fake, 1))
    before = store.load(path)
    pack(root)
    assert store.load(path) == before


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
        file.execute("PRAGMA user_version = 3")
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
    create = layout.create

    def create_small(path: Path) -> sqlite3.Connection:
        connection: sqlite3.Connection = create(path)
        connection.execute("PRAGMA max_page_count = 8")  # SQLite reports this as a full disk
        return connection

    monkeypatch.setattr(layout, "create", create_small)
    monkeypatch.setattr(zstd, "compress", lambda data: data)
    [problem] = packing.pack(root, LATER).problems
    assert "full" in problem
    assert [store.load(path) for path in files] == TRACES
    assert all(path.exists() for path in files)


def test_a_file_that_a_full_disk_left_empty_is_filled_by_the_next_packing(files: Sequence[Path], root: Path) -> None:
    (root / "archive").mkdir(mode=0o700)
    (root / "archive" / "2026-11.traces").touch()
    assert store.files(root) == list(files)
    assert packing.verify(root) == packing.repair(root) == Outcome()
    assert pack(root).traces == len(files)
    assert [store.load(path) for path in files] == TRACES


def test_a_file_of_somebody_elses_archive_is_left_alone(files: Sequence[Path], root: Path) -> None:
    (root.parent / "archive").mkdir()
    (root.parent / "archive" / "notes.traces").write_bytes(b"no archive of ours")
    assert store.files(root) == list(files)
    assert store.load(files[0]) == TRACES[0]
    assert packing.verify(root.parent) == Outcome()


def test_unpacking_to_a_full_disk_leaves_the_archive(
    files: Sequence[Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(root)

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(store, "replace", full)
        done = packing.unpack(root)
    assert done.problems == [f"{files[0]}: No space left on device. {book(root)} stays as it is."]
    assert [store.load(path) for path in files] == TRACES


def test_an_archive_that_cannot_be_made_is_said(root: Path) -> None:
    (root / "archive").write_text("Somebody's file.")
    with pytest.raises(ToolkitError, match=f"{root}/archive: "):
        packing.pack(root, LATER)


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
