"""The data of a load's page: figures as `summary.json` has them, and each run on its own clock."""

from dataclasses import replace

from replay.load import page, table
from tests.support.load_rows import loads


def test_the_figures_are_those_of_the_summaries() -> None:
    [saved, _] = loads()
    [load] = page.data([saved])["loads"]
    assert load["levels"] == [table.row(summary) for summary in saved.summaries()]
    assert [level["level"] for level in load["levels"]] == ["1 agent", "2 agents", "3 agents", "4 agents"]
    assert load["verdict"][0].startswith("This server carries 3 agents: ")
    assert "requests queued" in load["verdict"][1]


def test_a_run_holds_its_own_requests_and_what_the_server_told_meanwhile() -> None:
    [saved, _] = loads()
    runs = page.data([saved])["loads"][0]["runs"]
    assert [(run["level"], len(run["rows"])) for run in runs] == [
        *(("1 agent", 120), ("2 agents", 120), ("4 agents", 120), ("3 agents", 120)),
    ]
    lane, sent, ttft, total, error, good, turn, agent, *tokens = runs[2]["rows"][0]
    assert (lane, sent, ttft, total, error, good) == (1, 0.002, 2.0, 3.5, None, 1)
    assert (turn, agent, tokens) == (1, "main", [20_000, 19_000, 19_500])
    assert runs[2]["samples"][0] == [0.0, 2.0, 2.0, 1.0]
    assert [sample[0] for sample in runs[2]["samples"]] == [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]


def test_loads_are_told_apart_by_what_differs() -> None:
    one, other = loads()
    same = replace(one, target="http://other:8080")
    again = replace(one, started="2026-11-28T02:00:00.000Z")
    assert [load["label"] for load in page.data([one, other])["loads"]] == ["qwen3-coder", "other"]
    assert [load["label"] for load in page.data([one, same])["loads"]] == [
        *("qwen3-coder at http://box:8080", "qwen3-coder at http://other:8080"),
    ]
    assert [load["label"] for load in page.data([one, again])["loads"]] == [
        *("qwen3-coder, 2026-11-28T01:00:00", "qwen3-coder, 2026-11-28T02:00:00"),
    ]


def test_what_is_not_known_is_not_made_up() -> None:
    [_, saved] = loads()
    [load] = page.data([saved])["loads"]
    assert (load["verdict"], load["troubles"]) == ([], ["6/min: the server is gone"])
    assert load["levels"][0]["ttft_p50"] is None
    assert load["runs"][0]["samples"] == [[1.0, None, None, None]]
