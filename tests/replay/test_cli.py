"""The commands as a user calls them, against the built-in server."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from replay.calibrate import server
from replay.calibrate.server import Plan
from replay.cli import main
from replay.results import files
from tests.support import answers, chat_answers, flows, replays, scripted, synthetic
from tests.support.patience import PATIENCE, eventually
from tests.support.replayer import Replayer

QUICK = Plan(delay=30, chunks=5, gap=5).model
SLOWER = Plan(delay=90, chunks=5, gap=5).model


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server.start() as url:
        yield url


@pytest.fixture
def replayer(tmp_path: Path) -> Replayer:
    """With the synthetic traces in its folder."""
    found = Replayer(tmp_path)
    synthetic.write_all(synthetic.all_kinds(), found.traces)
    return found


def test_a_replay_is_shown_and_saved(replayer: Replayer, address: str) -> None:
    result = replayer.replay("2025-10-26T14-23-45-123", "--target", address, "--model", QUICK)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:2] == [f"Replaying trace to model: {QUICK}", "Request: 3 messages, 4 tools"]
    assert [line.partition(":")[0] for line in lines if ":" in line][2:7] == [
        "Prompt Processing",
        "Token Generation",
        "Total Time",
        "Generation Speed",
        "End-to-end Speed",
    ]
    (path,) = replayer.saved
    assert lines[-1] == f"✓ Result saved to: {path}"
    assert files.load(path).metrics.output == 5


def test_an_exchange_that_was_translated_is_replayed_to_the_server_that_answered_it(tmp_path: Path) -> None:
    replayer = Replayer(tmp_path)
    trace = synthetic.translated()
    file = synthetic.write(trace, replayer.traces)
    said = (answers.text("The other file, then."), answers.tool("Read", file_path="/etc/hosts"))

    def script(request: scripted.Received) -> scripted.Answer:
        if request.path != "/v1/chat/completions":
            return scripted.whole({"error": {"message": "Not Found"}}, status=404)
        if len(request.body) < 100:  # the question whether the server has this path
            return scripted.whole({"error": {"message": "no messages"}}, status=400)
        return scripted.stream(chat_answers.chunks(*said))

    with scripted.serving(script) as only_chat:
        result = replayer.replay(file, "--target", only_chat.url, "--model", "m")
    assert result.exit_code == 0, result.output
    sent = only_chat.posts[-1].json
    assert trace.upstream is not None
    upstream: Any = trace.upstream.exchange.request.body
    assert [message["role"] for message in sent["messages"]] == [message["role"] for message in upstream["messages"]]
    (path,) = replayer.saved
    assert files.load(path).error is None


def test_a_failure_is_a_result_and_exit_code_1(replayer: Replayer) -> None:
    refusal = {"error": {"type": "not_found_error", "message": "model 'gone' not found"}}
    with scripted.serving([scripted.whole(refusal, status=404)]) as broken:
        result = replayer.replay("latest", "--target", broken.url, "--dialect", "anthropic", "--model", "gone")
    assert result.exit_code == 1
    assert "✗ gone: " in result.stdout
    assert "model 'gone' not found" in result.stdout
    (path,) = replayer.saved
    assert files.load(path).error is not None


def test_a_try_that_succeeded_later_is_kept_but_is_no_failure(replayer: Replayer) -> None:
    busy = scripted.whole({"error": {"message": "Overloaded"}}, status=529)
    tries = iter([busy])

    def script(request: scripted.Received) -> scripted.Answer:
        if request.method != "POST" or len(request.body) < 100:  # not a question of what the server is
            return scripted.whole({}, status=404)
        return next(tries, scripted.stream(answers.events(answers.text("Hello"))))

    with scripted.serving(script) as server_that_fixes:
        asked = ["--target", server_that_fixes.url, "--dialect", "anthropic", "--model", "m"]
        result = replayer.replay("latest", *asked, "--retries", 1)
    assert result.exit_code == 0
    assert [files.load(path).success for path in replayer.saved] == [False, True]


def test_models_take_turns_and_are_compared_at_the_end(replayer: Replayer, address: str) -> None:
    asked = ["--model", SLOWER, "--model", QUICK, "--runs", 2, "--warmup", 1, "--seed", 4]
    result = replayer.replay("latest", "--target", address, *asked)
    assert result.exit_code == 0
    assert "order of the seed 4" in result.stdout
    assert [line[:7] for line in result.stdout.splitlines()[1:7]] == [f"✓ [{number}/6]" for number in range(1, 7)]
    assert "REPLAY COMPARISON" in result.stdout
    assert len(replayer.saved) == 6


def test_a_folder_is_replayed_request_by_request(replayer: Replayer, address: str) -> None:
    result = replayer.replay(replayer.traces, "--target", address, "--model", QUICK)
    assert result.exit_code == 0
    assert {files.load(path).run.trace.tools for path in replayer.saved} == {0, 4}


def test_every_exchange_in_a_flow_file_is_replayed(replayer: Replayer, address: str, tmp_path: Path) -> None:
    flows.recorded_flow(tmp_path / "evening.flow", exchanges=2)
    result = replayer.replay(tmp_path / "evening.flow", "--target", address, "--model", QUICK)
    assert result.exit_code == 0
    runs = [files.load(path).run for path in replayer.saved]
    assert [run.trace.messages for run in runs] == [1, 1]
    assert len({run.trace.hash for run in runs}) == 2


def test_settings_go_into_the_body_and_into_the_result(replayer: Replayer, address: str) -> None:
    replayer.replay("latest", "--target", address, "--model", QUICK, "--set", "temperature=0", "--set", "top_p=0.5")
    (path,) = replayer.saved
    assert files.load(path).settings == {"temperature": 0, "top_p": 0.5}


def test_ctrl_c_keeps_what_is_finished_and_resume_does_the_rest(replayer: Replayer) -> None:
    may_answer = threading.Event()
    answer = scripted.stream(answers.events(answers.tool("Read", file_path="/x")))
    with scripted.serving(scripted.holding(answer, may_answer.is_set, held_from=1)) as slow:
        to = ["--target", slow.url, "--dialect", "anthropic", "--model", "m"]
        asked = ["2025-10-26T14-23-45-123", *to, "--runs", 4]
        process = replayer.start(*asked)
        assert eventually(lambda: replayer.saved)
        process.send_signal(signal.SIGINT)
        printed, complaints = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert len(replayer.saved) == 1
        assert "1 result is saved" in printed
        assert "--resume" in printed
        assert complaints == ""

        may_answer.set()
        rest = replayer.replay(*asked, "--resume")
        assert rest.exit_code == 0
        assert sorted(files.load(path).run.round for path in replayer.saved) == [1, 2, 3, 4]
        assert "4 runs show large differences only" in rest.stdout
        again = replayer.replay(*asked, "--resume")
        assert "Nothing is left to do" in again.stdout
        assert "4 runs show large differences only" in again.stdout


def test_what_other_plans_saved_is_not_compared_when_one_goes_on(replayer: Replayer, address: str) -> None:
    asked = ["2025-10-26T14-23-45-123", "--target", address]
    replayer.replay(*asked, "--model", SLOWER)
    replayer.replay(*asked, "--model", QUICK)
    result = replayer.replay(*asked, "--model", QUICK, "--runs", 2, "--resume")
    assert "2 runs show large differences only" in result.stdout
    assert SLOWER not in result.stdout


def test_if_no_server_listens_each_run_to_a_named_model_is_a_failed_result(replayer: Replayer) -> None:
    asked = ["--target", "http://127.0.0.1:9", "--model", "a", "--model", "b"]
    result = replayer.replay("latest", *asked)
    assert result.exit_code == 1
    assert "✗ [1/2] " in result.stdout
    assert "connection refused: nothing listens there" in result.stdout
    kinds = [(saved.run.model, saved.error and saved.error.kind) for saved in map(files.load, replayer.saved)]
    assert sorted(kinds) == [("a", "refused"), ("b", "refused")]


def test_the_models_of_a_server_are_listed(replayer: Replayer, address: str) -> None:
    assert "known-times" in replayer("models", "--target", address).stdout
    document = json.loads(replayer("models", "--target", address, "--format", "json").stdout)
    assert document["models"][0]["name"].startswith("known-times")


def test_calibration_prints_a_line_for_each_number_of_streams(replayer: Replayer) -> None:
    result = replayer("calibrate", "--streams", 64)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].split()[0] == "64"


def test_results_in_a_folder_are_compared_and_other_files_reported(replayer: Replayer) -> None:
    for made in (replays.result("a"), replays.failed("b")):
        files.save(made, replayer.results)
    (replayer.results / "notes.json").write_text("{")
    result = replayer("compare", replayer.results)
    assert result.exit_code == 0
    assert "Average (1 successful)" in result.stdout
    assert result.stderr.startswith(f"Warning: skipped {replayer.results}/notes.json: Invalid JSON")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["replay", "nowhere"], "nowhere: no such file, folder, trace or session in"),
        (["replay", "latest", "--target", "nobody"], "nobody is not a known target."),
        (["replay", "latest", "--target", "http://127.0.0.1:9"], "The server doesn't answer at http://127.0.0.1:9"),
        (["compare", "nowhere"], "nowhere: no such file or folder. To make some: trace-replayer replay"),
        (["models", "--target", "http://127.0.0.1:9"], "The server doesn't answer at http://127.0.0.1:9"),
    ],
)
def test_an_error_that_a_user_can_fix_is_one_line(replayer: Replayer, arguments: list[str], complaint: str) -> None:
    result = replayer(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: {complaint}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["replay", "--set", "temperature"],
        ["replay", "--set", "model=null"],
        ["replay", "--runs", "0"],
        ["replay", "--timeout", "nan"],
        ["replay", "--stall-timeout", "0"],
        ["compare", "x", "--sort", "luck"],
    ],
)
def test_a_wrong_option_is_reported_before_anything_is_done(replayer: Replayer, arguments: list[str]) -> None:
    assert replayer(*arguments).exit_code == 2


def test_without_traces_the_error_says_how_to_record_one(tmp_path: Path) -> None:
    assert "run Claude Code through the proxy" in Replayer(tmp_path).replay("latest").stderr


def test_a_shell_is_offered_the_names_of_traces(tmp_path: Path) -> None:
    synthetic.write(synthetic.text(), tmp_path)
    typed = {"_TRACE_REPLAYER_COMPLETE": "bash_complete", "COMP_WORDS": "trace-replayer replay ", "COMP_CWORD": "2"}
    offered = CliRunner().invoke(
        main, [], env={**typed, "ANYCLAUDE_TRACE_DIR": str(tmp_path)}, prog_name="trace-replayer"
    )
    assert {"plain,latest", "plain,last:2", "plain,2025-10-26T14-23-50-000"} <= set(offered.stdout.split())


def test_what_is_slow_to_import_waits_until_it_is_used() -> None:
    slow = "{'jsonschema', 'mitmproxy', 'numpy', 'replay.compare.compare', 'tabulate', 'traces.dialects'}"
    code = f"import replay.cli, sys; print({slow} & set(sys.modules))"

    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"
