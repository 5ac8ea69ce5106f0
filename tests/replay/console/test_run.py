"""The report of one run."""

from dataclasses import replace

import pytest

from replay.console import run
from replay.exchange import ReplayError
from replay.result import Metrics, ReplayResult
from tests.support import answers, replays
from tests.support.golden import golden
from traces.metrics import InputUsage, Speed


def block(*results: ReplayResult) -> str:
    return "\n\n".join(f"{run.head(each.run)}\n{run.report(each)}" for each in results) + "\n"


def test_every_measure_of_a_run_has_its_line() -> None:
    plain = replays.result(usage=None)
    full = replays.result(
        tool=8.5,
        message=answers.message(answers.tool("Read", file_path="/x"), answers.tool("Read", file_path="/y")),
        verdicts=replays.RIGHT,
    )
    doubtful = replays.result(
        usage=InputUsage(1_000, None, None),
        verdicts=replays.wrong(),
        doubts=("the client fell behind by 20 ms",),
        notes=("thinking: dropped",),
    )
    estimated = replace(
        doubtful.metrics, output_by="estimate", output_reported=None, decode=Speed(65.28, estimated=True)
    )
    unknown = replace(plain, metrics=Metrics())
    shown = block(plain, full, replace(doubtful, metrics=estimated), unknown, replays.failed())
    assert shown == golden("replay/runs.txt", shown)


def test_a_count_that_cannot_be_true_is_beside_our_estimate() -> None:
    assert "(about 105 tokens; the server says 0, which can't be true)" in run.report(
        replays.result(tokens=105, reported=0)
    )
    assert "(105 tokens)" in run.report(replays.result(tokens=105))


def test_a_model_that_was_not_asked_is_named() -> None:
    assert "⚠ tiny answered, not nope" in run.report(replays.result("nope", answered="tiny"))
    assert "answered" not in run.report(replays.result("tiny", answered="/models/tiny.gguf"))


def test_among_many_a_run_is_one_line() -> None:
    warmup = replays.result("a", 0)
    wrong = replays.result("a", 1, verdicts=replays.wrong(), decode=None, doubts=("late", "busy"))
    assert [run.line(each, 3, 10) for each in (warmup, wrong, replays.failed("a", message="500: no\x1b[2J"))] == [
        "✓ [3/10] a (warm-up), first token 2.41s, total 9.12s, 65.3 tokens/s",
        "✓ [3/10] a, first token 2.41s, total 9.12s, incorrect, not to be trusted",
        "✗ [3/10] a: 500: no\\x1b[2J",
    ]


def test_the_notes_of_a_run_that_failed_are_shown_too() -> None:
    failed = replace(replays.failed("a"), notes=("thinking: dropped",))
    assert run.report(failed).endswith("model 'gone' not found\nNote: thinking: dropped")


def test_the_status_of_a_broken_stream_is_left_out() -> None:
    assert run.reason(ReplayError("server_disconnected", "Connection reset", 200)) == "Connection reset"


@pytest.mark.parametrize(
    ("message", "shown"), [("model 'a' not found", "404: model 'a' not found"), ("HTTP 404: no", "HTTP 404: no")]
)
def test_a_failure_has_its_status_once(message: str, shown: str) -> None:
    assert run.failure(replays.failed("a", message=message)) == f"a: {shown}"


def test_an_answer_that_cannot_be_judged_is_not_called_correct() -> None:
    shown = run.report(replays.result(verdicts=replays.unjudged()))
    assert "Correct:            unknown" in shown
    assert "\n? Read: not judged by type: file" in shown
    assert "correctness unknown" in run.line(replays.result(verdicts=replays.unjudged()), 1, 2)
