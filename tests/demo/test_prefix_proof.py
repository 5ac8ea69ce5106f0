"""`python -m demo.prefix_proof`: the real client, a proxy that redirects it, a real server, and both commands."""

import csv
import subprocess
import sys
from pathlib import Path

from tests.support.proxy import REPOSITORY
from traces.storage import store


def test_the_proof_shows_what_the_header_costs_and_what_leaving_it_out_saves(
    claude_program: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "proof"
    command = [sys.executable, "-m", "demo.prefix_proof", str(folder)]
    shown = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=1100, check=True).stdout

    traces = [store.load(file) for file in store.files(folder / "traces")]
    headers = {trace.request.body["system"][0]["text"] for trace in traces if isinstance(trace.request.body, dict)}
    assert len(headers) == len(traces) >= 6
    assert all(header.startswith("x-anthropic-billing-header:") for header in headers)
    assert "billing header" in shown.partition("WHAT BROKE THE PREFIX")[2]
    assert "times as fast" in shown
    assert (folder / "session.html").is_file()

    (table,) = (folder / "replays").rglob("session.csv")
    first, *later, _total = list(csv.DictReader(table.read_text().splitlines()))
    for turn in later:
        assert int(turn["cached_none"]) < 0.1 * int(turn["input"])
        assert int(turn["cached_attribution"]) > 0.9 * int(turn["input"])
    assert int(first["cached_attribution"]) < 0.1 * int(first["input"])
