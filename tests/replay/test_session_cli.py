"""`trace-replayer session` as a user calls it, against the built-in server and against servers that fail."""

import csv
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from replay.calibrate import server
from replay.calibrate.server import Plan
from replay.results import files
from tests.support import answers, scripted, synthetic, talks
from tests.support.patience import PATIENCE, eventually
from tests.support.replayer import Replayer

MODEL = Plan(delay=30, chunks=3, gap=5).model


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server.start() as url:
        yield url


@pytest.fixture
def replayer(tmp_path: Path) -> Replayer:
    """With a session of three turns in its folder; the billing header changes with each."""
    found = Replayer(tmp_path)
    talk, messages = talks.Talk(), [talks.user("What is it?")]
    for number in range(3):
        header = f"cch={number}{number}{number}{number}{number};"
        talk.ask(talks.body(*messages, system=talks.system(header), max_tokens=9), talks.said(f"It is {number}."))
        messages += [talks.said(f"It is {number}."), talks.user("And now?")]
    synthetic.write_all(talk.traces, found.traces)
    return found


def saved(replayer: Replayer) -> list[Path]:
    return sorted(replayer.results.rglob("*.json"))


def test_each_turn_is_reported_and_saved_and_the_table_comes_last(replayer: Replayer, address: str) -> None:
    asked = ("--target", address, "--model", MODEL, "--fix", "none,attribution", "--output", replayer.results)
    result = replayer("session", talks.SESSION[:8], *asked)
    assert result.exit_code == 0
    first, *turns = result.stdout.splitlines()
    assert first == f"Session {talks.SESSION[:8]}: 3 turns of one agent, to {MODEL}"
    assert [line.split()[:3] for line in turns[:6]] == [
        [variant, "turn", number] for variant in ("none", "attribution") for number in "123"
    ]
    assert "TTFT attribution" in result.stdout
    assert "times as fast" in result.stdout
    assert "CLAUDE_CODE_ATTRIBUTION_HEADER=0" in result.stdout
    assert [path.parent.name for path in saved(replayer)] == ["attribution-1"] * 3 + ["none-1"] * 3
    (table,) = replayer.results.rglob("session.csv")
    assert [row["turn"] for row in csv.DictReader(table.read_text().splitlines())] == ["1", "2", "3", "all"]


def test_what_was_saved_can_be_compared(replayer: Replayer, address: str) -> None:
    replayer("session", "latest", "--target", address, "--model", MODEL, "--output", replayer.results)
    compared = replayer("compare", replayer.results)
    assert compared.exit_code == 0
    assert "3 different requests" in compared.stdout
    assert compared.stderr == ""


def test_a_machine_reads_the_table_alone(replayer: Replayer, address: str) -> None:
    asked = ("--target", address, "--model", MODEL, "--output", replayer.results, "--format", "json", "--runs", 2)
    result = replayer("session", "latest", *asked)
    assert [row["turn"] for row in json.loads(result.stdout)] == [1, 2, 3, "all"]
    assert result.stderr.count("turn   1") == 2


def test_the_recorded_pace_is_kept(replayer: Replayer, address: str) -> None:
    begun = time.monotonic()
    talk = talks.Talk(step=0.5)
    for text in ("One", "Two"):
        talk.ask(talks.body(talks.user(text), max_tokens=9), talks.said("Yes."))
    folder = replayer.home / "quick"
    synthetic.write_all(talk.traces, folder)
    asked = ("--target", address, "--model", MODEL, "--output", replayer.results, "--pace", "recorded")
    assert replayer("session", folder, *asked).exit_code == 0
    assert time.monotonic() - begun >= 0.5


def test_a_turn_that_fails_is_a_result_and_the_others_go_on(replayer: Replayer) -> None:
    refused = scripted.whole({"error": {"message": "Overloaded"}}, status=529)
    turns = iter([refused])

    def script(request: scripted.Received) -> scripted.Answer:
        if request.method != "POST" or len(request.body) < 500:  # not a turn
            return scripted.whole({}, status=404)
        return next(turns, scripted.stream(answers.events(answers.text("Hello"))))

    with scripted.serving(script) as broken:
        asked = ("--target", broken.url, "--dialect", "anthropic", "--model", "m", "--output", replayer.results)
        result = replayer("session", "latest", *asked)
    assert result.exit_code == 1
    assert "✗ Overloaded" in result.stdout
    assert [files.load(path).success for path in saved(replayer)] == [False, True, True]


def test_ctrl_c_keeps_and_shows_what_is_finished(replayer: Replayer) -> None:
    answer = scripted.stream(answers.events(answers.text("Hello")))
    with scripted.serving(scripted.holding(answer, lambda: False, held_from=1)) as slow:
        asked = ("--target", slow.url, "--dialect", "anthropic", "--model", "m")
        process = replayer.start("latest", *asked, command="session")
        assert eventually(lambda: saved(replayer))
        process.send_signal(signal.SIGINT)
        printed, complaints = process.communicate(timeout=PATIENCE)
    assert (process.returncode, complaints) == (130, "")
    assert len(saved(replayer)) == 1
    assert "Stopped. This is what was finished:" in printed
    assert "TTFT none" in printed


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nosuch",), "nosuch: no such file, folder, trace or session in "),
        (("latest", "--fix", "slots"), "That is fixed outside of requests. llama.cpp: llama-server -np 2"),
        (("latest", "--mend", "slots"), "That is fixed outside of requests. llama.cpp: llama-server -np 2"),
        (("latest", "--target", "http://127.0.0.1:9"), "doesn't answer at http://127.0.0.1:9"),
    ],
)
def test_an_error_that_a_user_can_fix_is_reported(
    replayer: Replayer, arguments: tuple[str, ...], complaint: str
) -> None:
    result = replayer("session", *arguments)
    assert result.exit_code in (1, 2)
    assert complaint in result.stderr


def test_an_id_that_is_a_path_leads_nowhere(replayer: Replayer, address: str) -> None:
    talk = talks.Talk().ask(talks.body(talks.user("Hi"), max_tokens=9), talks.said("Hello"), session="../../up\x1b")
    folder = replayer.home / "odd"
    synthetic.write_all(talk.traces, folder)
    result = replayer("session", folder, "--target", address, "--model", MODEL, "--output", replayer.results)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert [path.name.partition("_2")[0] for path in replayer.results.iterdir()] == ["______up"]


def test_the_sessions_of_a_folder_are_replayed_as_one(replayer: Replayer, address: str) -> None:
    other = talks.Talk().ask(talks.body(talks.user("Hi"), max_tokens=9), talks.said("Hello"), session="0" * 36)
    synthetic.write_all(other.traces, replayer.traces / "other")
    result = replayer("session", replayer.traces, "--target", address, "--model", MODEL, "--output", replayer.results)
    assert result.exit_code == 0
    assert " and 1 more: 4 turns of 2 agents, to " in result.stdout
    assert len(saved(replayer)) == 4
