"""A plan carried out from its traces to its exit code, against the built-in server.

What is seen while runs go on.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from replay.calibrate import server
from replay.calibrate.server import Plan as Timing
from replay.console import runner
from replay.console.runner import Live, Plan, Runner
from replay.errors import ResultError
from replay.exchange import Progress
from replay.request import Options, Run
from replay.result import RunEvent
from replay.results import files
from tests.support import answers, replays, scripted, synthetic
from traces.model import Request, Response, Trace

QUICK = Timing(delay=10, chunks=3, gap=5).model
QUICKER = Timing(delay=5, chunks=3, gap=5).model


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server.start() as url:
        yield url


def plan(address: str, folder: Path, **changed: Any) -> Plan:
    asked: dict[str, Any] = {
        "traces": [synthetic.text()],
        "models": [QUICK],
        "dialect": None,
        "options": Options(),
        "resume": False,
    }
    return Plan(folder=folder, **{**asked, "target": address, **changed})


def test_the_options_of_a_command_get_a_seed_where_none_was_given() -> None:
    assert runner.options({"seed": 4, "runs": 2}) == Options(seed=4, runs=2)
    assert {runner.options({"seed": None}).seed for _ in range(20)} != {0}


def test_what_is_kept_is_what_was_saved(address: str, tmp_path: Path) -> None:
    played = Runner(plan(address, tmp_path, options=Options(runs=2, warmup=1)))

    assert played.play() == 0
    assert [result.run.round for result in played.results] == [0, 1, 2]
    assert files.load_all([tmp_path], []) == played.results


@pytest.mark.parametrize(
    ("traces", "models", "runs", "printed"), [(1, 2, 1, False), (2, 1, 2, True), (1, 2, 2, True), (1, 1, 2, False)]
)
def test_the_seed_is_printed_where_it_draws_an_order(
    address: str,
    tmp_path: Path,
    traces: int,
    models: int,
    runs: int,
    printed: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recordings, asked = [synthetic.text(), synthetic.tool_call()][:traces], [QUICK, QUICKER][:models]
    Runner(plan(address, tmp_path, traces=recordings, models=asked, options=Options(runs=runs, seed=4))).play()
    assert ("order of the seed 4" in capsys.readouterr().out) is printed


def test_where_nothing_can_be_saved_nothing_is_sent(address: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "within", Path("/dev/null")):
        played = Runner(plan(address, folder))
        with pytest.raises(ResultError, match=f"^{folder}: is not a folder. Name another with --output.$"):
            played.play()
        assert played.results == []


def test_what_was_measured_is_shown_though_it_can_not_be_saved(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder goes away during the run, and a file takes its place."""
    folder = tmp_path / "results"

    class Unlucky(Runner):
        def _on_event(self, event: RunEvent) -> None:
            super()._on_event(event)
            if event.result is not None:
                folder.rmdir()
                folder.touch()

    with pytest.raises(FileExistsError):
        Unlucky(plan(address, folder)).play()
    assert "Generation Speed" in capsys.readouterr().out


def test_one_model_that_fails_fails_the_session_and_the_other_is_still_asked(address: str, tmp_path: Path) -> None:
    played = Runner(plan(address, tmp_path, models=["gone", QUICK]))

    assert played.play() == 1
    assert [(result.run.model, result.success) for result in played.results] == [("gone", False), (QUICK, True)]


def test_without_a_models_name_a_session_that_goes_on_compares_the_runs_of_the_one_that_is_loaded(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The built-in server has its default model loaded."""
    Runner(plan(address, tmp_path)).play()
    Runner(plan(address, tmp_path, models=[])).play()
    capsys.readouterr()
    again = Runner(plan(address, tmp_path, models=[], options=Options(runs=2), resume=True))

    assert again.play() == 0
    assert [result.run.round for result in again.results] == [2]
    shown = capsys.readouterr().out
    assert "2 runs show large differences only" in shown
    assert QUICK not in shown


@pytest.mark.parametrize(
    "changed",
    [
        {"target": "another"},
        {"dialect": "chat"},
        {"options": Options(settings={"temperature": 0})},
        {"options": Options(cache="cold")},
        {"models": [QUICKER]},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_was_saved_of_another_request_or_server_is_not_taken_for_this_one(
    address: str, tmp_path: Path, changed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    Runner(plan(address, tmp_path)).play()
    capsys.readouterr()
    with server.start() as another:
        changed = {name: another if value == "another" else value for name, value in changed.items()}
        for left in (1, 0):
            again = Runner(plan(address, tmp_path, resume=True, **changed))
            assert again.play() == 0
            assert len(again.results) == left
    assert "REPLAY COMPARISON" not in capsys.readouterr().out


def busy_once() -> Any:
    """Refuse the first request and answer all others."""
    busy = iter([scripted.whole({"error": {"message": "Overloaded"}}, 500)])

    def script(request: scripted.Received) -> scripted.Answer:
        if b'"stream"' not in request.body:
            return scripted.whole({}, 404)
        return next(busy, scripted.stream(answers.events(answers.text("Hello"))))

    return script


def test_a_trace_that_failed_is_a_failure_though_another_asks_the_same(tmp_path: Path) -> None:
    twins = [replace(synthetic.text(), source=Path(f"{name}.json")) for name in ("one", "two")]
    with scripted.serving(busy_once()) as model_server:
        asked = {"traces": twins, "models": ["m"], "dialect": "anthropic"}
        first = Runner(plan(model_server.url, tmp_path, **asked))
        assert first.play() == 1
        assert [result.success for result in first.results] == [False, True]
        again = Runner(plan(model_server.url, tmp_path, resume=True, **asked))
        assert again.play() == 0
        assert [result.run.trace.name for result in again.results] == ["one"]


def test_what_was_not_sent_as_recorded_is_noted_once_for_all_runs(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Runner(plan(address, tmp_path, dialect="chat", traces=[synthetic.tool_call()], options=Options(runs=2))).play()
    shown = capsys.readouterr().out
    assert shown.count("Note: translated from the API format anthropic to chat") == 1
    assert shown.count("thinking of an earlier answer: dropped") == 1


def test_a_warm_up_that_fails_is_no_failure_of_what_was_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted.serving(busy_once()) as model_server:
        played = Runner(plan(model_server.url, tmp_path, models=["m"], dialect="anthropic", options=Options(warmup=1)))
        assert played.play() == 0
    assert [result.success for result in played.results] == [False, True]
    assert "REPLAY COMPARISON" not in capsys.readouterr().out


def test_each_recording_in_a_folder_is_sent_in_its_own_format(address: str, tmp_path: Path) -> None:
    url, body = "http://localhost:1234/v1/chat/completions", {"messages": [{"role": "user", "content": "Hi"}]}
    chat = replace(synthetic.text(), request=Request("POST", url, {}, body))
    played = Runner(plan(address, tmp_path, traces=[synthetic.text(), chat]))
    assert played.play() == 0
    assert [result.target.dialect for result in played.results] == ["anthropic", "chat"]


RUN = Run(replays.SIMPLE, "llama-3.1-8b")


def seen(*events: RunEvent) -> list[str]:
    lines: list[str] = []
    live = Live(lines.append)
    for event in events:
        live(event)
    return lines


def at(elapsed: float, chunks: int) -> Progress:
    return Progress(elapsed, chunks, chunks * 4)


def test_a_run_waits_then_writes() -> None:
    states = [RunEvent(RUN, 1, 1, loading=True), RunEvent(RUN, 1, 1)]
    states += [RunEvent(RUN, 1, 1, progress=at(*each)) for each in ((1.5, 0), (2.0, 1), (3.0, 41))]
    assert seen(*states) == [
        "llama-3.1-8b is being loaded",
        "llama-3.1-8b 0.0 s, waiting for the first token",
        "llama-3.1-8b 1.5 s, waiting for the first token",
        "llama-3.1-8b 2.0 s, about 1 tokens",
        "llama-3.1-8b 3.0 s, about 41 tokens, 40.0 tokens/s",
    ]


def test_the_speed_is_that_of_the_current_run() -> None:
    first, second = (RunEvent(RUN, number, 2, progress=at(1.0, 1)) for number in (1, 2))
    assert "tokens/s" not in seen(first, RunEvent(RUN, 2, 2), second)[-1]


@pytest.mark.parametrize(("number", "bar"), [(1, "░" * 20 + " 1/10"), (6, "█" * 10 + "░" * 10 + " 6/10")])
def test_a_bar_shows_how_far_all_runs_have_come(number: int, bar: str) -> None:
    assert seen(RunEvent(RUN, number, 10)) == [f"{bar} llama-3.1-8b 0.0 s, waiting for the first token"]


def answered_by(model: str) -> Trace:
    trace = synthetic.text()
    return replace(trace, response=Response(200, {}, answers.message(answers.text("Paris."), model=model)))


def test_the_recorded_model_is_asked_again_as_a_control(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = Timing().model
    played = Runner(plan(address, tmp_path, traces=[answered_by(listed)], control=True))

    assert played.play() == 0
    assert [result.run.model for result in played.results] == [QUICK, listed]
    printed = capsys.readouterr().out
    assert f"{listed}, which was recorded, agrees with its own recording in 1 of 1" in printed
    assert "No control" not in printed


def test_a_server_without_the_recorded_model_is_reported(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played = Runner(plan(address, tmp_path, traces=[answered_by("claude-x")], control=True))

    assert played.play() == 0
    assert [result.run.model for result in played.results] == [QUICK]
    assert "No control: the server doesn't have the recorded model, claude-x." in capsys.readouterr().out
