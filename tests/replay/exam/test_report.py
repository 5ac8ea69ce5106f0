"""The report of an exam: shares with their intervals, pairs of models, drift, and examples."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from replay.errors import ResultError
from replay.exam import drift, report, sittings, text
from replay.exam.asking import Answer
from replay.exam.questions import Paper
from replay.results import files
from tests.support import exams, synthetic
from tests.support.exams import ALIKE, RECORDED, WRONG

pytestmark = pytest.mark.io


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    synthetic.write_all(exams.session().traces, tmp_path / "traces")
    return exams.read(tmp_path / "traces")[1]


def document(paper: Paper, *answers: Sequence[Answer]) -> dict[str, Any]:
    found = report.sheets(answer for each in answers for answer in each)
    return {**report.document(paper, found, {}), "drift": [], "cautions": []}


def test_each_share_is_of_the_turns_to_which_its_question_applies(paper: Paper) -> None:
    [model] = document(paper, exams.answered(paper, "wrong", WRONG))["models"]
    shares = {key: (each["passed"], each["of"]) for key, each in model["checks"].items() if each}
    assert shares == {
        "right": (0, 6),
        "calls": (4, 5),
        "calls_nothing": (0, 1),
        "same_tool": (3, 4),
        "known_tool": (4, 5),
        "arguments_parse": (5, 5),
        "parameters_known": (3, 4),
        "arguments_fit": (3, 4),
        "arguments_agree": (1, 3),
        "all_calls": (0, 1),
        "whole": (6, 6),
    }
    assert (model["checks"]["right"]["low"], model["checks"]["right"]["high"]) == (0.0, 0.3903)
    tools = {tool["name"]: (tool["calls"], tool["unasked"]) for tool in model["tools"]}
    assert tools == {
        "Read": (3, 0),
        "Bash": (1, 1),
        "Edit": (1, 0),
        "Task": (1, 0),
        "(no tool)": (1, 0),
        "Write": (0, 1),
    }


def test_a_turn_that_is_asked_several_times_counts_once(paper: Paper) -> None:
    runs = [exams.answered(paper, "m", each, number) for number, each in enumerate([ALIKE, WRONG], 1)]
    [model] = document(paper, *runs)["models"]
    assert (model["answers"], model["checks"]["right"]["passed"], model["checks"]["right"]["of"]) == (12, 3, 6)
    [read] = [tool for tool in model["tools"] if tool["name"] == "Read"]
    assert (read["calls"], read["checks"]["calls"]["passed"], read["checks"]["calls"]["of"]) == (3, 2.5, 3)


def test_a_model_is_compared_with_the_recorded_one_turn_by_turn(paper: Paper) -> None:
    own = exams.answered(paper, "recorded", RECORDED)
    found = document(paper, exams.answered(paper, "wrong", WRONG), exams.answered(paper, "alike", ALIKE), own)
    assert [model["control"] for model in found["models"]] == [False, False, True]
    wrong, alike = found["pairs"]
    assert (wrong["one"], wrong["other"], wrong["worse"], wrong["p"], wrong["shown"]) == (
        "wrong",
        "recorded",
        6,
        0.0312,
        True,
    )
    assert (alike["n"], alike["better"], alike["worse"], alike["shown"]) == (6, 0, 0, False)


def test_an_answer_that_only_a_person_could_judge_is_neither_right_nor_wrong(paper: Paper) -> None:
    other = [*ALIKE[:4], exams.ALIKE[4], ALIKE[5]]
    other[4] = [{**ALIKE[4][0], "input": {"prompt": "Find y.", "subagent_type": "search"}}]
    [model] = document(paper, exams.answered(paper, "m", other))["models"]
    assert (model["open"], model["checks"]["right"]["of"]) == (1, 5)
    assert text.with_interval(model["checks"]["right"], model["open"]) == "100% [57%, 100%] of 5, ? 1"


@pytest.mark.parametrize(
    ("then", "now", "right", "changed"),
    [
        (ALIKE, WRONG, (0, 6), "better in 0, worse in 6: worse than then (p = 0.0312)."),
        (WRONG, ALIKE, (6, 0), "better in 6, worse in 0: better than then (p = 0.0312)."),
        (ALIKE, ALIKE, (6, 6), "better in 0, worse in 0: nothing changed."),
        (ALIKE, [*ALIKE[:5], WRONG[5]], (5, 6), "better in 0, worse in 1: no drift shown."),
    ],
)
def test_drift_is_told_from_chance(
    paper: Paper, tmp_path: Path, then: Any, now: Any, right: tuple[int, int], changed: str
) -> None:
    sitting = tmp_path / "exams" / "2026-11-20T10-00-00-000"
    for answer in exams.answered(paper, "m", then):
        files.save(replace(answer.result, started="2026-11-20T10:00:00.000Z"), sitting)
    found = report.sheets(exams.answered(paper, "m", now))
    assert [row["note"] for row in drift.drift(found, [sitting])] == [
        f"m: right in {right[0]} of 6 turns now, in {right[1]} on 2026-11-20; {changed}"
    ]
    assert drift.drift(report.sheets(exams.answered(paper, "other", now)), [sitting]) == []


def test_the_newest_sitting_is_continued_and_others_can_be_named(tmp_path: Path) -> None:
    first, second = tmp_path / "2026-11-20T10-00-00-000", tmp_path / "2026-11-27T10-00-00-000"
    for folder in (first, second, tmp_path / "notes"):
        folder.mkdir(parents=True)
    assert sittings.current(tmp_path, again=False) == second
    new = sittings.current(tmp_path, again=True)
    assert new not in (first, second)
    assert sittings.against(tmp_path, "last", second) == [first]
    assert sittings.against(tmp_path, str(tmp_path), second) == [first]
    for name in ("last", str(tmp_path / "nosuch"), str(tmp_path / "notes")):
        with pytest.raises(ResultError):
            sittings.against(tmp_path, name, first)


@pytest.mark.parametrize("style", ["table", "markdown", "csv", "json"])
def test_every_format_has_every_model_and_tool(paper: Paper, style: str) -> None:
    printed = text.render(document(paper, exams.answered(paper, "wrong", WRONG)), style)
    for word in ("wrong", "Read", "(no tool)", "Task"):
        assert word in printed
