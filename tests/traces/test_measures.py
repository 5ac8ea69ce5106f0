"""The table of measures: each has a name of its own, and is shown in every place from its row alone."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.support import synthetic
from tests.support.patience import PATIENCE
from traces.counts import Output
from traces.measures import TABLE, Figures, by_key, figures, shown_in, values
from traces.metrics import UNDEFINED, InputUsage
from traces.model import Timing

pytestmark = pytest.mark.io


def test_no_two_measures_have_the_same_name_or_key() -> None:
    for of in ("key", "name", "brief", "compared_key", "compare_column"):
        assert set(Counter(getattr(measure, of) for measure in TABLE).values()) == {1}


def test_what_was_not_measured_is_unknown_and_not_0() -> None:
    nothing = Figures(Timing(), None, None, Output(), UNDEFINED, ())
    assert {measure.key for measure in TABLE if measure.value(nothing) is not None} == set()
    assert all(isinstance(measure.remark(nothing), str) for measure in TABLE)


def test_the_figures_of_an_exchange_are_taken_from_its_times_and_counts() -> None:
    trace = synthetic.tool_call()
    of = figures(trace.response and trace.response.body, trace.request.body, trace.timing, trace.events)
    found = values(of, "compare")
    assert (found["ttft"], found["total"], found["output_tokens"], found["input"]) == (0.5, 2.0, 26, 510)
    assert found["prefill_speed"] == pytest.approx(110 / 0.5)
    assert of.gap(50) == 0.25


@pytest.mark.parametrize(
    ("usage", "cold", "speed"),
    [
        (InputUsage(100, 0, None), False, 50.0),
        (InputUsage(100, None, None), False, None),
        (InputUsage(100, None, None), True, 50.0),
        (InputUsage(4, 96, None), False, None),
        (None, True, None),
    ],
)
def test_prefill_speed_is_unknown_where_the_share_of_the_cache_is(
    usage: InputUsage | None, cold: bool, speed: float | None
) -> None:
    of = Figures(Timing(ttft=2.0), None, usage, Output(), UNDEFINED, (), cold)
    assert by_key("prefill_speed").value(of) == speed


def test_the_old_guides_words_are_headings_of_replays_and_comparisons() -> None:
    assert [by_key(key).replay_heading for key in ("ttft", "generation", "generation_speed")] == [
        "Prompt Processing",
        "Token Generation",
        "Generation Speed",
    ]
    columns = [measure.compare_column for measure in shown_in("table")]
    assert set(columns) >= {"Prompt Proc", "Generation", "Total Time", "Tokens", "Tok/sec", "Decode tok/s"}


NEW = """
import json, sys
from traces import measures
measures.TABLE += (
    measures.Measure(
        "patience", "Patience", "s", "twice the wait", lambda of: of.timing.ttft and 2 * of.timing.ttft, better="less"
    ),
)
from analysis.exchange import reading, text
from analysis.exchange.report import document
from analysis.frames import columns
from analysis.web import trace_page
from addons.contentview import summary
from replay import comparison_page
from replay.console import comparison, run
from replay.compare.compare import COMPARED
from tests.support import replays, synthetic
from traces.storage import store
[found] = reading.read_reports([store.files(__import__("pathlib").Path(sys.argv[1]))[0]], "o200k_base", [])
results = [replays.result("a"), replays.result("b", ttft=1.0)]
print(json.dumps({
    "analyze": "\\n".join(f"{line.label} {line.shown}" for line in text.timing_section(found).lines),
    "json": document(found)["measures"],
    "export": next(columns.rows(iter([found]), False)),
    "page": trace_page.data(found),
    "view": summary.times(synthetic.tool_call()),
    "run": run.report(results[0]),
    "table": comparison.render(results),
    "compared": json.loads(comparison.render(results, style="json")),
    "comparison_page": comparison_page.data(results),
}))
"""


def test_a_new_measure_is_one_row(tmp_path: Path) -> None:
    synthetic.write(synthetic.tool_call(), tmp_path)
    ran = subprocess.run(
        [sys.executable, "-c", NEW, tmp_path], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    shown = json.loads(ran.stdout)
    assert "Patience 1.000" in shown["analyze"]
    assert shown["json"]["patience"] == 1.0
    assert shown["export"]["patience"] == 1.0
    assert "Patience" in json.dumps(shown["page"]["exchanges"][0]["measures"])
    assert shown["view"]["Patience"] == "1.00s"
    assert "Patience:           4.82s" in shown["run"]
    assert "Patience" in shown["table"].splitlines()[1]
    [compared] = shown["compared"]["comparisons"]
    assert [row["patience"] for row in compared["models"]] == [4.82, 2.0]
    assert "patience" in json.dumps(shown["comparison_page"]["measures"])
