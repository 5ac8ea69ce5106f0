"""The report of a comparison: for people in golden files, for programs as data."""

import csv
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from replay.console.comparison import format_with, render
from replay.errors import ResultError
from replay.request import TraceRef
from replay.result import ReplayResult
from replay.results import codec
from tests.support import replays
from tests.support.golden import golden
from traces import jsonio

SINGLE = [
    replays.result("qwen3-coder-30b@4bit", ttft=60.23, generation=25.18, tokens=427, decode=16.92),
    replays.result("qwen3-coder-30b@6bit", ttft=35.12, generation=13.11, tokens=431, decode=32.8),
    replays.result("llama-3.1-8b", ttft=2.41, generation=6.71, tokens=439, decode=65.28),
    replays.result("codestral-22b", ttft=3.82, generation=7.42, tokens=445, decode=59.84),
    replays.failed("mistral-7b"),
]


def repeated() -> Iterator[ReplayResult]:
    """Ten rounds of three models, two of them alike, the fastest of them often wrong; one fails once."""
    chance = random.Random(4)
    for number in range(1, 11):
        for model, ttft, decode in (
            ("codestral-22b", 3.8, 59.0),
            ("llama-3.1-8b", 2.4, 65.0),
            ("llama-copy", 2.4, 65.0),
        ):
            speed = chance.gauss(decode, 1.0)
            yield replays.result(
                model,
                number,
                ttft=chance.gauss(ttft, 0.1),
                generation=439 / speed,
                decode=speed,
                tool=5.0 + ttft,
                verdicts=replays.wrong() if model == "llama-copy" and number % 3 else replays.RIGHT,
            )
    yield replays.failed("codestral-22b", 11, "500: out of memory\x1b[2J")


def on_several_requests() -> Iterator[ReplayResult]:
    for number in range(1, 7):
        for model, ttft in (("fast", 1.0), ("slow", 2.0)):
            yield replays.result(model, ttft=ttft * number, trace=TraceRef(f"request-{number}", str(number)))


def test_single_runs_in_a_table() -> None:
    assert render(SINGLE) + "\n" == golden("replay/compare-single.txt", render(SINGLE) + "\n")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(25.395, "25.40"), (2.675, "2.68"), (9.12 - 2.41, "6.71"), (1234.5, "1,234.50"), (0.1 + 0.2, "0.30")],
)
def test_a_number_is_rounded_as_it_is_read(value: float, shown: str) -> None:
    assert format_with(2)(value) == shown


def test_an_average_is_rounded_half_up() -> None:
    assert "25.40s" in render(SINGLE).splitlines()[7]


def test_times_of_a_file_that_do_not_add_up_are_shown_as_they_are_with_a_warning() -> None:
    times = {"promptProcessingTime": 2.41, "generationTime": 6.71, "totalTime": 9.21, "tokensGenerated": 439}
    file = Path("simple_replay_llama-3_1-8b_2025.json")
    old = jsonio.dumps({"model": "llama-3.1-8b", "success": True, "timestamp": "2025", **times})
    text = render([codec.decode(old, file)])
    assert "2.41s       6.71s       9.21s" in text
    assert "the file's times don't add up: 2.41 s and 6.71 s are 9.12 s, not 9.21 s." in text


def test_repeated_runs_have_intervals_differences_and_advice() -> None:
    text = render(list(repeated())) + "\n"
    assert text == golden("replay/compare-repeated.txt", text)


def test_requests_are_separate_and_two_models_are_paired_over_all() -> None:
    text = render(list(on_several_requests())) + "\n"
    assert text == golden("replay/compare-requests.txt", text)


def test_markdown_contains_all_that_the_table_contains() -> None:
    text = render([*SINGLE, replays.result("a|b")], style="markdown") + "\n"
    assert text == golden("replay/compare.md", text)
    text = render(list(repeated()), style="markdown") + "\n"
    assert text == golden("replay/compare-repeated.md", text)


def test_a_spread_counts_the_values_that_there_are() -> None:
    """One run had no decode speed, and a single one of another model has no interval."""
    odd = [replays.result("a", 1, decode=None), replays.result("a", 2), replays.result("a", 3), replays.failed("a", 4)]
    lines = render(odd).split("SPREAD, ")[1].splitlines()
    assert (lines[0], lines[2].split()[:2]) == ("median [95% interval, or range]", ["a", "3"])
    assert "65.28 [65.28, 65.28] (n 2)" in lines[2]
    assert "SPREAD, median\n" in render([replays.result("a"), replays.failed("a", 2)])


def test_csv_has_a_row_for_each_model_and_plain_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(render(SINGLE, style="csv"))))
    assert [row["model"] for row in rows] == [each.run.model for each in SINGLE]
    assert (float(rows[0]["ttft"]), rows[-1]["ttft"], rows[-1]["failed"]) == (60.23, "", "1")


def test_json_contains_all_that_the_table_contains() -> None:
    document = json.loads(render(list(repeated()), style="json"))
    (comparison,) = document["comparisons"]
    assert [row["runs"] for row in comparison["models"]] == [11, 10, 10]
    assert comparison["models"][0]["ttft_low"] < comparison["models"][0]["ttft"] < comparison["models"][0]["ttft_high"]
    assert comparison["differences"]["ttft"]["others"]["codestral-22b"]["shown"] is True
    assert comparison["failures"][0]["message"] == "500: out of memory\x1b[2J"
    assert comparison["wrong"][0]["question"] == "calls_a_tool"
    assert comparison["advice"]


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("time", "qwen3-coder-30b@4bit"),
        ("model", "codestral-22b"),
        ("prompt", "llama-3.1-8b"),
        ("generation", "llama-3.1-8b"),
        ("total", "llama-3.1-8b"),
        ("tokens", "qwen3-coder-30b@4bit"),
        ("speed", "llama-3.1-8b"),
        ("decode", "llama-3.1-8b"),
    ],
)
def test_rows_are_sorted_the_best_first_and_what_failed_last(sort: str, first: str) -> None:
    models = [row["model"] for row in csv.DictReader(io.StringIO(render(SINGLE, sort, "csv")))]
    assert models[0] == first
    assert sort == "model" or models[-1] == "mistral-7b"


def test_warm_ups_alone_are_nothing_to_compare() -> None:
    with pytest.raises(ResultError, match="warm-ups only"):
        render([replays.result("a", 0)])


@pytest.mark.parametrize("style", ["table", "json", "csv", "markdown"])
def test_nothing_in_a_result_reaches_the_terminal_as_a_command(style: str) -> None:
    evil = "\x1b]0;owned\x07\r\x9b2J"
    results = [replays.result(evil, verdicts=replays.wrong(evil)), replays.failed(evil + "2", message=evil)]
    assert not set(render(results, style=style)) & set("\x1b\x07\r\x9b")


def test_what_cannot_be_judged_is_unknown_and_named_in_every_format() -> None:
    unjudged = [replays.result("a", number, verdicts=replays.unjudged()) for number in (1, 2)]
    results = [
        *unjudged,
        replays.result("b", 1, verdicts=replays.RIGHT),
        replays.result("b", 2, verdicts=replays.unjudged()),
    ]
    table = render(results)
    assert "NOT JUDGED\n  a, runs 1, 2: Read: not judged by type: file\n  b, run 2:" in table
    assert "✓, ? 1" in table
    rows = json.loads(render(results, style="json"))["comparisons"][0]
    assert [(row["judged"], row["right"], row["unjudged"]) for row in rows["models"]] == [(0, None, 2), (1, 1, 1)]
    assert [row["model"] for row in rows["unjudged"]] == ["a", "a", "b"]
    assert "correct couldn't be judged" in render([unjudged[0], replays.result("slow", ttft=9.0)])


def test_what_rests_on_an_estimated_count_is_marked() -> None:
    table = render([replays.result("a", reported=3), replays.result("b")])
    estimated, counted = (next(line for line in table.splitlines() if line.startswith(f"{name} ")) for name in "ab")
    assert ("~439" in estimated, "~48.14" in estimated, "~65.28" in estimated) == (True, True, True)
    assert "~" not in counted
