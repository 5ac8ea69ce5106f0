"""Traces for benchmarks of caches: no text, and the hit ratio that `trace-analyzer cache` predicts."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.exports import kv_blocks, traffic
from analysis.exports.kv_blocks import Workload
from tests.analysis.exports.conftest import DAY, write
from tests.support.analyzer import Analyzer
from tests.support.factories import AGENT, exchange, read
from traces.sessions.grouping import sessions


def blocks_hit(lines: Sequence[dict[str, Any]], size: int) -> float:
    """Return the share of the input that earlier lines hold, as readers of such traces count it."""
    seen: set[int] = set()
    hit = 0
    for line in lines:
        ids = line["hash_ids"]
        hit += size * next((at for at, one in enumerate(ids) if one not in seen), len(ids))
        seen.update(ids)
    return float(hit / sum(line["input_length"] for line in lines))


def growing(turns: int, words: int = 400) -> Iterator[Any]:
    said: list[str] = []
    for number in range(turns):
        said.append(f"Ask {number}. " * words)
        yield exchange(10.0 * number, *said, answer=f"Answer {number}. " * 20)
        said.append(f"Answer {number}. " * 20)


def made(traces: Sequence[Any], size: int = 16) -> Workload:
    return kv_blocks.workload(sessions(read(*traces)), size, "o200k_base")


def lines_of(found: Workload) -> list[dict[str, Any]]:
    return [json.loads(line) for line in traffic.mooncake(found)]


def test_a_mooncake_trace_has_numbers_only(day: Analyzer, exported: Callable[..., Any]) -> None:
    path, printed = exported("day.mooncake.jsonl", "--format", "mooncake")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) == 8  # the refused one was given to no model
    for line in lines:
        assert set(line) == {"timestamp", "input_length", "output_length", "hash_ids"}
        assert all(isinstance(number, int) for number in (line["timestamp"], *line["hash_ids"]))
        assert len(line["hash_ids"]) == -(-line["input_length"] // 16)
    assert [line["timestamp"] for line in lines][:3] == [0, 2500, 6500]
    assert "8 requests written" in printed


def test_the_first_blocks_of_what_continues_are_those_before() -> None:
    first, second, third = lines_of(made(list(growing(3))))
    assert first["hash_ids"] == list(range(len(first["hash_ids"])))
    whole = first["input_length"] // 16
    assert second["hash_ids"][:whole] == first["hash_ids"][:whole]
    assert not set(second["hash_ids"][whole:]) & set(first["hash_ids"])
    assert third["hash_ids"][: second["input_length"] // 16] == second["hash_ids"][: second["input_length"] // 16]


@pytest.mark.parametrize("size", [1, 16, 64])
def test_the_hit_ratio_of_the_blocks_is_the_predicted_one_within_one_percent(size: int) -> None:
    found = made([*growing(6), exchange(99, "Ask 0. " * 400, ids=AGENT, answer="plum")], size)
    assert blocks_hit(lines_of(found), size) == pytest.approx(found.hit_ratio, abs=0.01)
    assert found.hit_ratio > 0.7


@given(st.lists(st.text("ab ", min_size=1, max_size=200), min_size=1, max_size=5), st.sampled_from([1, 4, 16]))
def test_ids_make_a_tree_whatever_was_asked(asked: list[str], size: int) -> None:
    found = made([exchange(10.0 * at, text, answer="x") for at, text in enumerate(asked)], size)
    before: dict[int, tuple[int, ...]] = {}
    for one in found.requests:
        assert len(one.blocks) == -(-one.input // size)
        for at, block in enumerate(one.blocks):
            assert before.setdefault(block, one.blocks[:at]) == one.blocks[:at]


def test_the_servers_own_counts_are_the_lengths() -> None:
    usage = {"input_tokens": 1000, "cache_read_input_tokens": 24, "output_tokens": 77}
    [one] = made([exchange(0, "word " * 800, answer="Yes.", usage=usage)]).requests
    assert (one.input, one.output, len(one.blocks)) == (1024, 77, 64)


def test_an_answer_that_no_server_counted_is_estimated_and_never_0() -> None:
    counted, empty = made([exchange(0, "Go", answer="word " * 40), exchange(9, "Go on", answer="")]).requests
    assert (counted.output, empty.output) == (50, 1)


def test_a_weka_trace_is_a_file_for_each_session_with_its_agents(day: Analyzer, exported: Callable[..., Any]) -> None:
    folder, printed = exported("weka", "--format", "weka", "--block-size", "8")
    traces = [json.loads(path.read_text()) for path in sorted(folder.iterdir())]
    assert [path.name for path in sorted(folder.iterdir())] == [f"session_000{number}.json" for number in (1, 2, 3)]
    first = traces[0]
    assert (first["block_size"], first["hash_id_scope"], first["models"]) == (8, "local", ["qwen3-coder"])
    assert [entry["type"] for entry in first["requests"]] == ["s", "subagent", "s", "s", "s", "s"]
    agent = first["requests"][1]
    assert (agent["t"], agent["duration_ms"], len(agent["requests"])) == (2.5, 2000, 1)
    assert (first["requests"][0]["stop"], first["requests"][2]["stop"]) == ("tool_use", "end_turn")
    assert traces[2]["requests"][0]["type"] == "n"  # no time of a first token
    whole = [entry for entry in first["requests"] if entry["type"] != "subagent"]
    assert all(len(entry["hash_ids"]) == entry["in"] // 8 for entry in whole)  # the format has no partial blocks
    assert "3 sessions written" in printed
    again = day("export", day.root, "--format", "weka", "-o", folder)
    assert (again.exit_code, "isn't empty. Name a new one." in again.stderr) == (1, True)


def test_no_text_name_or_moment_is_in_either(day: Analyzer, exported: Callable[..., Any]) -> None:
    files: list[Path] = [exported("a.jsonl", "--format", "mooncake")[0], exported("b.jsonl", "--format", "weka")[0]]
    for file in files:
        written = file.read_text()
        for secret in ("plum", "Go", "Read", "Explore", "a1b2c3d4", "5e551011", "2026", "localhost"):
            assert secret not in written


def test_a_path_as_the_models_name_is_shortened(analyzer: Analyzer, exported: Callable[..., Any]) -> None:
    body: Any = DAY[2].request.body
    named = replace(DAY[2], request=replace(DAY[2].request, body={**body, "model": "/home/ann/models/q.gguf"}))
    write(analyzer, named)
    assert json.loads(exported("m.json", "--format", "weka")[0].read_text())["models"] == ["q.gguf"]
