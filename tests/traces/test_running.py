"""What running proxies have spent, as pages and status lines are told."""

import os
import subprocess
import sys
from pathlib import Path

from traces import running
from traces.running import Spent
from traces.storage import store


def test_what_runs_is_told_and_what_ended_is_not(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    counted, limited = Spent("$0.42 spent"), Spent("$4.12 of $5.00 spent", 82)
    running.write(running.path_of(tmp_path, os.getpid()), counted)
    running.write(running.path_of(tmp_path, os.getppid()), limited)
    running.write(running.path_of(tmp_path, ended.pid), counted)
    (tmp_path / ".running" / "99999999999999999999").write_text("what is this")
    (tmp_path / ".running" / "notes").write_text("nothing of ours")
    assert sorted(running.read_all(tmp_path)) == sorted([counted, limited])
    assert not running.path_of(tmp_path, ended.pid).exists()
    running.write(running.path_of(tmp_path, os.getpid()), limited)
    assert running.read_all(tmp_path) == [limited, limited]
    assert store.files(tmp_path) == []
    assert running.path_of(tmp_path, os.getpid()).read_text().splitlines()[0] == limited.words


def test_where_it_cannot_be_written_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / ".running").write_text("a file in the way")
    running.write(running.path_of(tmp_path, 1), Spent("$1.00 spent"))
    assert running.read_all(tmp_path) == []
