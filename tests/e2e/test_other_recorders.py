"""What the real claude-tap and claude-trace record of a session, beside what our proxy recorded of the same requests.

The proxy stands behind them, so that both see each request of one run of the real client. claude-trace reaches into the
client's own JavaScript, which Claude Code is no longer since 2.x: it brings a client of version 1, and that is run.
"""

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo import CACHE, client
from tests.support import answers
from tests.support.analyzer import Analyzer
from tests.support.answers import text, tool
from tests.support.locks import lock
from tests.support.needs import need
from tests.support.packages import python_with
from tests.support.patience import PATIENCE
from tests.support.proxy import recording
from tests.support.scripted import Answer, Received, serving, stream
from traces.model import Trace
from traces.storage import store

CLAUDE_TAP, CLAUDE_TRACE = "claude-tap==0.1.146", "@mariozechner/claude-trace@1.0.9"

DATABASE = ".local/share/claude-tap/traces.sqlite3"

ASKED = ("-p", "What is it?", "--allowedTools", "Read")


@dataclass(frozen=True)
class Told:
    """`recorded` is what the proxy wrote, `home` where the other program left its records."""

    analyzer: Analyzer
    home: Path
    recorded: Sequence[Trace]

    def imported(self, source: Path) -> list[Trace]:
        into = self.analyzer.home / "imported" / source.name
        result = self.analyzer("import", source, "--into", into)
        assert result.exit_code == 0, result.stderr
        return [store.load(file) for file in store.files(into)]


def script() -> Callable[[Received], Answer]:
    said, numbers = iter([[tool("Read", file_path="notes.txt")]]), iter(range(1, 100))
    return lambda request: stream(answers.events(*next(said, [text("It is plum.")]), id=f"msg_{next(numbers)}"))


def told(folder: Path, line: Callable[[str], Sequence[str]], **environment: str) -> Told:
    home = folder / "home"
    (home / "project").mkdir(parents=True)
    (home / "project" / "notes.txt").write_text("The word is plum.\n")
    with serving(script()) as server, recording(server.url, folder / "proxy") as proxy:
        process = subprocess.Popen(
            line(proxy.url),
            cwd=home / "project",
            env={**client.environment(home), "ANTHROPIC_BASE_URL": proxy.url, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        proxy.stop()
        recorded = proxy.traces()
    return Told(Analyzer(folder), home, recorded)


@pytest.fixture(scope="module")
def told_by_claude_tap(claude_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    program = str(python_with(CLAUDE_TAP).with_name("claude-tap"))
    options = ("--tap-no-live", "--tap-no-open", "--tap-target")
    path = f"{claude_program.parent}{os.pathsep}{os.environ['PATH']}"
    folder = tmp_path_factory.mktemp("claude-tap")
    return told(folder, lambda server: [program, *options, server, "--", *ASKED], PATH=path)


@pytest.fixture(scope="module")
def told_by_claude_trace(tmp_path_factory: pytest.TempPathFactory) -> Told:
    with lock(CACHE / "npm.lock"):
        program = client.install(CLAUDE_TRACE, "claude-trace", "claude-trace-1.0.9")
    need(program, "the real claude-trace is missing: install npm")
    assert program is not None
    line = [str(program), "--include-all-requests", "--no-open", "--run-with", *ASKED]
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return told(tmp_path_factory.mktemp("claude-trace"), lambda server: line, PATH=path)


def by_answer(traces: Sequence[Trace]) -> Mapping[str, Trace]:
    """Return the traces of answers, by the message that each is."""
    return {str(trace.message["id"]): trace for trace in traces if isinstance(trace.message, dict)}


def check_alike(imported: Sequence[Trace], recorded: Sequence[Trace]) -> None:
    """Compare what was said, to whom and in which session; and that no time is made up."""
    theirs, ours = by_answer(imported), by_answer(recorded)
    assert len(ours) >= 2
    assert set(theirs) == set(ours)
    for key, trace in theirs.items():
        same: Any = [(one.request.body, one.message, one.ids, one.model, one.state) for one in (trace, ours[key])]
        assert same[0] == same[1]
        assert "times_unknown" in trace.marks
        assert (trace.timing.ttft, trace.timing.last_content) == (None, None)
        assert trace.unknown_sections == frozenset()


def check_shown(source: Path, one: Told) -> None:
    """Ask the commands about the other program's record itself."""
    rows = json.loads(one.analyzer("compare", source, "--format", "json").stdout)["traces"]
    ours = json.loads(one.analyzer("compare", one.analyzer.home / "proxy" / "traces", "--format", "json").stdout)
    sections = [f"{section}_percent" for section in ("system", "tools", "messages")]
    assert [[row[name] for name in sections] for row in rows] == [
        [row[name] for name in sections] for row in ours["traces"]
    ]
    listed = one.analyzer("sessions", source).stdout
    assert str(one.recorded[0].ids.session)[:8] in listed


def test_claude_taps_database_holds_what_the_proxy_saw(told_by_claude_tap: Told) -> None:
    one = told_by_claude_tap
    check_alike(one.imported(one.home / DATABASE), one.recorded)
    check_shown(one.home / DATABASE, one)


def test_claude_taps_compact_export_holds_the_same(told_by_claude_tap: Told, tmp_path: Path) -> None:
    one = told_by_claude_tap
    with closing(sqlite3.connect(one.home / DATABASE)) as connection:
        [(session,)] = connection.execute("SELECT DISTINCT session_id FROM records")
    exported = tmp_path / "session.json"
    program = str(python_with(CLAUDE_TAP).with_name("claude-tap"))
    line = [program, "export", "--format", "compact", "--session-id", session, "-o", str(exported)]
    subprocess.run(line, env=client.environment(one.home), check=True, capture_output=True)
    check_alike(one.imported(exported), one.recorded)


def test_claude_traces_log_and_page_hold_what_the_proxy_saw(told_by_claude_trace: Told) -> None:
    one = told_by_claude_trace
    [log] = (one.home / "project" / ".claude-trace").glob("*.jsonl")
    check_alike(one.imported(log), one.recorded)
    check_alike(one.imported(log.with_suffix(".html")), one.recorded)
    check_shown(log, one)
