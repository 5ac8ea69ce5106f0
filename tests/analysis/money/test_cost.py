"""What `trace-analyzer cost` says of traces with known usage and prices."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from analysis.cli import main
from tests.support import factories
from traces.model import Failure, Ids, Json, Trace
from traces.money import own
from traces.storage import codec, store

PRICES = {"claude*": {"input": 3, "output": 15, "cacheRead": 0.3, "cacheWrite": 3.75, "cacheWrite1h": 6}}
OTHER = "0e7a0000-0000-4000-8000-000000000002"
DAY = 86_400.0


def exchange(at: float, usage: Mapping[str, Json], model: str = "claude-x", session: str = factories.SESSION) -> Trace:
    body = {
        "model": model,
        "system": [{"type": "text", "text": f"Working directory: /home/ana/{session[0]}\n"}],
        "messages": [{"role": "user", "content": "Hi"}],
    }
    return factories.trace(body, factories.message("Hello", usage), at=at, mode="claude", ids=Ids(session))  # type: ignore[arg-type]


MILLION = {"input_tokens": 1_000_000, "output_tokens": 100_000}
TRACES = (
    exchange(0, MILLION),  # 3 + 1.5
    exchange(60, {"input_tokens": 0, "cache_read_input_tokens": 1_000_000, "output_tokens": 0}),  # 0.3
    exchange(DAY, MILLION, session=OTHER),
    exchange(DAY + 60, MILLION, model="unheard-of", session=OTHER),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all traces, with these in it, and the user's own prices."""
    root = tmp_path / "traces"
    for trace in TRACES:
        write(root, trace)
    home = tmp_path / "home"
    home.mkdir()
    (home / own.NAME).write_text(json.dumps({"prices": PRICES}))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(root))
    monkeypatch.chdir(tmp_path)
    return root


def write(root: Path, trace: Trace) -> None:
    store.create(root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["cost", *arguments])


def costs(*arguments: str) -> dict[Any, tuple[float | None, int]]:
    ran = run(*arguments, "--format", "json")
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    return {row[found["by"]]: (row["cost"], row["cost_unknown"]) for row in found["rows"]}


def test_costs_add_up_by_day_session_model_and_project(folder: Path) -> None:
    assert costs() == {"2026-11-20": (4.8, 0), "2026-11-21": (4.5, 1)}
    assert costs("--by", "session") == {factories.SESSION: (4.8, 0), OTHER: (4.5, 1)}
    assert costs("--by", "model") == {"claude-x": (9.3, 0), "unheard-of": (None, 1)}
    assert costs("--by", "project") == {"/home/ana/5": (4.8, 0), "/home/ana/0": (4.5, 1)}
    assert costs("--by", "agent") == {f"{factories.SESSION} main": (4.8, 0), f"{OTHER} main": (4.5, 1)}


def test_a_name_narrows_it_down(folder: Path) -> None:
    assert costs("5e55") == {"2026-11-20": (4.8, 0)}
    assert costs("last:1") == {"2026-11-21": (None, 1)}
    assert costs(str(folder / "claude")) == costs()


def test_a_person_reads_what_is_unknown_and_at_least(folder: Path) -> None:
    ran = run("--by", "model")
    lines = ran.output.splitlines()
    assert [" ".join(line.split()) for line in lines[2:5]] == [
        "claude-x 3 3,000,000 1,000,000 0 200,000 $9.30",
        "unheard-of 1 1,000,000 0 0 100,000 –",
        "all 4 4,000,000 1,000,000 0 300,000 ≥ $9.30",
    ]
    assert f"{own.NAME}: prices.claude* (3). Dollars." in " ".join(lines)
    assert "No price is known of 1 request (unheard-of): write it under `prices` in .anyclauderc.json" in ran.output


def test_an_answer_that_broke_off_is_at_least_its_input(folder: Path) -> None:
    answer: Json = {"content": [], "stop_reason": None, "usage": {"input_tokens": 1_000_000, "output_tokens": 1}}
    body = {"model": "claude-x", "messages": []}
    failure = Failure("stream_cut", "gone")
    write(folder, factories.trace(body, answer, at=2 * DAY, mode="claude", failure=failure, ids=Ids("cut-off-1")))
    assert costs("cut-off-1") == {"2026-11-22": (3.0, 1)}
    assert "1 request broke off before the output was counted: at least the input." in run("cut-off-1").output


def test_older_files_without_the_counts_in_their_first_line_are_read(folder: Path) -> None:
    before = costs()
    for file in store.files(folder):
        first, *rest = file.read_bytes().splitlines(keepends=True)
        head = json.loads(first.rstrip(b",\n") + b"}")
        del head["summary"]["billed"]
        file.write_bytes(json.dumps(head, separators=(",", ":")).encode()[:-1] + b",\n" + b"".join(rest))
    assert costs() == before


def test_csv_and_markdown_have_the_same(folder: Path) -> None:
    header, first, _ = run("--format", "csv").output.splitlines()
    assert header.startswith("day,requests,input_tokens,input_tokens_unknown,cached_tokens")
    assert first == "2026-11-20,2,2000000,0,1000000,0,0,100000,0,4.8,0"
    assert "| 2026-11-20 |" in run("--format", "markdown").output


def test_a_price_that_cant_be_used_and_no_traces_are_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(own.NAME).write_text('{"prices": {"m": {}}}')
    ran = run()
    assert ran.exit_code == 1
    assert "prices.m: must have input and output" in ran.output
    Path(own.NAME).unlink()
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(folder / "none"))
    assert "No traces found" in run().output


def test_an_hours_price_counts_the_time_once(folder: Path) -> None:
    (Path.home() / own.NAME).write_text(json.dumps({"prices": {"claude/*": {"perHour": 3600}}}))
    write(folder, exchange(1.0, MILLION))  # from second 1 to 3, beside another from 0 to 2
    assert costs()["2026-11-20"] == (5.0, 0)  # 0 to 3, and 2 seconds after a minute


def test_a_session_shows_the_cost_of_each_turn_and_agent(folder: Path) -> None:
    shown = CliRunner().invoke(main, ["session", factories.SESSION[:8], "--format", "json"])
    [found] = json.loads(shown.stdout)
    assert [turn["cost"] for turn in found["turns"]] == [4.5, 0.3]
    assert [agent["cost"] for agent in found["agents"]] == [4.8]
    assert found["total"]["cost"] == 4.8
    table = CliRunner().invoke(main, ["session", factories.SESSION[:8]], terminal_width=200).output
    assert "$4.50" in table
    assert "$4.80" in table
    assert f"Cost: dollars, by {Path.home() / own.NAME}: prices.claude*." in table


def test_a_session_of_which_no_price_is_known_has_no_column_for_it(folder: Path) -> None:
    (Path.home() / own.NAME).unlink()
    write(folder, factories.exchange(3 * DAY, "Hi", answer="Hello", ids=Ids("without-prices")))
    assert "Cost" not in CliRunner().invoke(main, ["session", "without-prices"]).output


def test_the_list_of_sessions_has_a_column_for_costs_where_some_are_known(folder: Path) -> None:
    def rows(*arguments: str) -> list[str]:
        shown = CliRunner().invoke(main, ["sessions", *arguments], terminal_width=300)
        assert shown.exit_code == 0, shown.output
        return shown.output.splitlines()

    header, _, *others = (line.split("|") for line in rows("--format", "markdown"))
    at = [title.strip() for title in header].index("Cost")
    assert [cells[at].strip() for cells in others] == ["≥ $4.50", "$4.80"]
    found = {
        row["session"]: (row["cost"], row["cost_unknown"]) for row in json.loads("".join(rows("--format", "json")))
    }
    assert found == {OTHER: (4.5, 1), factories.SESSION: (4.8, 0)}
    (Path.home() / own.NAME).unlink()
    assert "Cost" not in rows()[0]


def test_two_sessions_are_compared_by_their_costs_too(folder: Path) -> None:
    write(folder, exchange(2 * DAY, {"input_tokens": 100, "output_tokens": 10}, session="cheaper-session"))

    def diff(*names: str) -> str:
        return CliRunner().invoke(main, ["diff", *names], terminal_width=200).output

    [row] = [line for line in diff(factories.SESSION[:8], "cheaper-session").splitlines() if line.startswith("Cost")]
    assert row.split() == ["Cost", "$4.80", "$0.0004", "-$4.80"]
    [row] = [line for line in diff(factories.SESSION[:8], OTHER).splitlines() if line.startswith("Cost")]
    assert row.split() == ["Cost", "$4.80", "≥", "$4.50", "–"]
    (Path.home() / own.NAME).unlink()
    assert "Cost" not in diff(factories.SESSION[:8], OTHER)
