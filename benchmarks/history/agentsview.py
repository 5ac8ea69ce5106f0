"""What agentsview and we make of the same transcripts of Claude Code: reading them in, listing, searching.

agentsview keeps what was said in a session; an import here keeps each request, as far as the transcript tells it.
"""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.analysis.measure import Contestant, run, typical
from traces.model import Trace

WORD = "socket"


def write_transcripts(folder: Path, traces: Iterable[Trace]) -> int:
    """Write a transcript for each session, as Claude Code does, and return the bytes of all."""
    folder.mkdir(parents=True)
    size = 0
    for session, turns in groupby(traces, lambda trace: trace.ids.session):
        path = folder / f"{session}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in _lines(str(session), list(turns))))
        size += path.stat().st_size
    return size


def _lines(session: str, turns: Sequence[Trace]) -> Iterator[dict[str, Any]]:
    """Yield the lines of a session: each message of the last request, and its answer."""
    body: Any = turns[-1].request.body
    answers = iter(turns)
    before = None
    for number, message in enumerate([*body["messages"], turns[-1].message]):
        uuid = f"{session}-{number}"
        common = {"parentUuid": before, "uuid": uuid, "sessionId": session, "isSidechain": False, "version": "2.1.0"}
        said = (
            {"model": body["model"], "id": f"msg_{uuid}", "type": "message"} if message["role"] == "assistant" else {}
        )
        at = next(answers, turns[-1]).timestamp if said else turns[0].timestamp
        yield {**common, "type": message["role"], "timestamp": at, "cwd": "/work", "message": {**message, **said}}
        before = uuid


def rows(agentsview: str, analyzer: str, home: Path, rounds: int) -> list[Sequence[object]]:
    """Return a row for each thing that both do: seconds and processor seconds, theirs and ours.

    Its server must run to list and search, and does most of the work, which isn't in its processor seconds; ours are
    whole processes.
    """
    projects = home / ".claude" / "projects"
    quiet = {"AGENTSVIEW_TELEMETRY_ENABLED": "0", "DO_NOT_TRACK": "1"}
    theirs = {"HOME": str(home), "AGENTSVIEW_DATA_DIR": str(home / "theirs"), **quiet}
    alone = {**theirs, "AGENTSVIEW_NO_DAEMON": "1"}
    ours = {"HOME": str(home), "ANYCLAUDE_TRACE_DIR": str(home / "ours"), "XDG_CACHE_HOME": str(home / "cache")}
    reading = [agentsview, "sync"], [analyzer, "import", str(projects)]
    found = [
        _row("read in", reading, (alone, ours), 1),
        _row("read in again", reading, (alone, ours), rounds),
    ]
    with _server(agentsview, {**os.environ, **theirs}):
        whole = "--include-one-shot"  # else it leaves sessions out in which the user said one thing
        listing = [agentsview, "session", "list", whole], [analyzer, "sessions"]
        searching = [agentsview, "session", "search", WORD, whole], [analyzer, "search", WORD]
        run(Contestant(searching[1], ours))  # reads the texts, as its server has done by now
        found += [
            _row("list sessions", listing, (theirs, ours), rounds),
            _row("search a word", searching, (theirs, ours), rounds),
        ]
    return found


@contextmanager
def _server(agentsview: str, environment: Mapping[str, str]) -> Iterator[None]:
    quietly: Any = {"env": environment, "stdout": subprocess.DEVNULL, "check": True}
    subprocess.run([agentsview, "daemon", "start"], **quietly)
    try:
        yield
    finally:
        subprocess.run([agentsview, "daemon", "stop"], **quietly)


def _row(
    name: str, lines: Sequence[Sequence[str]], environments: Sequence[Mapping[str, str]], times: int
) -> Sequence[object]:
    both = [Contestant(line, environment) for line, environment in zip(lines, environments, strict=True)]
    usual = [typical([run(one) for _ in range(times)]) for one in both]
    return [name, *(figure for one in usual for figure in (one.wall, one.cpu))]
