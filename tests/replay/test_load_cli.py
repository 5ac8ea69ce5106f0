"""`trace-replayer load` as a user calls it, against the built-in server and against servers that fail."""

import csv
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from replay.calibrate import server
from replay.calibrate.server import Plan
from replay.errors import ResultError
from replay.load import results, table
from tests.support import answers, scripted, synthetic, talks
from tests.support.patience import PATIENCE, eventually
from tests.support.replayer import Replayer

pytestmark = pytest.mark.process

MODEL = Plan(delay=30, chunks=3, gap=5).model
BOUNDED = ("--requests", 4, "--think", "none", "--duration", "1h")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server.start() as url:
        yield url


@pytest.fixture
def replayer(tmp_path: Path) -> Replayer:
    """With a session of three turns in its folder."""
    found = Replayer(tmp_path)
    talk, messages = talks.Talk(), [talks.user("What is it?")]
    for number in range(3):
        talk.ask(talks.body(*messages, max_tokens=9), talks.said(f"It is {number}."))
        messages += [talks.said(f"It is {number}."), talks.user("And now?")]
    synthetic.write_all(talk.traces, found.traces)
    return found


def folder_of(replayer: Replayer) -> Path:
    [folder] = replayer.results.iterdir()
    return folder


def asked(replayer: Replayer, address: str, *more: object) -> tuple[object, ...]:
    return ("load", "latest", "--target", address, "--model", MODEL, "--output", replayer.results, *more)


def test_each_level_is_a_sentence_and_every_request_a_row_of_which_all_figures_can_be_computed_again(
    replayer: Replayer, address: str
) -> None:
    result = replayer(*asked(replayer, address, *BOUNDED, "--agents", "1,2", "--slo", "ttft=1h", "--keep-stamps"))
    assert (result.exit_code, result.stderr) == (0, "")
    begin, *_, one, two = result.stdout.splitlines()
    assert begin == f"Plays 1 session (3 turns) to {MODEL}, seed 0."
    assert one.startswith("1 agent: 100% [51, 100] of 4 turns: first token within 1 h; first token after ")
    assert two.startswith("2 agents: 100% [51, 100] of 4 turns")
    folder = folder_of(replayer)
    assert sorted(path.name for path in folder.iterdir()) == [
        "plan.json",
        "rows.csv",
        "rows.jsonl",
        "server.jsonl",
        "summary.json",
    ]
    saved = results.load(folder)
    assert [table.row(summary) for summary in saved.summaries()] == json.loads((folder / "summary.json").read_text())
    assert len(saved.rows) == len((folder / "rows.jsonl").read_text().splitlines()) == 8
    table_of_rows = list(csv.DictReader((folder / "rows.csv").read_text().splitlines()))
    assert [row["ttft"] for row in table_of_rows] == [str(row.ttft) for row in saved.rows]
    assert all(row.ttft is not None and row.ttft >= 0.03 and row.chunks for row in saved.rows)  # as the server takes
    assert all(len(row.stamps) == row.chunks and row.stamps[0] == row.ttft for row in saved.rows)
    assert {row.session for row in saved.rows} == {talks.SESSION[:8]}
    assert len({row.answer_id for row in saved.rows}) == 8
    first = saved.rows[:4]
    assert [(row.turn, row.visit) for row in first] == [(1, 1), (2, 1), (3, 1), (1, 2)]
    assert [run.level for run in saved.runs] == ["1 agent", "2 agents"]
    assert (saved.model, saved.turns_of) == (MODEL, {talks.SESSION[:8]: 3})

    drawn = replayer("report", folder, "-o", replayer.results / "load.html")
    assert drawn.exit_code == 0, drawn.output
    assert "2 agents" in (replayer.results / "load.html").read_text()
    assert results.folders([replayer.results]) == results.folders([folder]) == [folder]


def test_agents_share_what_real_agents_share_and_the_same_is_sent_each_time(replayer: Replayer) -> None:
    answer = scripted.stream(answers.events(answers.text("Hello")))

    def played(*more: object) -> list[Any]:
        with scripted.serving([answer]) as there:
            given = ("--dialect", "anthropic", "--agents", 2, "--requests", 6, "--think", "none", *more)
            result = replayer("load", "latest", "--target", there.url, "--model", "m", "-o", replayer.results, *given)
            assert result.exit_code == 0, result.output
            return [request.json for request in there.received if len(request.body) > 500]

    once, again = played(), played()
    assert {json.dumps([body["tools"], body["system"]]) for body in once + again} == {
        json.dumps([talks.body()["tools"], talks.system()])
    }
    marks = [body["messages"][0]["content"][0]["text"] for body in once + again]
    assert len(set(marks)) == 4  # an agent keeps its own, and the next load has others
    assert [unmarked(body) for body in sorted(once, key=size)] == [unmarked(body) for body in sorted(again, key=size)]
    assert len({json.dumps(body["messages"][:1]) for body in played("--shared", "all")}) == 1


def size(body: Any) -> int:
    return len(json.dumps(body))


def unmarked(body: Any) -> Any:
    first, *others = body["messages"]
    return [{**first, "content": first["content"][1:]}, *others]


def test_sessions_begin_by_a_clock_whether_or_not_the_server_keeps_up(replayer: Replayer, address: str) -> None:
    given = ("--rate", "600/min", "--clock", "constant", "--duration", "1s", "--think", "none")
    result = replayer(*asked(replayer, address, *given, "--format", "json"))
    assert result.exit_code == 0, result.output
    saved = results.load(folder_of(replayer))
    begun = {row.lane: row.due for row in saved.rows if row.turn == 1}
    assert begun == {lane: pytest.approx((lane - 1) * 0.1) for lane in range(1, 11)}
    assert [row["level"] for row in json.loads(result.stdout)] == ["600/min"]
    assert "Plays 1 session" in result.stderr


def test_a_server_that_refuses_is_data_and_the_reason_is_told(replayer: Replayer) -> None:
    def script(request: scripted.Received) -> scripted.Answer:
        if request.method != "POST" or len(request.body) < 500:  # not a turn
            return scripted.whole({}, status=404)
        return scripted.whole({"error": {"message": "Overloaded"}}, status=529, retry_after="0")

    given = ("--dialect", "anthropic", "--agents", 1, "--requests", 2, "--think", "none")
    with scripted.serving(script) as busy:
        result = replayer("load", "latest", "--target", busy.url, "--model", "m", "-o", replayer.results, *given)
    assert result.exit_code == 1
    assert "0% [0, 66] of 2 turns" in result.stdout
    assert "failed: 2 http_error" in result.stdout
    assert "✗ 2 × http_error: Overloaded" in result.stdout
    assert [(row.error, row.status) for row in results.load(folder_of(replayer)).rows] == [("http_error", 529)] * 2


def test_ctrl_c_keeps_and_shows_what_is_finished(replayer: Replayer) -> None:
    answer = scripted.stream(answers.events(answers.text("Hello")))

    def rows() -> str:
        return "".join(path.read_text() for path in replayer.results.rglob("rows.jsonl"))

    with scripted.serving(scripted.holding(answer, lambda: False, held_from=1)) as slow:
        given = ("--target", slow.url, "--dialect", "anthropic", "--model", "m", "--think", "none", "--agents", "2")
        process = replayer.start("latest", *given, command="load")
        try:
            assert eventually(rows)
            process.send_signal(signal.SIGINT)
            printed, complaints = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, complaints) == (130, "")
    assert "Stopped. This is what was finished:" in printed
    assert "2 agents: 100% [21, 100] of 1 turn:" in printed
    saved = results.load(folder_of(replayer))
    assert len(saved.rows) == 1
    assert [run.stopped for run in saved.runs] == [True]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nosuch",), "nosuch: no such file, folder, trace or session in "),
        (("latest", "--agents", "0"), "agents are written as in 8"),
        (("latest", "--agents", "1", "--rate", "6/min"), "can't be combined"),
        (("latest", "--rate", "6"), "no rate"),
        (("latest", "--slo", "ttft"), "an objective is written name=time"),
        (("latest", "--think", "long"), "a multiple such as 0.5x"),
        (("latest", "--duration", "0s"), "Duration is more than 0 seconds."),
        (("latest", "--warmup", "60s"), "Warmup must be shorter than the duration, 60 s."),
        (("latest", "--fix", "none,attribution"), "a load has one set of fixes"),
        (("latest", "--target", "http://127.0.0.1:9"), "doesn't answer at http://127.0.0.1:9"),
    ],
)
def test_an_error_that_a_user_can_fix_is_reported_in_a_line(
    replayer: Replayer, arguments: tuple[str, ...], complaint: str
) -> None:
    result = replayer("load", *arguments)
    assert result.exit_code in (1, 2)
    assert complaint in result.stderr
    assert "Traceback" not in result.output


def test_live_answers_need_a_format_in_which_an_answer_is_one_message(replayer: Replayer, address: str) -> None:
    result = replayer(*asked(replayer, address, "--answers", "live", "--dialect", "responses"))
    assert result.exit_code == 1
    assert "--answers live works in the API formats anthropic and chat, not in responses" in result.stderr


def test_a_folder_that_holds_no_load_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match=r"plan\.json: No such file"):
        results.load(tmp_path)
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(ResultError, match="isn't as `trace-replayer load` writes it"):
        results.load(tmp_path)
