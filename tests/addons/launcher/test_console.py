"""What the user sees of the proxy's log, and when."""

import pytest

from addons.launcher.console import NOTHING_PASSED, Report
from traces.running import Spent

SAVED = "Trace saved: /t/ollama/2026-01-02T03-04-05-678.json (qwen, 200)"
LOG = [("INFO", "client connect"), ("INFO", SAVED), ("WARNING", "disk full"), ("WARNING", "disk full"), ("", "odd")]


@pytest.mark.parametrize(
    ("debug", "said"),
    [
        (0, ["anyclaude: warning: disk full"]),
        (1, [f"anyclaude: NOW {SAVED}", "anyclaude: warning: disk full"]),
        (
            2,
            [
                "anyclaude: NOW client connect",
                f"anyclaude: NOW {SAVED}",
                "anyclaude: warning: disk full",
                "anyclaude: NOW odd",
            ],
        ),
    ],
)
@pytest.mark.parametrize("hold", [False, True])
def test_warnings_are_always_said_and_more_with_debug(debug: int, said: list[str], hold: bool) -> None:
    lines: list[str] = []
    report = Report(lines.append, lambda: "NOW", debug, hold)
    for level, message in LOG:
        report.on_log(level, message)
    assert lines == ([] if hold else said)
    report.finish()
    end = "anyclaude: 1 trace in /t/ollama; to look at the latest: trace-analyzer analyze latest"
    assert lines == [*said, end]


@pytest.mark.parametrize(
    ("paths", "trace_dir", "end"),
    [
        ([], "", f"no traces: {NOTHING_PASSED}"),
        (
            ["/my t/a/1.json", "/my t/b/2.json", "/my t/a/3.json"],
            "/my t",
            "3 traces in /my t/a, /my t/b; to look at the latest: "
            "ANYCLAUDE_TRACE_DIR='/my t' trace-analyzer analyze latest",
        ),
    ],
)
def test_the_end_says_how_many_traces_there_are_and_how_to_look_at_them(
    paths: list[str], trace_dir: str, end: str
) -> None:
    lines: list[str] = []
    report = Report(lines.append, lambda: "NOW")
    for path in paths:
        report.on_log("INFO", f"Trace saved: {path}")
    report.finish(trace_dir)
    assert lines == [f"anyclaude: {end}"]


def test_what_is_spent_is_told_each_time_and_at_the_end() -> None:
    lines: list[str] = []
    told: list[Spent] = []
    report = Report(lines.append, lambda: "NOW", hold=True, on_spent=told.append)
    for message in ("Budget: $0.42 spent", "Budget: at least $4.12 of $5.00 spent (82%)"):
        report.on_log("INFO", message)
    assert told == [Spent("$0.42 spent"), Spent("at least $4.12 of $5.00 spent", 82)]
    report.finish()
    assert lines[0] == "anyclaude: budget: at least $4.12 of $5.00 spent"
