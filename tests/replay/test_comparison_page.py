"""The data of the page of a comparison."""

import json
from typing import Any

import pytest

from replay import comparison_page
from replay.compare import summary
from replay.errors import ResultError
from replay.request import Run
from replay.results import files
from tests.support import pages, replays
from tests.support.answers import message, text, thinking, tool
from tests.support.replayer import Replayer
from tests.support.replays import RIGHT, failed, result, runs, wrong


def requests(*given: Any, sort: str = "time") -> list[dict[str, Any]]:
    [contenders] = comparison_page.data(given, sort)["requests"]
    return list(contenders)


def test_its_report_is_the_json_of_compare() -> None:
    given = [*runs("fast", [1.0, 1.1]), *runs("slow", [2.0, 2.2]), failed()]

    assert comparison_page.data(given)["report"] == summary.document(summary.report_of(given))


def test_the_models_are_in_the_order_that_was_asked_for() -> None:
    given = [*runs("slow", [2.0]), *runs("fast", [1.0])]

    assert [each["label"] for each in requests(*given)] == ["slow", "fast"]
    assert [each["label"] for each in requests(*given, sort="prompt")] == ["fast", "slow"]


def test_every_run_has_its_measures_and_its_answer() -> None:
    said = message(thinking("Hm."), text("Hello"), tool("Read", file_path="/x"))
    page = comparison_page.data([result(ttft=2.5, message=said, stop_reason="tool_use")])
    [[contender]] = page["requests"]
    [run] = contender["runs"]

    assert run["measures"]["ttft"] == 2.5
    assert run["arrivals"] == [[2.5, "text", 12]]
    parts = pages.parts(page, run["answer"])
    assert [(part["kind"], page["texts"][part["text"]]) for part in parts] == [
        ("thinking", "Hm."),
        ("assistant", "Hello"),
        ("tool_input", '{"file_path":"/x"}'),
    ]


def test_a_chat_completion_is_an_answer_like_any_other() -> None:
    said = {"choices": [{"message": {"role": "assistant", "content": "Hello"}}]}
    page = comparison_page.data([result(message=said)])

    assert page["texts"] == ["Hello"]


def test_questions_are_counted_where_they_could_be_asked() -> None:
    given = [result(round=1, verdicts=RIGHT), result(round=2, verdicts=wrong()), failed("llama-3.1-8b", 3)]
    [contender] = requests(*given)

    assert contender["questions"] == {"calls_a_tool": [1, 2], "same_tool": [1, 1], "whole": [2, 2]}
    assert [run["wrong"] for run in contender["runs"]] == [[], ["called no tool; the recording called Read"], []]


def test_a_failed_run_has_its_reason_and_no_measures() -> None:
    [contender] = requests(failed())

    assert contender["runs"][0]["error"] == "404: model 'gone' not found"
    assert contender["runs"][0]["measures"] == {}


def test_warm_ups_alone_have_no_page() -> None:
    with pytest.raises(ResultError, match="warm-ups only"):
        comparison_page.data([result(run=Run(replays.SIMPLE, "m", 0))])


def test_the_command_writes_a_page_and_says_where(tmp_path: Any) -> None:
    replayer = Replayer(tmp_path)
    for each in [*runs("fast", [1.0, 1.1]), *runs("slow", [2.0, 2.2])]:
        files.save(each, replayer.results)
    (replayer.results / "other.json").write_text("{}")
    file = tmp_path / "comparison.html"

    said = replayer("report", replayer.results, "-o", file, "--share=numbers")

    assert (said.exit_code, said.stdout) == (0, f"{file} is written. Open it in a browser.\n")
    assert "skipped" in said.stderr
    assert json.dumps("fast") in file.read_text()


def test_what_could_not_be_judged_is_named_for_each_run() -> None:
    page = comparison_page.data([result(verdicts=replays.unjudged())])

    assert page["requests"][0][0]["runs"][0]["unjudged"] == ["Read: not judged by type: file"]
    assert page["report"]["comparisons"][0]["unjudged"][0]["question"] == "arguments_fit"
