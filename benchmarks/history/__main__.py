"""What a long history costs: a minute with `--quick`, else some minutes and 3 GB of a disk.

Sessions grow as Claude Code's do (`benchmarks.analysis.corpus`), with the arrival of each event at a time of its own.
Of the 100,000 exchanges that are listed, each holds one question: their number is what counts there, not their size.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from pathlib import Path

import zstandard
from tabulate import tabulate

from benchmarks.analysis import corpus
from benchmarks.analysis.__main__ import ANALYZER, HERE, machine, verdict
from benchmarks.analysis.measure import Contestant, Run, run, typical
from benchmarks.history import agentsview
from traces import packing
from traces.model import Event, Ids, Request, Trace
from traces.storage import codec, store

ROUNDS = 3

HISTORY = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--claude-tap", metavar="PYTHON", help="a Python that has claude-tap: what does that keep?")
    parser.add_argument("--agentsview", metavar="PROGRAM", help="agentsview: what does it take for transcripts?")
    given = parser.parse_args()
    exchanges, listed = (1_000, 10_000) if given.quick else (10_000, 100_000)
    print(f"{machine()}\n")
    with tempfile.TemporaryDirectory() as scratch:
        sessions, many = Path(scratch) / "sessions", Path(scratch) / "many"
        sent = write_sessions(sessions, exchanges)
        write_many(many, listed)
        plain = Path(HERE) / "parse.py"
        show_lists(many, listed, plain)
        show_search(sessions, exchanges, plain)
        peer = [claude_tap(given.claude_tap, Path(scratch), exchanges, sent)] if given.claude_tap else []
        show_archive(sessions, sent, peer)
        if given.agentsview:
            show_transcripts(given.agentsview, Path(scratch) / "home", exchanges)


def write_sessions(root: Path, exchanges: int) -> int:
    """Write exchanges of growing sessions, and return the bytes of all requests' bodies."""
    chance, sent = random.Random(1), 0
    for trace in islice(corpus.sessions(), exchanges):
        at = 0.0
        events = [replace(event, at=(at := round(at + chance.expovariate(40), 6))) for event in trace.events]
        trace = replace(trace, events=tuple(events))
        store.create(root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))
        sent += len(json.dumps(trace.request.body, separators=(",", ":"), ensure_ascii=False).encode())
    return sent


def write_many(root: Path, exchanges: int) -> None:
    """Write exchanges with one question each, 40 to a session."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(exchanges):
        moment += timedelta(seconds=61.3)
        stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = {"model": "qwen3-coder", "messages": [{"role": "user", "content": f"Question {number}"}]}
        asked = Request("POST", "http://localhost:8080/v1/messages", {}, body)
        trace = Trace(
            stamp, "llamacpp", asked, events=(Event(0.5, "message_stop"),), ids=Ids(f"session-{number // 40:05}")
        )
        store.create(root / "llamacpp", store.stem_of(stamp), codec.encode(trace))


def show_lists(root: Path, exchanges: int, plain: Path) -> None:
    print(f"{exchanges:,} exchanges of one question each")
    runs = {
        "read and parse": measured([sys.executable, str(plain), str(root / "llamacpp")], root, 1),
        "sessions, without an index": measured([ANALYZER, "sessions"], root, 1),
        "sessions": measured([ANALYZER, "sessions"], root),
        "list": measured([ANALYZER, "list"], root),
        "analyze last:2": measured([ANALYZER, "analyze", "last:2"], root),
    }
    show(runs)
    print(f"the index: {size(root / '.index') / 1e6:.1f} MB for {size(root / 'llamacpp') / 1e6:.1f} MB of traces")
    verdict("s to list", typical(runs["list"]).wall, at_most=0.3)
    verdict("s to list sessions", typical(runs["sessions"]).wall, at_most=1)


def show_search(root: Path, exchanges: int, plain: Path) -> None:
    print(f"\n{exchanges:,} exchanges of growing sessions, {size(root) / 1e6:,.0f} MB")
    runs = {
        "read and parse": measured([sys.executable, str(plain), str(root / "lmstudio")], root, 1),
        "sessions, without an index": measured([ANALYZER, "sessions"], root, 1),
        "search, texts not yet in the index": measured([ANALYZER, "search", "socket"], root, 1),
        "search of a word": measured([ANALYZER, "search", "socket"], root),
        "search of a frequent word": measured([ANALYZER, "search", "self"], root),
        "search of an expression": measured([ANALYZER, "search", "--regex", r"sock\w+\.SO_"], root),
    }
    show(runs)
    print(f"the index: {size(root / '.index') / 1e6:.1f} MB")
    verdict("s to search", typical(runs["search of a word"]).wall, at_most=1)


def show_archive(root: Path, sent: int, peers: Sequence[Sequence[object]]) -> None:
    files = store.files(root)
    plain = sum(file.stat().st_size for file in files)
    begin = time.process_time()
    long_window = sum(len(data) for data in by_session(files))
    window = time.process_time() - begin
    copy = root.parent / "archived"
    shutil.copytree(root, copy, symlinks=True)
    packed: list[packing.Outcome] = []
    packing_seconds = seconds(lambda: packed.append(packing.pack(copy, datetime.now(UTC) + timedelta(hours=1))))
    assert not packed[0].problems
    # By turns, since the machine may be slower at one time than at another.
    turns = [(seconds(lambda: read_all(root)), seconds(lambda: read_all(copy))) for _ in range(ROUNDS)]
    reading, reading_packed = map(min, zip(*turns, strict=True))
    rows: list[Sequence[object]] = [
        ["plain files", plain / 1e6, plain / sent, None, reading],
        ["zstd, long window, a session each", long_window / 1e6, long_window / sent, window, None],
        ["the archive", packed[0].after / 1e6, packed[0].after / sent, packing_seconds, reading_packed],
        *peers,
    ]
    print(f"\n{sent / 1e6:,.0f} MB of requests in {len(files):,} exchanges")
    print(tabulate(rows, ["", "MB", "bytes kept per byte sent", "processor s to make", "to read all"], floatfmt=".3f"))
    verdict("bytes kept per byte sent", packed[0].after / sent, at_most=0.1)
    verdict("times the time of reading plain files", reading_packed / reading, at_most=1)


def claude_tap(python: str, folder: Path, exchanges: int, sent: int) -> Sequence[object]:
    """Return the row of claude-tap, which is given the same exchanges."""
    line = [python, str(HISTORY / "claude_tap_store.py"), str(folder / "claude-tap.sqlite3")]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        for number, trace in enumerate(islice(corpus.sessions(), exchanges), 1):
            process.stdin.write(json.dumps([trace.ids.session, _record(trace, number)]) + "\n")
        process.stdin.close()
        found = json.loads(process.stdout.read())
    return ["claude-tap, as it records", found["kept"] / 1e6, found["kept"] / sent, found["write"], found["read"]]


def _record(trace: Trace, number: int) -> dict[str, object]:
    """Return an exchange as claude-tap's proxy records it."""
    request, response = trace.request, trace.response
    assert response
    return {
        "timestamp": trace.timestamp,
        "request_id": f"req_{number}",
        "turn": number,
        "duration_ms": 1000,
        "request": {"method": "POST", "path": "/v1/messages", "headers": dict(request.headers), "body": request.body},
        "response": {"status": 200, "headers": dict(response.headers), "body": response.body},
    }


def show_transcripts(program: str, home: Path, exchanges: int) -> None:
    size = agentsview.write_transcripts(home / ".claude" / "projects" / "-work", islice(corpus.sessions(), exchanges))
    print(f"\n{size / 1e6:.1f} MB of transcripts")
    headings = ["", "agentsview s", "processor s", "ours s", "processor s"]
    print(tabulate(agentsview.rows(program, ANALYZER, home, ROUNDS), headings, floatfmt=".2f"))


def by_session(files: Sequence[Path]) -> Iterator[bytes]:
    """Yield each session's files one behind the other, compressed so that all of them are in reach."""
    settings = zstandard.ZstdCompressionParameters.from_level(12, window_log=27, enable_ldm=True)
    for _, some in groupby(files, lambda file: store.peek(file).ids.session):
        yield zstandard.ZstdCompressor(compression_params=settings).compress(b"".join(f.read_bytes() for f in some))


def read_all(root: Path) -> None:
    for file in store.files(root):
        store.load(file)


def seconds(work: Callable[[], object]) -> float:
    """Return the processor seconds of a work in this process: what else the machine does matters less to them."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def measured(command: Sequence[str], root: Path, rounds: int = ROUNDS) -> list[Run]:
    environment = {"ANYCLAUDE_TRACE_DIR": str(root), "XDG_CACHE_HOME": str(root.parent / "cache")}
    return [run(Contestant(command, environment)) for _ in range(rounds)]


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def show(runs: Mapping[str, Sequence[Run]]) -> None:
    rows = [
        [name, usual.wall, usual.cpu, usual.peak / 1e6] for name, usual in ((n, typical(r)) for n, r in runs.items())
    ]
    headings = ["whole process", "s", "processor s", "peak MB"]
    print(tabulate(rows, headings, floatfmt=("", ".2f", ".2f", ".0f")))


if __name__ == "__main__":
    main()
