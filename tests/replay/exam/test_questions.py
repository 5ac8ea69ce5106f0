"""Which turns of a session are asked, and how a few of many are chosen."""

from pathlib import Path

import pytest

from replay.exam.questions import Paper, paper, sample
from replay.session import steps
from tests.support import exams, planned, synthetic, talks
from tests.support.planned import Sent
from traces.sessions import lookup

pytestmark = pytest.mark.io


def read(talk: talks.Talk, folder: Path, most: int | None = None) -> Paper:
    synthetic.write_all(talk.traces, folder)
    return paper(steps.join(lookup.find(str(folder), [])), most, 0)


def test_every_turn_is_asked_with_the_tools_that_its_recording_called(tmp_path: Path) -> None:
    found = read(exams.session(), tmp_path)
    tools = [("Read",), ("Bash",), ("Edit",), ("Read", "Read"), ("Task",), ()]
    assert [question.tools for question in found.questions] == tools
    assert (found.of, found.left_out) == (6, [])


def test_what_has_no_answer_to_compare_with_is_left_out_and_counted(tmp_path: Path) -> None:
    talk = exams.session()
    talk.ask(talks.body(talks.user("And?")), {"content": []})
    found = read(talk, tmp_path)
    assert len(found.questions) == 6
    assert found.left_out == ["1 turn without a whole answer"]


def test_a_sample_has_each_tool_as_often_as_it_can_and_keeps_the_order(tmp_path: Path) -> None:
    found = read(exams.session(repeat=20), tmp_path, most=10)
    assert (len(found.questions), found.of) == (10, 120)
    numbers = [question.number for question in found.questions]
    assert numbers == sorted(numbers)
    tools = [question.tools[:1] for question in found.questions]
    assert {tool: tools.count(tool) for tool in tools} == {
        ("Read",): 2,
        ("Bash",): 2,
        ("Edit",): 2,
        ("Task",): 2,
        (): 2,
    }


def test_the_same_seed_chooses_the_same_turns() -> None:
    all_steps = steps.plan(planned.session(*(Sent(at, 1.0) for at in range(50))))
    chosen = [sample(all_steps, 7, seed) for seed in (1, 1, 2)]
    assert chosen[0] == chosen[1] != chosen[2]
    assert sample(all_steps, 50, 1) == sample(all_steps, None, 1) == all_steps
