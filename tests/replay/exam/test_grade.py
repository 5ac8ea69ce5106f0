"""The grade of an answer: what counts as done as recorded, what as a mistake, and what only a person could tell."""

from typing import Any

import pytest

from tests.support import exams
from tests.support.answers import text, tool
from tests.support.exams import ALIKE, EDIT, RECORDED, WRONG, Blocks


def failed(recorded: Blocks, answered: Blocks, **more: Any) -> list[str]:
    return [name for name, passed in exams.graded(recorded, answered, **more).marks.items() if passed is False]


@pytest.mark.parametrize("turn", range(len(RECORDED)))
def test_what_means_the_same_is_right(turn: int) -> None:
    assert exams.graded(RECORDED[turn], ALIKE[turn]).right is True
    assert exams.graded(RECORDED[turn], RECORDED[turn]).right is True


@pytest.mark.parametrize(
    ("turn", "mistakes"),
    [
        (0, ["parameters_known", "arguments_agree"]),
        (1, ["calls_a_tool"]),
        (2, ["same_tool", "known_tool"]),
        (3, ["all_calls"]),
        (4, ["arguments_fit", "arguments_agree"]),
        (5, ["calls_a_tool"]),
    ],
)
def test_each_kind_of_mistake_is_told_from_the_others(turn: int, mistakes: list[str]) -> None:
    assert failed(RECORDED[turn], WRONG[turn]) == mistakes


def test_a_prompt_in_other_words_cannot_be_judged() -> None:
    grade = exams.graded(RECORDED[4], [tool("Task", prompt="Find y.", subagent_type="search")])
    assert (grade.right, grade.open) == (None, ("arguments_agree",))


def test_calls_at_once_are_a_set_and_each_is_compared_with_the_one_that_it_matches_best() -> None:
    one, other = tool("Read", "a", file_path="/src/a.py"), tool("Read", "b", file_path="/src/b.py")
    third = tool("Read", "c", file_path="/src/c.py")
    assert exams.graded([one, other], [other, one]).right is True
    assert [call.agrees for call in exams.graded([one, other], [third, one]).calls] == [True, False]
    assert failed([one], [one, other]) == ["all_calls"]
    assert exams.graded([one], [one, other]).unasked == ("Read",)


def test_a_parameter_may_be_unknown_where_the_schema_allows_any() -> None:
    answer = [tool("Read", file_path="/src/a.py", more=1)]
    for schema in ({"type": "object"}, {"properties": {"file_path": {}}, "additionalProperties": True}):
        assert "parameters_known" not in failed(RECORDED[0], answer, tools=[{"name": "Read", "input_schema": schema}])
    combined = {"allOf": [{"properties": {"file_path": {}}}, {"$ref": "#/$defs/more"}]}
    defined = {**combined, "$defs": {"more": {"properties": {"more": {}}}}}
    assert "parameters_known" not in failed(RECORDED[0], answer, tools=[{"name": "Read", "input_schema": defined}])


def test_an_example_shows_what_was_recorded_and_what_was_answered() -> None:
    [mistake] = exams.graded(RECORDED[2], [tool("Edit", **{**EDIT, "new_string": "y = 4"})]).mistakes
    assert (mistake.tool, mistake.words) == ("Edit", "Edit: old_string differs")
    [silent] = exams.graded(RECORDED[1], [text("I would " + "list " * 99)]).mistakes
    assert silent.recorded.startswith('Bash {"command": "ls -la"')
    assert silent.answered.endswith("…")


def test_the_next_action_is_the_first_whole_call_or_the_end_of_the_answer() -> None:
    assert exams.graded(RECORDED[5], RECORDED[5]).seconds == 1.5
