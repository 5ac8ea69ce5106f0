"""`trace-replayer exam` as a user calls it, against a server of models whose every answer is known."""

import csv
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from replay.exam.asking import GIVE_UP
from tests.support import answers, exams, scripted, synthetic
from tests.support.exams import ALIKE, ANTHROPIC, RECORDED, WRONG
from tests.support.patience import PATIENCE, eventually
from tests.support.replayer import Replayer
from tests.support.scripted import ScriptedServer


@pytest.fixture
def replayer(tmp_path: Path) -> Replayer:
    found = Replayer(tmp_path)
    synthetic.write_all(exams.session().traces, found.traces)
    return found


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with exams.serving(alike=ALIKE, wrong=WRONG, recorded=RECORDED) as started:
        yield started


def exam(replayer: Replayer, server: ScriptedServer, *more: Any, models: str = "alike wrong") -> Result:
    named = [option for model in models.split() for option in ("--model", model)]
    return replayer("exam", "latest", "--target", server.url, *ANTHROPIC, *named, "-o", replayer.results, *more)


def sittings(replayer: Replayer) -> list[Path]:
    return sorted(replayer.results.iterdir())


def test_each_model_is_asked_every_turn_and_the_recorded_one_is_the_control(
    replayer: Replayer, server: ScriptedServer
) -> None:
    said = exam(replayer, server)
    assert said.exit_code == 0, said.output
    assert exams.asked(server) == ["alike"] * 6 + ["wrong"] * 6 + ["recorded"] * 6
    assert "Exam of session 5e551011: 6 turns, to alike, wrong, recorded\n" in said.stdout
    assert "wrong, turn 2 (Bash): ✗ called no tool; the recording called Bash" in said.stdout
    assert "alike                100% [61%, 100%] of 6" in said.stdout
    assert "wrong, twice: other arguments. Turn 1, Read: file_path, encoding differ:" in said.stdout
    assert (
        "the recorded model, was wrong in 0 of 6 turns, the other way round in 6: a difference (p = 0.0312)"
        in said.stdout
    )

    [sitting] = sittings(replayer)
    report = json.loads((sitting / "5e551011.json").read_text())
    assert [model["checks"]["right"]["passed"] for model in report["models"]] == [6, 0, 6]
    rows = list(csv.DictReader((sitting / "5e551011.csv").read_text().splitlines()))
    assert len(rows) == 18
    assert rows[3]["recorded_tools"] == "Read Read"
    assert "5e551011" in (sitting / "5e551011.html").read_text()


def test_what_is_answered_already_is_not_asked_again_unless_wished(replayer: Replayer, server: ScriptedServer) -> None:
    exam(replayer, server, "--no-control", models="alike")
    again = exam(replayer, server, "--no-control")
    assert exams.asked(server) == ["alike"] * 6 + ["wrong"] * 6
    assert "; 6 of 12 are answered already (--again asks again)" in again.stdout
    exam(replayer, server, "--no-control", "--set", "temperature=0", models="alike")
    assert len(exams.asked(server)) == 18
    anew = exam(replayer, server, "--no-control", "--again", "--against", "last", models="alike")
    assert len(exams.asked(server)) == 24
    assert "alike: right in 6 of 6 turns now, in 6 on 20" in anew.stdout
    assert len(sittings(replayer)) == 2


def test_a_few_turns_can_be_asked_and_each_several_times(replayer: Replayer, server: ScriptedServer) -> None:
    said = exam(replayer, server, "--turns", 2, "--runs", 3, "--no-control", "--format", "json", models="wrong")
    report = json.loads(said.stdout)
    assert (report["questions"], report["of"], len(report["answers"])) == (2, 6, 6)
    assert report["models"][0]["checks"]["right"]["of"] == 2
    assert "2 turns of 6, chosen by tool (--seed 0)" in said.stderr


def test_several_servers_are_asked_what_they_have(replayer: Replayer, server: ScriptedServer) -> None:
    with exams.serving(other=ALIKE, wrong=ALIKE) as second:
        said = exam(replayer, server, "--target", second.url, "--no-control", models="wrong other")
    assert said.exit_code == 0, said.output
    assert (exams.asked(server), exams.asked(second)) == (["wrong"] * 6, ["wrong"] * 6 + ["other"] * 6)
    assert f"wrong @{server.url}" in said.stdout
    assert f"wrong @{second.url}" in said.stdout


def test_a_report_for_others_names_nobody_and_one_in_numbers_holds_no_text(
    replayer: Replayer, server: ScriptedServer
) -> None:
    exam(replayer, server, "--share=numbers")
    written = (sittings(replayer)[0] / "5e551011.html").read_text() + (
        sittings(replayer)[0] / "5e551011.json"
    ).read_text()
    assert "/src/c.py" not in written
    assert "other arguments" in written


def test_ctrl_c_keeps_and_reports_what_was_answered(replayer: Replayer) -> None:
    answer = scripted.stream(answers.events(*ALIKE[0]))
    with scripted.serving(scripted.holding(answer, lambda: False, held_from=1)) as slow:
        process = replayer.start("latest", "--target", slow.url, *ANTHROPIC, "--model", "m", command="exam")
        try:
            assert eventually(lambda: list(replayer.results.glob("*/*_replay_*.json")))
            process.send_signal(signal.SIGINT)
            printed, complaints = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, complaints) == (130, "")
    assert "Stopped. What was answered is kept; the same command goes on. So far:" in printed
    assert "m, turn 1 (Read): ✓" in printed
    with exams.serving(m=ALIKE) as quick:
        # The address differs, and with it the run: only on the same server is an answer the same.
        exam(replayer, quick, models="m")
        assert len(exams.asked(quick)) == 6


def test_a_turn_that_fails_is_told_and_asked_again_the_next_time(replayer: Replayer) -> None:
    broken = iter([scripted.whole({"error": {"message": "Overloaded"}}, status=529)])
    script = exams.script({"m": ALIKE})

    def at_first_broken(request: scripted.Received) -> scripted.Answer:
        is_question = request.method == "POST" and len(request.body) >= 500
        return next(broken, script(request)) if is_question else script(request)

    with scripted.serving(at_first_broken) as server:
        said = exam(replayer, server, models="m")
        assert said.exit_code == 1
        assert "m, turn 1: ✗ 529: Overloaded" in said.stdout
        assert "m: 1 of 6 questions were not answered" in said.stdout
        said = exam(replayer, server, models="m")
        assert (said.exit_code, len(exams.asked(server))) == (0, 7)


def test_a_server_that_is_gone_is_not_asked_for_ever(replayer: Replayer, tmp_path: Path) -> None:
    synthetic.write_all(exams.session(repeat=3).traces, replayer.traces)
    alive = exams.script({"m": ALIKE})

    def leaving(request: scripted.Received) -> scripted.Answer:
        is_question = request.method == "POST" and len(request.body) >= 500
        return scripted.cut(scripted.Cut.RESET) if is_question else alive(request)

    with scripted.serving(leaving) as server:
        said = exam(replayer, server, models="m")
    assert said.exit_code == 1
    assert len(exams.asked(server)) == GIVE_UP
    assert f"m: {GIVE_UP} of 18 questions were asked so far." in said.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nosuch",), "nosuch: no such file, folder, trace or session in "),
        (("latest", "--target", "http://127.0.0.1:9"), "doesn't answer at http://127.0.0.1:9"),
        (("latest", "--against", "last"), "no earlier exam to compare with"),
        (("latest", "--against", "nosuch"), "nosuch: no such folder."),
        (("latest", "--turns", "0"), "Invalid value for '--turns'"),
    ],
)
def test_an_error_that_a_user_can_fix_is_one_line(
    replayer: Replayer, arguments: tuple[str, ...], complaint: str
) -> None:
    result = replayer("exam", *arguments, "-o", replayer.results)
    assert result.exit_code in (1, 2)
    assert complaint in result.stderr
    assert not replayer.results.exists()


def test_a_session_without_answers_has_nothing_to_ask(replayer: Replayer, tmp_path: Path) -> None:
    file = synthetic.write(synthetic.failed(), tmp_path / "other")
    result = replayer("exam", file, "-o", replayer.results)
    assert "has no turn to ask again: left out are 1 turn without a whole answer." in result.stderr
